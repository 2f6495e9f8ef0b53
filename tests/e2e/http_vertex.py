"""Anthropic at Vertex AI: paths with the model in them, bodies with a version in its place, from and to either side."""

import json

import anthropic
from anthropic._constants import ANTHROPIC_API_VERSION
from http_doors import CHAT, body
from http_lab import neutral
from provider import answer, http, stream_head
from replay import NEUTRAL_REPLY
from runner import Suite

group = Suite("vertex")
MODEL = "claude-sonnet-4-5@20250929"
VERSIONS = ("vertex-2023-10-16", ANTHROPIC_API_VERSION)  # Hanse's own, and what the vendor's class says
BASE = "/v1/projects/p/locations/europe-west1/publishers/anthropic/models/"
AT = BASE + MODEL
EVENTS = [
    {"type": "message_start", "message": {**NEUTRAL_REPLY["anthropic"], "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Good day"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]


async def vertex(call) -> None:
    """Takes what Vertex AI takes, and nothing else."""
    asked = call.request.json()
    verb = call.request.target.rpartition(":")[2]
    if call.request.target == BASE + "count-tokens:rawPredict":
        assert asked["model"] == MODEL, asked
        return await call.send(http(200, b'{"input_tokens":7}'))
    if not call.request.target.startswith(AT):
        return await neutral(call)
    good = "model" not in asked and asked["anthropic_version"] in VERSIONS
    good = good and asked.get("stream", False) == (verb == "streamRawPredict")
    if not good or call.request.header("authorization") != "Bearer ya29.e2e":
        said = {"type": "error", "error": {"type": "invalid_request_error", "message": f"{asked}"}}
        return await call.send(http(400, json.dumps(said).encode()))
    if verb == "rawPredict":
        return await call.send(http(200, json.dumps(NEUTRAL_REPLY["anthropic"]).encode()))
    text = b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in EVENTS)
    await call.send(stream_head(200) + f"{len(text):x}\r\n".encode() + text + b"\r\n0\r\n\r\n")


def lab_of(lab):
    def make():
        provider = lab.provider(vertex)
        tables = {
            "va": {
                "kind": "vertex-anthropic",
                "url": provider.url,
                "project": "p",
                "location": "europe-west1",
                "models": [MODEL],
            },
            "chat": {"kind": "openai-compatible", "url": f"{provider.url}/v1", "key_env": "E2E_KEY", "models": ["gpt"]},
        }
        return lab.hanse({"provider": tables}, env={"VERTEX_ACCESS_TOKEN": "ya29.e2e", "HOME": "/nowhere"}), provider

    gateway, provider = lab.keep("vertex", make)
    provider.script = vertex
    provider.reset_log()
    return gateway, provider


def sdk(gateway):
    return anthropic.AnthropicVertex(
        region="europe-west1", project_id="any", access_token="x", base_url=f"{gateway.base}/v1", max_retries=0
    )


ASKED = {"max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}]}


@group.case()
def vertexs_own_class_asks_either_provider(lab):
    gateway, provider = lab_of(lab)
    for model, own in ((MODEL, True), ("gpt", False), ("claude-sonnet-4-5", True)):
        said = sdk(gateway).messages.create(model=model, **ASKED)
        assert said.content[0].text and said.stop_reason == "end_turn", said
        assert provider.last().target.startswith(AT) == own, provider.last().target
    with sdk(gateway).messages.stream(model=MODEL, **ASKED) as stream:
        assert "".join(stream.text_stream) == "Good day"
    assert provider.last().target == AT + ":streamRawPredict"
    assert sdk(gateway).messages.count_tokens(model=MODEL, messages=ASKED["messages"]).input_tokens == 7


@group.case()
def other_clients_reach_claude_at_vertex(lab):
    gateway, provider = lab_of(lab)
    client = anthropic.Anthropic(base_url=gateway.base, api_key="x", max_retries=0)
    assert client.messages.create(model=MODEL, **ASKED).content[0].text
    with client.messages.stream(model=MODEL, **ASKED) as stream:
        assert "".join(stream.text_stream) == "Good day"
    reply = gateway.call("POST", CHAT, body(f"va/{MODEL}"))
    assert reply.status == 200, reply.text()
    assert provider.last().target == AT + ":rawPredict"
    assert provider.last().json()["anthropic_version"] == VERSIONS[0]


@group.case()
def a_body_of_the_same_dialect_passes_untouched(lab):
    gateway, provider = lab_of(lab)
    sent = b'{ "anthropic_version":"vertex-2023-10-16", "unheard_of":[1.0], "max_tokens":5,"messages":[] }'
    reply = gateway.call("POST", AT + ":rawPredict", sent, {"anthropic-beta": "some-beta"})
    assert reply.status == 200, reply.text()
    assert provider.last().body == sent and provider.last().header("anthropic-beta") == "some-beta"


@group.case()
def errors_are_anthropics(lab):
    gateway, provider = lab_of(lab)
    provider.script = answer(403, b'{"error":{"code":403,"message":"No access","status":"PERMISSION_DENIED"}}')
    try:
        anthropic.Anthropic(base_url=gateway.base, api_key="x", max_retries=0).messages.create(model=MODEL, **ASKED)
        raise AssertionError("it was answered")
    except anthropic.PermissionDeniedError as error:
        assert "No access" in str(error), error
    for model, status in (("nobody", 404), ("..", 400), ("%2e%2e", 400)):
        reply = gateway.call("POST", f"{BASE}{model}:rawPredict", ASKED)
        assert reply.status == status and reply.json()["type"] == "error", reply.text()
