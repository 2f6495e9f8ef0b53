"""A cloud that breaks on purpose, in six languages: the model's name says how (s01 ... s16, ok, noprefill). What is
behind a full stop in it is nothing to the wall: so each test has offers of its own, whose health is not known yet.

It tells one story, word by word. Shown a part of it as an unfinished turn of its own, it tells the rest; asked for
anything else, it tells it from the beginning.
"""

import asyncio
import json
import re
import time
from collections import defaultdict
from urllib.parse import unquote

import event_stream
from provider import LAST_CHUNK, chunk, http, stream_head

STORY = (
    "A gateway earns trust only when the provider behind it misbehaves, for anyone can pass on a good answer and few "
    "can finish one that somebody else began and then left in the middle of a word; so we ask for the whole story, "
    "told once, without a gap and without an echo, in exactly as many words as it takes to be sure of that."
)
WORDS = re.findall(r"\s*\S+", STORY)
FAULTS_S = {"retry_after": 2, "slow": 20.0, "stall": 30.0, "silence": 120.0, "down": 60.0, "word": 0.004}


def sse(value, event: str | None = None) -> bytes:
    return (f"event: {event}\n" if event else "").encode() + f"data: {json.dumps(value)}\n\n".encode()


class Chat:
    path, content_type = "/chat/completions", "text/event-stream; charset=utf-8"
    end_mark = [b"data: [DONE]\n\n"]

    @staticmethod
    def turns(body):
        return [(turn["role"], flat(turn.get("content"))) for turn in body["messages"]]

    @staticmethod
    def events(model, words):
        def one(delta, finish=None, **more):
            choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
            return sse({"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": model,
                        "choices": choices, **more})  # fmt: skip

        usage = {"prompt_tokens": 9, "completion_tokens": len(words), "total_tokens": 9 + len(words)}
        begin = [one({"role": "assistant", "content": ""})]
        return begin, [one({"content": word}) for word in words], [one({}, "stop"), one(None, usage=usage)]

    bad = b'data: {"id": "c-1", "object": "chat.completion.chunk", "choices": [{"delta": {"content": \n\n'
    failure = sse({"error": {"message": "broken", "type": "server_error", "param": None, "code": None}})

    @staticmethod
    def error(status, code, message):
        return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


