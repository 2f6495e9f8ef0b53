"""How one recorded exchange is replayed through Hanse, and what must hold. suite_recordings.py makes the cases."""

import json
import random
from dataclasses import replace

import anthropic
import httpx2
import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

from asked import Asked, check_request_rules, read_request
from provider import LAST_CHUNK, Call, chunk, http, stream_head
import reading_bedrock  # noqa: F401  (its readers)
import reading_cohere  # noqa: F401
import reading_google
import reading_responses
from google import genai
from google.genai import errors as google_errors
from reading import Answer, read
from recorded import Exchange
from stream_rules import check_chat_stream, check_messages_stream

OTHERS = {"openai": ["anthropic", "google"], "anthropic": ["openai", "google"], "google": ["openai", "anthropic"]}
CLIENTS = {  # of answers
    **{dialect: [*others, "responses"] for dialect, others in OTHERS.items()},
    "cohere": ["openai", "anthropic", "google", "responses"],
    "responses": ["openai", "anthropic", "google"],
    "bedrock": ["openai", "anthropic", "google", "responses"],
}
TARGET = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "responses": "/v1/responses"}
SDK_ERRORS = (openai.APIError, anthropic.APIError, google_errors.APIError)
# What the other dialect has no word for: when a request has it, x-hanse-dropped must say so.
ONE_SIDED = {
    "openai": [
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "logprobs",
        "seed",
        "prediction",
        "web_search_options",
    ],
    "anthropic": ["top_k", "mcp_servers", "context_management"],
    "google": ["safetySettings", "cachedContent"],
}
# Which of them Gemini's API has.
KNOWN_TO_GOOGLE = ("frequency_penalty", "presence_penalty", "logprobs", "seed", "top_k")


def with_model(body: bytes, rename) -> bytes:
    """The same bytes but for the value of the top level's "model"."""
    text, decoder = body.decode(), json.JSONDecoder()
    at = text.index("{") + 1
    while True:
        at = skip_space(text, at, " \t\r\n,")
        key, at = decoder.raw_decode(text, at)
        at = skip_space(text, at, " \t\r\n:")
        value, end = decoder.raw_decode(text, at)
        if key == "model":
            return (text[:at] + json.dumps(rename(value), ensure_ascii=False) + text[end:]).encode()
        at = end


def skip_space(text: str, at: int, spaces: str) -> int:
    while text[at] in spaces:
        at += 1
    return at


def recorded_script(exchange: Exchange):
    """Answers as the recorded service did: same bytes, cut at places that vary with the case."""
    cuts = random.Random(exchange.name)

    async def script(call: Call) -> None:
        gzipped = exchange.reply_gzip is not None and "gzip" in (call.request.header("accept-encoding") or "")
        body = exchange.reply_gzip if gzipped else exchange.reply
        if not exchange.stream:
            extra = {"content-encoding": "gzip"} if gzipped else {}
            await call.send(http(exchange.status, body, exchange.content_type, extra))
            return
        await call.send(stream_head(exchange.status, exchange.content_type))
        places = sorted(cuts.randrange(len(body) + 1) for _ in range(5))
        for begin, end in zip([0, *places], [*places, len(body)]):
            if end > begin:
                await call.send(chunk(body[begin:end]))
        await call.send(LAST_CHUNK)

    return script


# -- same dialect
def check_same(exchange: Exchange, gateway, provider) -> None:
    provider.reset_log()
    provider.script = recorded_script(exchange)
    target, body = exchange.target, exchange.request
    if exchange.model_in_path():
        target = exchange.to_model(f"rec-{exchange.dialect}/{exchange.model()}")
    else:
        body = with_model(body, lambda model: f"rec-{exchange.dialect}/{model}")
    reply = gateway.call("POST", target, body)
    assert len(provider.requests) == 1, f"{len(provider.requests)} requests reached the provider: {reply.text()[:300]}"
    seen = provider.last()
    assert seen.body == exchange.request, difference("request", exchange.request, seen.body)
    if is_no_answer(exchange):
        assert_failure(exchange.dialect, exchange.stream, reply)
        return
    assert reply.status == exchange.status, (
        f"status {exchange.status} came back as {reply.status}: {reply.text()[:300]}"
    )
    assert reply.complete, "the answer was cut"
    assert reply.body == exchange.reply, difference("answer", exchange.reply, reply.body)
    kinds = [kind.partition(";")[0].strip() for kind in (exchange.content_type, reply.header("content-type") or "")]
    assert kinds[0] == kinds[1], f"{kinds[0]} became {kinds[1]}"


def difference(what: str, wanted: bytes, got: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(wanted, got)) if a != b), min(len(wanted), len(got)))
    return (
        f"the {what} changed at byte {at} of {len(wanted)} (got {len(got)}): "
        f"wanted {wanted[max(0, at - 40) : at + 60]!r}, got {got[max(0, at - 40) : at + 60]!r}"
    )


