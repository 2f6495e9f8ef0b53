"""Real tokens: SmolLM2 in llama.cpp's own server behind Hanse, once over its OpenAI endpoint and once over its
Anthropic endpoint, asked by the official SDKs of both dialects. What the model says is its own affair; that it is
whole, counted and in the asked shape is Hanse's.

llama.cpp's Anthropic endpoint ignores `output_config`, so there the schema can't bind the model: those cases check,
on the wire, that the schema arrives at the server, and that the answer is whole.
"""

import asyncio
import json
import re
import sys
from pathlib import Path

from drivers import driver
from process import Process, wait_for
from provider import Call
from reading import read_chat, read_messages
from runner import Suite
from wire import call

suite = Suite("real-model")
HERE = Path(__file__).resolve().parent
ENDPOINTS = ["openai", "anthropic"]
PAIRS = [
    (f"{name}, {client} client, {endpoint} endpoint", (name, client, endpoint))
    for endpoint in ENDPOINTS
    for client in ("openai", "anthropic")
    for name in ("python", "python-async", "node")
]
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["city", "population"],
    "properties": {"city": {"type": "string", "enum": ["Rome", "Oslo", "Lima"]}, "population": {"type": "integer"}},
}


class Model:
    def __init__(self, lab):
        self.process: Process = lab.process([sys.executable, HERE / "model_server.py"], "model")
        self.url = self.process.wait_line(r"model: smollm2 on (http://\S+)", 60)[1]
        self.port = int(self.url.rpartition(":")[2])

    def metric(self, name: str) -> float:
        text = call(self.port, "GET", "/metrics").text()
        return float(re.search(rf"^llamacpp:{name} (\S+)", text, re.M)[1])

    def processing(self) -> float:
        return self.metric("requests_processing")


def model(lab) -> Model:
    return lab.keep("model", lambda: Model(lab))


def tee(lab):
    """Stands before the model's server, keeps what it is asked, and passes everything on as it is."""
    port = model(lab).port

    async def script(one: Call) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = re.sub(rb"(?im)^connection:.*\r\n", b"", one.request.head).replace(
            b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"
        )
        writer.write(head + one.request.body)
        while data := await reader.read(65536):
            await one.send(data)
        writer.close()
        one.close()

    return lab.keep("tee", lambda: lab.provider(script))


def gateway(lab):
    def make():
        url = model(lab).url
        return lab.hanse(
            {
                "provider": {
                    "openai-end": {"kind": "openai-compatible", "url": f"{url}/v1"},
                    "anthropic-end": {"kind": "anthropic", "url": url, "key_env": "E2E_KEY"},
                    "watched-end": {"kind": "anthropic", "url": tee(lab).url, "key_env": "E2E_KEY"},
                }
            }
        )

    return lab.keep("gateway", make)


def params(client: str, offer: str, prompt: str, tokens: int) -> dict:
    # Always the likeliest token: llama.cpp forgets message_start when an answer happens to begin with an emoji.
    values = {"model": offer, "max_tokens": tokens, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
    if client == "openai":
        values["stream_options"] = {"include_usage": True}
    return values


def read_answer(client: str, answer: dict):
    return read_chat(answer) if client == "openai" else read_messages(answer)


def check_whole(client: str, outcome, tokens: int):
    answer = read_answer(client, outcome.ok())
    assert answer.text.strip(), f"no text: {outcome.answer}"
    assert answer.stop in ("end", "length"), answer
    assert answer.usage and answer.usage.input > 5, f"usage: {outcome.answer}"
    assert 0 < answer.usage.output <= tokens, f"usage: {outcome.answer}"
    assert answer.model == "smollm2", answer.model
    assert outcome.headers.get("x-request-id"), outcome.headers
    return answer


@suite.each(PAIRS, limit_s=90)
def streams_an_answer(lab, pair):
    name, client, endpoint = pair
    outcome = driver(name).chat(
        client, gateway(lab).base, params(client, f"{endpoint}-end/smollm2", "Say hello.", 24), True
    )
    check_whole(client, outcome, 24)
    assert outcome.events > 5, f"{outcome.events} events is no stream"
    assert outcome.headers.get("x-hanse-offer") == f"{endpoint}-end/smollm2", outcome.headers


@suite.each(PAIRS, limit_s=90)
def answers_in_one_piece(lab, pair):
    name, client, endpoint = pair
    asked = params(client, f"{endpoint}-end/smollm2", "Say hello.", 24)
    asked.pop("stream_options", None)
    check_whole(client, driver(name).chat(client, gateway(lab).base, asked), 24)


@suite.each(PAIRS, limit_s=90)
def keeps_to_a_json_schema(lab, pair):
    name, client, endpoint = pair
    offer = "openai-end/smollm2" if endpoint == "openai" else "watched-end/smollm2"
    asked = params(client, offer, "Name a city and its population, as JSON.", 60)
    if client == "openai":
        asked["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": SCHEMA, "strict": True},
        }
    else:
        asked["output_config"] = {"format": {"type": "json_schema", "schema": SCHEMA}}
    answer = check_whole(client, driver(name).chat(client, gateway(lab).base, asked, True), 60)
    if endpoint == "openai":
        value = json.loads(answer.text)
        assert value["city"] in ("Rome", "Oslo", "Lima") and isinstance(value["population"], int) and len(value) == 2, (
            value
        )
    else:
        assert tee(lab).last().json()["output_config"]["format"]["schema"] == SCHEMA, tee(lab).last().body