class Responses(Chat):
    path, end_mark = "/responses", []

    @staticmethod
    def turns(body):
        if isinstance(body["input"], str):
            return [("user", body["input"])]
        return [(item.get("role"), flat(item.get("content"))) for item in body["input"]]

    @staticmethod
    def events(model, words):
        count = iter(range(10_000))

        def one(kind, **more):
            return sse({"type": kind, "sequence_number": next(count), **more}, kind)

        def whole(status, output, usage=None):
            return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": model,
                    "output": output, "usage": usage, "error": None, "incomplete_details": None, "tools": [],
                    "instructions": None, "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0,
                    "tool_choice": "auto", "top_p": 1.0}  # fmt: skip

        def item(status, content):
            return {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content}

        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        full = {**part, "text": "".join(words)}
        at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        usage = {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": len(words),
                 "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 9 + len(words)}  # fmt: skip
        begin = [
            one("response.created", response=whole("in_progress", [])),
            one("response.output_item.added", output_index=0, item=item("in_progress", [])),
            one("response.content_part.added", part=part, **at),
        ]
        middle = [one("response.output_text.delta", delta=word, logprobs=[], **at) for word in words]
        end = [
            one("response.output_text.done", text=full["text"], logprobs=[], **at),
            one("response.content_part.done", part=full, **at),
            one("response.output_item.done", output_index=0, item=item("completed", [full])),
            one("response.completed", response=whole("completed", [item("completed", [full])], usage)),
        ]
        return begin, middle, end

    bad = b'event: response.output_text.delta\ndata: {"type": "response.output_text.delta", "delta": \n\n'
    failure = sse({"type": "error", "sequence_number": 99, "code": "server_error", "message": "broken", "param": None},
                  "error")  # fmt: skip


class Messages:
    path, content_type, end_mark = "/messages", "text/event-stream; charset=utf-8", []

    @staticmethod
    def turns(body):
        return [(turn["role"], flat(turn["content"])) for turn in body["messages"]]

    @staticmethod
    def events(model, words):
        def one(kind, **more):
            return sse({"type": kind, **more}, kind)

        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
                   "stop_reason": None, "stop_sequence": None,
                   "usage": {"input_tokens": 9, "output_tokens": 1}}  # fmt: skip
        block = {"type": "text", "text": ""}
        begin = [one("message_start", message=message), one("content_block_start", index=0, content_block=block)]
        middle = [one("content_block_delta", index=0, delta={"type": "text_delta", "text": word}) for word in words]
        end = [
            one("content_block_stop", index=0),
            one("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None},
                usage={"output_tokens": len(words)}),
            one("message_stop"),
        ]  # fmt: skip
        return begin, middle, end

    bad = b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "delta": {\n\n'
    failure = sse({"type": "error", "error": {"type": "overloaded_error", "message": "broken"}}, "error")

    @staticmethod
    def error(status, code, message):
        kinds = {429: "rate_limit_error", 500: "api_error", 503: "overloaded_error"}
        if code == "context_length_exceeded":
            message = "prompt is too long: 215000 tokens > 200000 maximum"
        return {"type": "error", "error": {"type": kinds.get(status, "invalid_request_error"), "message": message}}


class Gemini:
    path, content_type, end_mark = ":streamGenerateContent", "text/event-stream", []

    @staticmethod
    def turns(body):
        return [(turn.get("role"), flat(turn["parts"])) for turn in body["contents"]]

    @staticmethod
    def events(model, words):
        def one(text, **more):
            parts = [{"text": text}] if text else []
            candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
            if more.pop("last", False):
                candidate["finishReason"] = "STOP"
            return sse({"candidates": [candidate], "modelVersion": model, "responseId": "r-1", **more})

        usage = {"promptTokenCount": 9, "candidatesTokenCount": len(words), "totalTokenCount": 9 + len(words)}
        return [], [one(word) for word in words], [one("", last=True, usageMetadata=usage)]

    bad = b'data: {"candidates": [{"content": {"parts": [{"text": \n\n'
    failure = sse({"error": {"code": 503, "message": "broken", "status": "UNAVAILABLE"}})

    @staticmethod
    def error(status, code, message):
        names = {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
        if code == "context_length_exceeded":
            message = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
        return {"error": {"code": status, "message": message, "status": names.get(status, "INVALID_ARGUMENT")}}


class Converse:
    path, content_type, end_mark = "/converse-stream", "application/vnd.amazon.eventstream", []

    @staticmethod
    def turns(body):
        return [(turn["role"], flat(turn["content"])) for turn in body["messages"]]

    @staticmethod
    def events(model, words):
        usage = {"inputTokens": 9, "outputTokens": len(words), "totalTokens": 9 + len(words)}
        begin = [event_stream.event("messageStart", {"role": "assistant"})]
        middle = [
            event_stream.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}})
            for word in words
        ]
        end = [
            event_stream.event("contentBlockStop", {"contentBlockIndex": 0}),
            event_stream.event("messageStop", {"stopReason": "end_turn"}),
            event_stream.event("metadata", {"usage": usage, "metrics": {"latencyMs": 5}}),
        ]
        return begin, middle, end

    bad = event_stream.frame(
        {":event-type": "contentBlockDelta", ":content-type": "application/json", ":message-type": "event"}, b'{"co'
    )
    failure = event_stream.event("exception modelStreamErrorException", {"message": "broken"})

    @staticmethod
    def error(status, code, message):
        if code == "context_length_exceeded":
            message = "Input is too long for requested model."
        return {"message": message}

    error_types = {429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException"}


class Cohere:
    path, content_type, end_mark = "/v2/chat", "text/event-stream", [b"data: [DONE]\n\n"]
    turns = Chat.turns

    @staticmethod
    def events(model, words):
        def one(kind, **more):
            return sse({"type": kind, **more}, kind)

        text = {"type": "text", "text": ""}
        begin = [
            one("message-start", id="m-1", delta={"message": {"role": "assistant", "content": [], "tool_plan": "",
                                                              "tool_calls": [], "citations": []}}),
            one("content-start", index=0, delta={"message": {"content": text}}),
        ]  # fmt: skip
        middle = [one("content-delta", index=0, delta={"message": {"content": {"text": word}}}) for word in words]
        tokens = {"input_tokens": 9, "output_tokens": len(words)}
        usage = {"billed_units": tokens, "tokens": tokens}
        end = [one("content-end", index=0), one("message-end", delta={"finish_reason": "COMPLETE", "usage": usage})]
        return begin, middle, end

    bad = b'event: content-delta\ndata: {"type": "content-delta", "index": 0, "delta": {\n\n'
    failure = sse({"type": "message-end", "id": "m-1", "delta": {"error": "broken", "finish_reason": "ERROR"}},
                  "message-end")  # fmt: skip

    @staticmethod
    def error(status, code, message):
        return {"id": "e-1", "message": "too many tokens" if code == "context_length_exceeded" else message}


LANGUAGES = {
    "openai-chat": Chat,
    "openai-responses": Responses,
    "anthropic-messages": Messages,
    "bedrock-converse": Converse,
    "google-gemini": Gemini,
    "cohere-chat": Cohere,
}


def flat(content) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [])