def is_no_answer(exchange: Exchange) -> bool:
    """A 200 that isn't JSON, nor a stream, is no answer of this dialect; Hanse must not pass it on as one."""
    if exchange.status != 200 or exchange.stream:
        return False
    try:
        json.loads(exchange.reply)
        return False
    except ValueError:
        return True


# -- across dialects, the answer
def neutral_request(dialect: str, model: str, stream: bool) -> dict:
    if dialect == "responses":
        return {"model": model, "input": "Hello", **({"stream": True} if stream else {})}
    body = {"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello"}]}
    if stream:
        body["stream"] = True
        if dialect == "openai":
            body["stream_options"] = {"include_usage": True}
    return body


def ask_neutrally(gateway, client: str, model: str, stream: bool):
    if client != "google":
        return gateway.call("POST", TARGET[client], neutral_request(client, model, stream))
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    contents = [{"role": "user", "parts": [{"text": "Hello"}]}]
    return gateway.call("POST", f"/v1beta/models/{model}:{verb}", {"contents": contents})


STREAM_CHECKS = {
    "openai": lambda body: check_chat_stream(body, True),
    "anthropic": check_messages_stream,
    "google": reading_google.check_stream,
    "responses": reading_responses.check_life,
}


def check_answer_across(exchange: Exchange, client: str, gateway, provider) -> str:
    """Returns what kind of outcome it was, for the count."""
    provider.reset_log()
    provider.script = recorded_script(exchange)
    reply = ask_neutrally(gateway, client, f"rec-{exchange.dialect}/m", exchange.stream)
    wanted = wanted_answer(exchange)
    if wanted is None or wanted.error:
        assert_failure(client, exchange.stream, reply)
        check_status_across(exchange, reply)
        return "failure"
    assert reply.status == 200, f"wanted an answer, got {reply.status}: {reply.text()[:400]}"
    if exchange.stream:
        STREAM_CHECKS[client](reply.body)
    got = read(client, exchange.stream, reply.body)
    compare_answers(wanted, got, client)
    compare_sdk(client, exchange.stream, reply.body, got)
    return "answer"


def wanted_answer(exchange: Exchange) -> Answer | None:
    """None where the recorded reply is no answer at all."""
    if is_no_answer(exchange):
        return None
    answer = read(exchange.dialect, exchange.stream, exchange.reply)
    empty = not (answer.whole or answer.text or answer.calls or answer.error)
    return None if empty else answer


def check_status_across(exchange: Exchange, reply) -> None:
    if exchange.status < 400:
        return
    said = json.loads(exchange.reply)
    wanted = 401 if "API_KEY_INVALID" in str(said) else exchange.status  # which Google alone calls a bad request
    assert reply.status == wanted, f"the provider's {exchange.status} became {reply.status}"
    error = said.get("error") or {}
    message = said.get("message") or (error if isinstance(error, str) else error.get("message"))
    got = reply.json()["error"]["message"]
    assert not message or message in got, f"the provider's words are lost: {message!r} became {got!r}"


def assert_failure(client: str, stream: bool, reply) -> None:
    """A failure that the client's SDK raises: a status, or an error event and no normal end."""
    if reply.status >= 400:
        error = reply.json()
        assert isinstance(error["error"]["message"], str) and error["error"]["message"], f"no message: {error}"
        assert client != "anthropic" or error["type"] == "error", f"not Anthropic's shape: {error}"
        assert client != "google" or error["error"]["code"] == reply.status, f"not Google's shape: {error}"
        return
    assert stream, f"a failure looks like an answer: {reply.status} {reply.text()[:300]}"
    got = read(client, True, reply.body)
    assert got.error and not got.whole, f"a failed stream looks whole: {reply.text()[-300:]}"
    raised = None
    try:
        sdk_answer(client, True, reply.body)
    except SDK_ERRORS as error:
        raised = error
    assert raised is not None, "the SDK did not raise at the error in the stream"


def compare_answers(wanted: Answer, got: Answer, client: str) -> None:
    assert got.whole and not got.error, f"not whole: {got}"
    text = wanted.text + (wanted.refusal if client != "openai" else "")
    assert got.text + got.refusal == text, f"text: wanted {text[:300]!r}, got {got.text[:300]!r}"
    assert got.reasoning in ("", wanted.reasoning), f"reasoning changed: {got.reasoning[:200]!r}"
    compare_calls(wanted, got, client)
    compare_stops(wanted, got, client)
    assert got.id, "an answer has an id"
    assert not wanted.model or got.model == wanted.model, f"model: wanted {wanted.model}, got {got.model}"
    if wanted.usage:
        compare_usage(wanted, got, client)


