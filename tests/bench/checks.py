"""Looks closely at one answer of each kind before anything is measured; the load then checks every answer quickly."""

import http.client
import json
import re

from servers import HOST, Server, Trouble

DELTAS = 200


def check_answers(server: Server, model: str) -> None:
    """Raises Trouble when the server's answers are not what a client needs."""
    whole = json.loads(_post(server, model, stream=False))
    message = whole["choices"][0]["message"]
    _demand(server, model, len(message["content"]) > 600 and "Novgorod" in message["content"], "the text is not whole")
    _demand(server, model, whole["choices"][0]["finish_reason"] == "stop", "finish_reason is not stop")
    _demand(server, model, whole["usage"]["prompt_tokens"] == 420, "the usage is wrong")

    events = [line[6:] for line in _post(server, model, stream=True).split("\n") if line.startswith("data: ")]
    _demand(server, model, events[-1:] == ["[DONE]"], "the stream has no [DONE]")
    chunks = [json.loads(event) for event in events[:-1]]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    _demand(server, model, re.findall(r" w0(\d{3})", text) == [f"{i:03d}" for i in range(DELTAS)], "deltas are missing")
    reasons = [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]
    _demand(server, model, reasons == ["stop"], f"finish reasons of the stream: {reasons}")
    usages = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    _demand(server, model, len(usages) == 1 and usages[0]["completion_tokens"] == 400, f"usage of the stream: {usages}")


def _post(server: Server, model: str, stream: bool) -> str:
    request = {"model": model, "user": "bench-00000", "messages": [{"role": "user", "content": "Who goes there?"}],
               "max_tokens": 512}
    if stream:
        request |= {"stream": True, "stream_options": {"include_usage": True}}
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    connection.request("POST", "/v1/chat/completions", json.dumps(request, separators=(",", ":")),
                       {"Content-Type": "application/json", "Authorization": "Bearer bench-client-0123456789abcdef"})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    _demand(server, model, response.status == 200, f"status {response.status}: {body[:500]}")
    return body


def _demand(server: Server, model: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise Trouble(f"{server.name} answers '{model}' wrongly: {otherwise}")