LONG = "Write a very long story about a ship, a harbour and a storm. Do not stop."


@suite.each(PAIRS, limit_s=90)
def a_client_that_cancels_stops_the_model(lab, pair):
    name, client, endpoint = pair
    server, hanse = model(lab), gateway(lab)
    before = server.metric("tokens_predicted_total")
    outcome = driver(name).chat(
        client, hanse.base, params(client, f"{endpoint}-end/smollm2", LONG, 1500), True, stop_after=6
    )
    assert outcome.events >= 6 and outcome.answer is None, f"the stream was over before it could be left: {outcome}"
    wait_for(lambda: server.processing() == 0, 3, "the model's server to stop working")
    spent = server.metric("tokens_predicted_total") - before
    assert spent < 400, f"the model made {spent} tokens for a client that left after a few"
    hanse.wait_idle()


@suite.each(
    [
        (f"{client} client, {endpoint} endpoint", (client, endpoint))
        for client in ("openai", "anthropic")
        for endpoint in ENDPOINTS
    ],
    limit_s=60,
)
def the_models_metrics_show_the_end_of_the_work(lab, pair):
    client, endpoint = pair
    server, hanse = model(lab), gateway(lab)
    path = "/v1/chat/completions" if client == "openai" else "/v1/messages"
    wire, head = hanse.open_stream(path, {**params(client, f"{endpoint}-end/smollm2", LONG, 1500), "stream": True})
    assert head.status == 200
    wire.read_until(b"data:")
    assert server.processing() == 1, "it should be at work now"
    wire.close()
    wait_for(lambda: server.processing() == 0, 3, "the model's server to stop working")
    hanse.wait_idle()


CUT_AFTER = 25  # events of its stream


def carried(lab):
    """A Hanse before the model's server twice: once through a line that breaks in the middle, then as it is."""

    async def break_off(one: Call) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", model(lab).port)
        writer.write(one.request.head + one.request.body)
        sent = b""
        while sent.count(b"\ndata:") < CUT_AFTER and (data := await reader.readuntil(b"\n\n")):
            sent += data
            await one.send(data)
        writer.close()
        one.reset()

    def make():
        broken = lab.provider(break_off).url
        row = {"kind": "llama-cpp", "models": ["smollm2"]}
        return lab.hanse(
            {
                "provider": {"broken": {**row, "url": f"{broken}/v1"}, "whole": {**row, "url": f"{model(lab).url}/v1"}},
                "model": {
                    "carried": {"offers": ["broken/smollm2", "whole/smollm2"]},
                    "alone": {"offers": ["broken/smollm2"]},
                },
            }
        )

    return lab.keep("carried", make)


@suite.each(["openai", "anthropic"], limit_s=60)
def a_stream_that_breaks_off_is_carried_on(lab, client):
    """By the same model, which takes the most likely word each time: it goes on as if nothing had been."""
    hanse, question = carried(lab), "Count from one to twenty in English words."
    whole = driver("python").chat(client, hanse.base, params(client, "whole/smollm2", question, 90), True)
    rescued = driver("python").chat(client, hanse.base, params(client, "carried", question, 90), True)
    text, wanted = read_answer(client, rescued.ok()).text, read_answer(client, whole.ok()).text
    # How many tokens had been said is a guess, so one of them may end a little earlier.
    shorter, longer = sorted((text, wanted), key=len)
    assert longer.startswith(shorter) and len(longer) - len(shorter) < 12, (text, wanted)
    alone = driver("python").chat(client, hanse.base, params(client, "alone", question, 90), True)
    assert alone.error is not None, f"a cut answer looks whole: {alone.answer}"


@suite.case(limit_s=60)
def four_streams_at_once(lab):
    hanse, wires = gateway(lab), []
    for client, path in (("openai", "/v1/chat/completions"), ("anthropic", "/v1/messages")):
        for endpoint in ENDPOINTS:
            wire, head = hanse.open_stream(
                path, {**params(client, f"{endpoint}-end/smollm2", "Say hello.", 30), "stream": True}, limit_s=50
            )
            assert head.status == 200
            wires.append((wire, head, b"[DONE]" if client == "openai" else b"message_stop"))
    for wire, head, end in wires:
        body = b"".join(wire.chunks(head))
        assert head.complete and end in body, body[-300:]
        wire.close()


@suite.case()
def lists_the_model(lab):
    ids = driver("python").models("openai", gateway(lab).base).ok()
    assert any(name.endswith("smollm2") for name in ids), ids