class Wall:
    """`seen`: (time, model, how it was asked, its whole name with the language) of each request, in order."""

    def __init__(self, lab):
        self.provider = lab.provider(self.script)
        self.times = dict(FAULTS_S)
        self.reset()

    def reset(self) -> None:
        self.began = time.monotonic()
        self.seen: list = []
        self.counts: dict = defaultdict(int)

    def times_of(self, model: str) -> list[float]:
        return [at for at, name, *_ in self.seen if name == model]

    async def script(self, call) -> None:
        target = unquote(call.request.target)
        language = next(each for each in (Cohere, Responses, Chat, Messages, Gemini, Converse) if each.path in target)
        body = call.request.json()
        named = re.search(r"/(?:models|model)/([^/:]+)", target)
        whole = named.group(1) if named else body["model"]
        model = whole.partition(".")[0]
        turns = language.turns(body)
        unfinished = bool(turns) and turns[-1][0] in ("assistant", "model")
        self.counts[model] += 1
        how = "unfinished" if unfinished else "whole"
        self.seen.append((time.monotonic() - self.began, model, how, f"{language.__name__}/{whole}"))
        await self.answer(call, language, model, turns[-1][1] if unfinished else None)

    async def answer(self, call, language, model, said) -> None:
        first, t = self.counts[model] == 1, self.times
        refuse = self.refusal(model, first, said)
        if refuse:
            return await self.refuse(call, language, *refuse)
        if model == "s05" and first:
            return call.reset()
        if model == "s06":
            await call.gone(t["silence"])
            return call.close()
        words = WORDS
        if said and STORY.startswith(said.rstrip()):
            words = re.findall(r"\s*\S+", STORY[len(said.rstrip()) :])
        await call.send(stream_head(content_type=language.content_type))
        if model == "s07":
            await asyncio.sleep(t["slow"])
        await self.tell(call, language, model, words)

    async def cut(self, call, language, model) -> None:
        """cut_3_reset: the third event is the last before the connection is reset."""
        _, place, how = model.split("_")
        events = [event for events in language.events(model, WORDS) for event in events]
        for event in events[: int(place)]:
            await call.send(chunk(event))
        await asyncio.sleep(0.01)  # so that it isn't lost with the reset
        if how == "reset":
            return call.reset()
        if how == "error":
            await call.send(chunk(language.failure))
        await call.send(LAST_CHUNK)

    async def tell(self, call, language, model, words) -> None:
        if model.startswith("cut_"):
            return await self.cut(call, language, model)
        begin, middle, end = language.events(model, words)
        for event in begin:
            await call.send(chunk(event))
        for number, event in enumerate(middle):
            if model in ("s08", "s14") and number == 40:
                return call.close()
            if model == "s09" and number == 20:
                await call.gone(self.times["stall"])
                return call.close()
            if model == "s10" and number == 10:
                await call.send(chunk(language.bad))
            await call.send(chunk(event))
            await asyncio.sleep(self.times["word"])
        for event in end + ([] if model == "s11" else language.end_mark):
            await call.send(chunk(event))
        await call.send(LAST_CHUNK)

    def refusal(self, model, first, said):
        if model == "noprefill" and said is not None:
            return 400, "invalid_prefill", "The conversation must end with a user message."
        if model == "s01" and first:
            return 429, "rate_limit_exceeded", "Slow down.", {"retry-after": str(self.times["retry_after"])}
        if model == "s02":
            return 429, "rate_limit_exceeded", "Slow down."
        if model == "s03" and first:
            return 500, None, "The server had an error."
        down = model == "s15" and time.monotonic() - self.began < self.times["down"]
        if model in ("s04", "s16") or down:
            return 503, "overloaded", "The engine is overloaded."
        if model == "s12":
            return 400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."
        if model == "s13":
            return 400, "content_policy_violation", "Your request was rejected by our safety system."
        return None

    async def refuse(self, call, language, status, code, message, headers=None) -> None:
        headers = dict(headers or {})
        if language is Converse:
            headers["x-amzn-errortype"] = Converse.error_types.get(status, "ValidationException")
        await call.send(http(status, json.dumps(language.error(status, code, message)).encode(), headers=headers))
