"""Bedrock's doors: models in the path, frames instead of lines, errors that stand in a header."""

import base64
import json
from urllib.parse import quote

import event_stream
from http_doors import CHAT, body
from http_lab import neutral
from provider import answer, answer_raw, answer_stream, chunk, stream_head
from runner import Suite

group = Suite("bedrock")
ARN = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2"
MODELS = ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", ARN)
ASKED = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}], "inferenceConfig": {"maxTokens": 20}}
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 7, "outputTokens": 2, "totalTokens": 9},
    "metrics": {"latencyMs": 12},
}
START = event_stream.event("messageStart", {"role": "assistant", "p": "abc"})
TEXT = event_stream.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello"}, "p": "abcd"})
END = (
    event_stream.event("contentBlockStop", {"contentBlockIndex": 0})
    + event_stream.event("messageStop", {"stopReason": "end_turn"})
    + event_stream.event("metadata", {"usage": ANSWER["usage"], "metrics": {"latencyMs": 12}})
)


def lab_of(lab):
    """A Hanse with Bedrock and a server of Chat Completions behind it."""

    def make():
        provider = lab.provider(neutral)
        of = {"url": provider.url, "key_env": "E2E_KEY"}
        tables = {
            "bedrock": {**of, "models": list(MODELS)},
            "chat": {"kind": "openai-compatible", **of, "url": f"{provider.url}/v1", "models": ["gpt"]},
        }
        return lab.hanse({"provider": tables}), provider

    gateway, provider = lab.keep("bedrock", make)
    provider.script = neutral
    provider.reset_log()
    return gateway, provider


def stream_answer(*frames: bytes):
    return answer_stream(list(frames), content_type=event_stream_type())


def event_stream_type() -> str:
    return "application/vnd.amazon.eventstream"


def check_error(reply, status: int, name: str, words: str = "") -> None:
    assert reply.status == status, f"{reply.status} {reply.text()[:300]}"
    assert reply.header("x-amzn-errortype") == name, reply.header("x-amzn-errortype")
    assert reply.header("x-amzn-requestid"), "an id that the SDK shows"
    assert words in reply.json()["message"], reply.text()


@group.case()
def its_models_stand_in_the_path_whichever_way_they_are_escaped(lab):
    gateway, provider = lab_of(lab)
    provider.script = answer(200, json.dumps(ANSWER).encode())
    for model in MODELS:
        for written in (quote(model, safe=""), quote(model, safe=":"), quote(model, safe=":/")):
            for prefix in ("", "/bedrock"):
                reply = gateway.call("POST", f"{prefix}/model/{written}/converse", ASKED)
                assert reply.status == 200 and reply.json() == ANSWER, reply.text()
                assert provider.last().target == f"/model/{quote(model, safe='')}/converse", provider.last().target
                assert json.loads(provider.last().body) == ASKED, "the client's own bytes"
                assert provider.last().header("authorization").startswith("Bearer ")
                assert reply.header("x-hanse-offer") == f"bedrock/{model}"


@group.case()
def its_streams_pass_frame_by_frame(lab):
    gateway, provider = lab_of(lab)
    provider.script = stream_answer(START[:9], START[9:] + TEXT[:20], TEXT[20:], END)
    reply = gateway.call("POST", f"/model/{quote(MODELS[0], safe='')}/converse-stream", ASKED)
    assert reply.status == 200 and reply.header("content-type") == event_stream_type(), reply.header("content-type")
    assert reply.body == START + TEXT + END, "byte for byte"
    assert provider.last().target.endswith("/converse-stream")


@group.case()
def others_clients_are_answered_by_it(lab):
    gateway, provider = lab_of(lab)
    provider.script = answer(200, json.dumps(ANSWER).encode())
    reply = gateway.call("POST", CHAT, body(f"bedrock/{ARN}"))
    assert reply.status == 200 and reply.json()["choices"][0]["message"]["content"] == "Hello", reply.text()
    assert reply.json()["model"] == ARN, "who answered, though this language doesn't say it"
    assert provider.last().target == f"/model/{quote(ARN, safe='')}/converse"
    provider.script = stream_answer(START, TEXT, END)
    reply = gateway.call("POST", CHAT, {**body(f"bedrock/{ARN}"), "stream": True})
    assert '"content":"Hello"' in reply.text() and reply.text().endswith("data: [DONE]\n\n"), reply.text()


@group.case()
def its_clients_are_answered_by_others(lab):
    gateway, provider = lab_of(lab)
    reply = gateway.call("POST", "/model/gpt/converse", ASKED)
    assert reply.status == 200 and reply.json()["output"]["message"]["content"][0]["text"], reply.text()
    assert reply.json()["stopReason"] == "end_turn" and provider.last().target == "/v1/chat/completions"
    assert json.loads(provider.last().body)["model"] == "gpt"
    pieces = [{"content": "Hel"}, {"content": "lo"}]
    chunks = [{"choices": [{"index": 0, "delta": each, "finish_reason": None}]} for each in pieces]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    provider.script = answer_stream([f"data: {json.dumps(c)}\n\n".encode() for c in chunks] + [b"data: [DONE]\n\n"])
    reply = gateway.call("POST", "/model/gpt/converse-stream", ASKED)
    names = event_stream.names(reply.body)
    assert names[0] == "messageStart" and names[-2:] == ["messageStop", "metadata"], names