def compare_calls(wanted: Answer, got: Answer, client: str) -> None:
    assert [call.name for call in got.calls] == [call.name for call in wanted.calls], (
        f"calls: {wanted.calls} became {got.calls}"
    )
    for old, new in zip(wanted.calls, got.calls):
        assert new.parsed() == old.parsed(), f"arguments: {old.arguments} became {new.arguments}"
        legal = old.id and (client != "anthropic" or all(c.isalnum() or c in "_-" for c in old.id))
        assert new.id, "a call has an id"
        assert not legal or new.id == old.id, f"call id {old.id} became {new.id}"
    assert len({call.id for call in got.calls}) == len(got.calls), f"call ids must differ: {got.calls}"


def compare_stops(wanted: Answer, got: Answer, client: str) -> None:
    stop = wanted.stop
    if stop in (None, "unknown"):  # the service said nothing that the dialect knows: a safe default
        stop = "tool" if wanted.calls else "end"
    if client != "openai" and wanted.refusal:
        stop = "filtered"  # a refusal in words has a stop reason of its own there
    if client != "anthropic":
        stop = {"stop_sequence": "end", "context_full": "length", "paused": "end"}.get(stop, stop)
    assert got.stop == stop, f"stop: {wanted.stop_word} became {got.stop_word}"


def compare_usage(wanted: Answer, got: Answer, client: str) -> None:
    want, have = wanted.usage, got.usage
    assert have, f"usage is lost: {want}"
    assert have.output == want.output, f"usage: wanted {want}, got {have}"
    if want.cached > want.input:
        # A vendor that breaks the rule: its prompt_tokens leave the cached ones out, or its cache counts too much.
        assert have.input in (want.input, want.cached, want.input + want.cached), f"usage: wanted {want}, got {have}"
        return
    assert have.input == want.input, f"usage: wanted {want}, got {have}"
    assert have.cached == want.cached, f"cached tokens: wanted {want}, got {have}"
    if client == "openai":
        assert have.reasoning == want.reasoning, f"reasoning tokens: wanted {want}, got {have}"


# -- the official SDKs read what Hanse said
def sdk_answer(client: str, stream: bool, body: bytes) -> Answer:
    """The answer as the client's SDK puts it together from these bytes."""
    kind = "text/event-stream" if stream else "application/json"
    canned = httpx2.MockTransport(lambda _: httpx2.Response(200, headers={"content-type": kind}, content=body))
    session = httpx2.Client(transport=canned)
    ask = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    if client == "google":
        return google_sdk_answer(stream, session)
    if client == "responses":
        return responses_sdk_answer(stream, session)
    if client == "openai":
        api = openai.OpenAI(
            base_url="http://127.0.0.1/v1", api_key="k", max_retries=0, http_client=session
        ).chat.completions
        if not stream:
            return read("openai", False, api.create(**ask).model_dump_json(warnings=False).encode())
        state = ChatCompletionStreamState()
        for piece in api.create(**ask, stream=True):
            state.handle_chunk(piece)
        return read("openai", False, state.current_completion_snapshot.model_dump_json(warnings=False).encode())
    api = anthropic.Anthropic(base_url="http://127.0.0.1", api_key="k", max_retries=0, http_client=session).messages
    if not stream:
        return read("anthropic", False, api.create(**ask, max_tokens=9).model_dump_json(warnings=False).encode())
    with api.stream(**ask, max_tokens=9) as events:
        return read("anthropic", False, events.get_final_message().model_dump_json(warnings=False).encode())


def responses_sdk_answer(stream: bool, session) -> Answer:
    api = openai.OpenAI(base_url="http://127.0.0.1/v1", api_key="k", max_retries=0, http_client=session).responses
    if not stream:
        return read("responses", False, api.create(model="m", input="x").model_dump_json(warnings=False).encode())
    with api.stream(model="m", input="x") as events:
        for event in events:
            if event.type in ("response.failed", "error"):
                words = event.response.error if event.type == "response.failed" else event
                raise openai.APIError(words.message, None, body=None)
            if event.type in reading_responses.ENDS:
                return read("responses", False, event.response.model_dump_json(warnings=False).encode())
    raise openai.APIError("the stream has no last event", None, body=None)


def google_sdk_answer(stream: bool, session) -> Answer:
    api = genai.Client(api_key="k", http_options={"base_url": "http://127.0.0.1", "httpx_client": session})
    ask = {"model": "m", "contents": "x"}
    pieces = api.models.generate_content_stream(**ask) if stream else [api.models.generate_content(**ask)]
    said = [piece.model_dump_json(by_alias=True, exclude_none=True, warnings=False) for piece in pieces]
    return read("google", True, f"[{','.join(said)}]".encode())


def compare_sdk(client: str, stream: bool, body: bytes, got: Answer) -> None:
    answer = sdk_answer(client, stream, body)
    mine = (got.text, [(call.id, call.name, call.parsed()) for call in got.calls], got.stop)
    theirs = (answer.text, [(call.id, call.name, call.parsed()) for call in answer.calls], answer.stop)
    assert mine == theirs, f"the SDK reads {theirs}, the bytes say {mine}"


# -- across dialects, the request
NEUTRAL_REPLY = {
    "openai": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Fine."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    },
    "anthropic": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "content": [{"type": "text", "text": "Fine."}],
        "usage": {"input_tokens": 3, "output_tokens": 2},
    },
    "google": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Fine."}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
        "modelVersion": "m",
    },
}


def check_request_across(exchange: Exchange, target: str, gateway, provider, validators: dict) -> str:
    provider.reset_log()
    asked = exchange.asked()
    asked.pop("stream", None)
    asked.pop("stream_options", None)

    async def script(call: Call) -> None:
        await call.send(http(200, json.dumps(NEUTRAL_REPLY[target]).encode()))

    provider.script = script
    if exchange.dialect == "google":
        plain = exchange.target.partition("?")[0].replace(":streamGenerateContent", ":generateContent")
        reply = gateway.call("POST", replace(exchange, target=plain).to_model(f"rec-{target}/m"), asked)
    else:
        reply = gateway.call("POST", exchange.target, {**asked, "model": f"rec-{target}/m"})
    if reply.status == 400:
        assert not provider.requests, "refused, and yet sent"
        message = reply.json()["error"]["message"]
        assert len(message) > 10, f"a refusal must say why: {message!r}"
        return "refused: " + message[:100]
    assert reply.status == 200, f"wanted 200 or a clear 400, got {reply.status}: {reply.text()[:300]}"
    sent = provider.last().json()
    trouble = next(iter(validators[target].iter_errors(sent)), None)
    assert trouble is None, f"not valid for {target} at {list(trouble.absolute_path)}: {trouble.message[:300]}"
    check_request_rules(target, sent)
    dropped = [path.strip() for path in (reply.header("x-hanse-dropped") or "").split(",") if path.strip()]
    compare_requests(read_request(exchange.dialect, asked), read_request(target, sent), dropped)
    check_named_losses(exchange.dialect, target, asked, dropped)
    return "translated" + (" with losses named" if dropped else "")


# In the words of the clients' dialects.
NAMES_OF_LOSSES = {
    "stop": ("stop", "generationConfig.stopSequences"),
    "temperature": ("temperature", "generationConfig.temperature"),
    "top_p": ("top_p", "generationConfig.topP"),
    "schema": ("response_format", "output_config", "output_format", "text.format", "generationConfig.response"),
}


def compare_requests(wanted: Asked, got: Asked, dropped: list[str]) -> None:
    def lost(prefix: str) -> bool:
        return any(path.startswith(prefix) for path in dropped)

    for asked in (wanted, got):
        asked.steps = [(step[0], as_json(step[1])) if step[0] == "result" else step for step in asked.steps]
    assert got.system == wanted.system, f"system: {wanted.system[:200]!r} became {got.system[:200]!r}"
    turns = lost("messages") or lost("contents")
    assert got.steps == wanted.steps or turns, f"conversation: {wanted.steps} became {got.steps}"
    assert got.media == wanted.media or turns, f"media: {brief(wanted.media)} became {brief(got.media)}"
    assert got.tools == wanted.tools or lost("tools"), f"tools: {wanted.tools} became {got.tools}"
    choice = wanted.choice or "auto"
    assert (got.choice or "auto") == choice or lost("tool_choice") or lost("toolConfig") or not got.tools, (
        f"choice: {wanted.choice} became {got.choice}"
    )
    if wanted.tokens_max:
        assert got.tokens_max == wanted.tokens_max, f"max tokens: {wanted.tokens_max} became {got.tokens_max}"
    for name, fields in NAMES_OF_LOSSES.items():
        assert getattr(got, name) == getattr(wanted, name) or any(lost(f) for f in fields), (
            f"{name}: {getattr(wanted, name)} became {getattr(got, name)}, and x-hanse-dropped says {dropped}"
        )


def as_json(text: str) -> str:
    """However its letters are escaped."""
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text


def brief(media: list[str]) -> list[str]:
    return [f"{item[:30]}... ({len(item)})" for item in media]


def check_named_losses(dialect: str, target: str, asked: dict, dropped: list[str]) -> None:
    for name in ONE_SIDED[dialect]:
        if target == "google" and name in KNOWN_TO_GOOGLE:
            continue
        if asked.get(name) not in (None, 0, 0.0, False, [], {}):
            assert any(path.startswith(name) for path in dropped), f"'{name}' was lost in silence; dropped: {dropped}"