@group.case()
def what_is_broken_in_its_frames_never_looks_whole(lab):
    gateway, provider = lab_of(lab)
    wrong = bytearray(TEXT)
    wrong[-10] ^= 1
    huge = b"\x7f\xff\xff\xff\0\0\0\x10" + b"\0" * 64
    for bad in (bytes(wrong), TEXT[:-3], huge):
        provider.script = answer_raw(
            stream_head(content_type=event_stream_type()), chunk(START + TEXT), chunk(bad), b"0\r\n\r\n", then="stay"
        )
        reply = gateway.call("POST", CHAT, {**body(f"bedrock/{MODELS[0]}"), "stream": True})
        assert '"error"' in reply.text() and "[DONE]" not in reply.text(), reply.text()
        reply = gateway.call("POST", f"/model/{quote(MODELS[0], safe='')}/converse-stream", ASKED)
        if reply.status != 200:  # all of it came at once, so nothing had been said
            check_error(reply, 500, "InternalServerException")
            continue
        names = event_stream.names(reply.body)
        assert names[-1] == "exception internalServerException" and "messageStop" not in names, names


@group.case()
def exceptions_in_its_streams_are_errors_in_every_language(lab):
    gateway, provider = lab_of(lab)
    failed = event_stream.event("exception throttlingException", {"message": "Too many tokens"})
    provider.script = stream_answer(START, TEXT, failed)
    reply = gateway.call("POST", CHAT, {**body(f"bedrock/{MODELS[0]}"), "stream": True})
    assert "Too many tokens" in reply.text() and "[DONE]" not in reply.text(), reply.text()
    reply = gateway.call("POST", f"/model/{quote(MODELS[0], safe='')}/converse-stream", ASKED)
    assert reply.body == START + TEXT + failed, "as it came"


@group.case()
def its_errors_have_names_in_a_header(lab):
    gateway, provider = lab_of(lab)
    check_error(gateway.call("POST", "/model/nobody/converse", ASKED), 404, "ResourceNotFoundException", "nobody")
    reply = gateway.call("POST", "/model/gpt/converse", {"messages": "Hello"})
    check_error(reply, 400, "ValidationException", "messages: wanted an array")
    check_error(gateway.call("POST", "/model/gpt/converse", b"{"), 400, "ValidationException")
    check_error(gateway.call("POST", "/model/%2e%2e/converse", ASKED), 400, "ValidationException")
    refused = {"x-amzn-errortype": "ServiceUnavailableException:http://internal.example/", "x-amzn-requestid": "theirs"}
    provider.script = answer(503, b'{"message":"Busy"}', headers=refused)
    reply = gateway.call("POST", f"/model/{quote(ARN, safe='')}/converse", ASKED)
    assert reply.status == 503 and reply.json() == {"message": "Busy"}, reply.text()
    assert reply.header("x-amzn-errortype") == refused["x-amzn-errortype"]
    reply = gateway.call("POST", CHAT, body(f"bedrock/{ARN}"))
    assert reply.status == 503 and reply.json()["error"]["message"] == "Busy", reply.text()


@group.case()
def its_key_is_a_bearer(lab):
    provider = lab.provider(neutral)
    of = {"kind": "openai-compatible", "url": f"{provider.url}/v1", "key_env": "E2E_KEY", "models": ["gpt"]}
    config = {"provider": {"chat": of}, "client": {"alice": {"key_env": "ALICE_KEY"}}}
    gateway = lab.hanse(config, env={"ALICE_KEY": "bedrock-key"})
    good = gateway.call("POST", "/model/gpt/converse", ASKED, {"authorization": "Bearer bedrock-key"})
    assert good.status == 200, good.text()
    for headers in ({}, {"authorization": "Bearer other"}):
        reply = gateway.call("POST", "/model/gpt/converse", ASKED, headers)
        check_error(reply, 403, "UnrecognizedClientException")


INVOKE = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 20, "messages": [{"role": "user", "content": "Hi"}]}
MESSAGE = {
    "id": "msg_bdrk_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 7, "output_tokens": 2},
}


def invoke_chunk(value: dict) -> bytes:
    return event_stream.event("chunk", {"bytes": base64.b64encode(json.dumps(value).encode()).decode(), "p": "abc"})


MESSAGE_EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 7, "outputTokenCount": 2}},
]


@group.case()
def invoke_passes_as_it_is_whoever_made_the_model(lab):
    gateway, provider = lab_of(lab)
    path = f"/model/{quote(MODELS[0], safe='')}"
    counts = {"x-amzn-bedrock-input-token-count": "7", "x-amzn-requestid": "theirs"}
    titan = {"inputText": "Hi"}, {"embedding": [0.5], "inputTextTokenCount": 3}
    for asked, said in ((INVOKE, MESSAGE), titan):
        provider.script = answer(200, json.dumps(said).encode(), headers=counts)
        reply = gateway.call("POST", f"{path}/invoke", asked)
        assert reply.status == 200 and reply.json() == said, reply.text()
        assert json.loads(provider.last().body) == asked and provider.last().target == f"{path}/invoke"
        assert reply.header("x-amzn-bedrock-input-token-count") == "7"
        assert reply.header("x-hanse-provider-request-id") == "theirs"
    for events in (MESSAGE_EVENTS, [{"outputText": "Hel"}, {"outputText": "lo", "completionReason": "FINISH"}]):
        wire = b"".join(map(invoke_chunk, events))
        provider.script = stream_answer(wire[:50], wire[50:])
        reply = gateway.call("POST", f"/bedrock{path}/invoke-with-response-stream", INVOKE)
        assert reply.status == 200 and reply.body == wire, reply.text()
        assert provider.last().target == f"{path}/invoke-with-response-stream"


@group.case()
def clients_of_invoke_are_answered_by_others(lab):
    gateway, provider = lab_of(lab)
    reply = gateway.call("POST", "/model/gpt/invoke", INVOKE)
    assert reply.status == 200 and reply.json()["content"][0]["text"], reply.text()
    assert json.loads(provider.last().body)["model"] == "gpt" and provider.last().target == "/v1/chat/completions"
    chunks = [{"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": "stop"}]}]
    provider.script = answer_stream([f"data: {json.dumps(c)}\n\n".encode() for c in chunks] + [b"data: [DONE]\n\n"])
    reply = gateway.call("POST", "/model/gpt/invoke-with-response-stream", INVOKE)
    inner = [json.loads(base64.b64decode(json.loads(payload)["bytes"])) for _, payload in event_stream.read(reply.body)]
    kinds = [each["type"] for each in inner]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds
    assert "".join(each["delta"].get("text", "") for each in inner if each["type"] == "content_block_delta") == "Hello"
    check_error(gateway.call("POST", "/model/gpt/invoke", {"max_tokens": 5}), 400, "ValidationException", "messages")


@group.case()
def who_speaks_only_invoke_is_asked_so(lab):
    provider = lab.provider(neutral)
    of = {"kind": "bedrock", "url": provider.url, "key_env": "E2E_KEY", "models": ["claude"]}
    gateway = lab.hanse({"provider": {"b": {**of, "dialects": ["bedrock-invoke"]}}})
    provider.script = answer(200, json.dumps(MESSAGE).encode())
    reply = gateway.call("POST", CHAT, body("claude"))
    assert reply.status == 200 and reply.json()["choices"][0]["message"]["content"] == "Hello", reply.text()
    sent = json.loads(provider.last().body)
    assert provider.last().target == "/model/claude/invoke" and "model" not in sent and "stream" not in sent, sent
    assert sent["anthropic_version"] == "bedrock-2023-05-31"
    provider.script = stream_answer(*map(invoke_chunk, MESSAGE_EVENTS))
    reply = gateway.call("POST", CHAT, {**body("claude"), "stream": True})
    assert '"content":"Hello"' in reply.text() and reply.text().endswith("data: [DONE]\n\n"), reply.text()
    assert provider.last().target == "/model/claude/invoke-with-response-stream"
    broken = bytearray(invoke_chunk(MESSAGE_EVENTS[2]))
    broken[-1] ^= 1
    provider.script = stream_answer(invoke_chunk(MESSAGE_EVENTS[0]), bytes(broken))
    reply = gateway.call("POST", CHAT, {**body("claude"), "stream": True})
    assert '"error"' in reply.text() and "[DONE]" not in reply.text(), reply.text()


@group.case()
def tokens_are_counted_by_bedrock_or_estimated(lab):
    gateway, provider = lab_of(lab)
    asked = {"input": {"converse": {"messages": ASKED["messages"]}}}
    provider.script = answer(200, b'{"inputTokens":12}')
    reply = gateway.call("POST", f"/model/{quote(MODELS[0], safe='')}/count-tokens", asked)
    assert reply.status == 200 and reply.json() == {"inputTokens": 12}, reply.text()
    assert provider.last().target == f"/model/{quote(MODELS[0], safe='')}/count-tokens"
    assert json.loads(provider.last().body) == asked
    reply = gateway.call("POST", "/model/gpt/count-tokens", asked)
    assert reply.status == 200 and reply.header("x-hanse-estimated") == "input_tokens", reply.text()
    assert 0 < reply.json()["inputTokens"] < 30, reply.text()
