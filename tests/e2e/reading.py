"""An independent reading of answers: what a Chat or a Messages reply says, streamed or not, in one plain shape.

Hanse's own code has no part in this: it judges Hanse. Also the rules that each dialect's stream must obey.
"""

import json
from dataclasses import dataclass, field

STOP_WORDS = {  # protocols: what each dialect's word means
    "stop": "end",
    "end_turn": "end",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool",
    "function_call": "tool",
    "tool_use": "tool",
    "content_filter": "filtered",
    "refusal": "filtered",
    "stop_sequence": "stop_sequence",
    "pause_turn": "paused",
    "model_context_window_exceeded": "context_full",
}


@dataclass
class Call:
    id: str
    name: str
    arguments: str  # JSON text as it came; "" when a tool takes none

    def parsed(self):
        return json.loads(self.arguments) if self.arguments.strip() else {}


@dataclass
class Usage:
    input: int  # with everything that was read from or written to a cache
    output: int  # with reasoning
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0


@dataclass
class Answer:
    text: str = ""
    reasoning: str = ""
    signatures: list[str] = field(default_factory=list)
    refusal: str = ""
    calls: list[Call] = field(default_factory=list)
    stop: str | None = None
    stop_word: str | None = None
    stop_text: str | None = None
    usage: Usage | None = None
    model: str = ""
    id: str = ""
    error: dict | None = None
    whole: bool = False  # the terminal event was there
    legacy_call: bool = False  # the old `function_call`, which has no id

    def stopped(self, word: str | None) -> None:
        if word:
            self.stop_word, self.stop = word, STOP_WORDS.get(word, "unknown")


# -- server-sent events
@dataclass
class Frame:
    event: str | None
    data: str


def sse_frames(body: bytes) -> list[Frame]:
    """As the standard reads them: any line end, comments, data on several lines; a cut last frame is dropped."""
    frames, event, data = [], None, []
    text = body.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        if not line:
            if data:
                frames.append(Frame(event, "\n".join(data)))
            event, data = None, []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)
    return frames


# -- Chat Completions
def chat_usage(usage: dict | None) -> Usage | None:
    if not usage or usage.get("prompt_tokens") is None:
        return None
    of_prompt, of_completion = usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}
    return Usage(
        usage["prompt_tokens"],
        usage.get("completion_tokens") or 0,
        of_prompt.get("cached_tokens") or 0,
        of_prompt.get("cache_write_tokens") or 0,
        of_completion.get("reasoning_tokens") or 0,
    )


def text_of(content) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.get("text") or "" for part in content if part.get("type") == "text")


def read_chat(body: dict) -> Answer:
    answer = Answer(model=body.get("model") or "", id=body.get("id") or "", error=body.get("error"))
    answer.usage = chat_usage(body.get("usage"))
    if not body.get("choices"):
        return answer
    choice = body["choices"][0]
    message = choice.get("message") or {}  # a filtered answer may have none
    answer.text = text_of(message.get("content"))
    answer.reasoning = message.get("reasoning_content") or message.get("reasoning") or ""
    answer.refusal = message.get("refusal") or ""
    for call in message.get("tool_calls") or []:
        if not call.get("id") and not call["function"].get("name"):
            continue  # one recorded vendor fills the list with empty calls
        answer.calls.append(Call(call["id"], call["function"]["name"], call["function"].get("arguments") or ""))
    if (old := message.get("function_call")) and old.get("name"):
        answer.calls.append(Call("", old["name"], old.get("arguments") or ""))
        answer.legacy_call = True
    answer.stopped(choice.get("finish_reason"))
    answer.whole = answer.stop is not None
    return answer


def read_chat_stream(body: bytes) -> Answer:
    answer, calls = Answer(), {}
    for frame in sse_frames(body):
        if frame.data.strip() == "[DONE]":
            answer.whole = True
            break
        chunk = json.loads(frame.data)
        if chunk.get("error"):
            answer.error = chunk["error"]
        answer.model = chunk.get("model") or answer.model
        answer.id = chunk.get("id") or answer.id
        answer.usage = chat_usage(chunk.get("usage")) or answer.usage
        for choice in chunk.get("choices") or []:
            if choice.get("index", 0) == 0:
                add_chat_delta(answer, calls, choice)
    answer.calls = [calls[index] for index in sorted(calls)]
    return answer


def add_chat_delta(answer: Answer, calls: dict, choice: dict) -> None:
    delta = choice.get("delta") or {}
    answer.text += text_of(delta.get("content"))
    answer.reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
    answer.refusal += delta.get("refusal") or ""
    for piece in delta.get("tool_calls") or []:
        call = calls.setdefault(piece.get("index", 0), Call("", "", ""))
        function = piece.get("function") or {}
        call.id = call.id or piece.get("id") or ""
        call.name = call.name or function.get("name") or ""
        call.arguments += function.get("arguments") or ""
    if old := delta.get("function_call"):
        call = calls.setdefault(0, Call("", "", ""))
        call.name = call.name or old.get("name") or ""
        call.arguments += old.get("arguments") or ""
        answer.legacy_call = True
    answer.stopped(choice.get("finish_reason"))


# -- Messages
def messages_usage(usage: dict | None) -> Usage | None:
    if not usage or usage.get("input_tokens") is None:
        return None
    read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    details = usage.get("output_tokens_details") or {}
    return Usage(
        usage["input_tokens"] + read + write,
        usage.get("output_tokens") or 0,
        read,
        write,
        details.get("thinking_tokens") or 0,
    )


def read_messages(body: dict) -> Answer:
    answer = Answer(model=body.get("model") or "", id=body.get("id") or "")
    if body.get("type") == "error":
        answer.error = body["error"]
        return answer
    for block in body.get("content") or []:
        if block["type"] == "text":
            answer.text += block["text"]
        elif block["type"] == "thinking":
            answer.reasoning += block.get("thinking") or ""
            answer.signatures += [block["signature"]] if block.get("signature") else []
        elif block["type"] == "tool_use":
            answer.calls.append(Call(block["id"], block["name"], json.dumps(block["input"])))
    answer.stopped(body.get("stop_reason"))
    answer.stop_text = body.get("stop_sequence")
    answer.usage = messages_usage(body.get("usage"))
    answer.whole = answer.stop is not None
    return answer


def read_messages_stream(body: bytes) -> Answer:
    """Folds the events into the message that they describe, and reads that."""
    message, error, whole = {"content": []}, None, False
    blocks: dict[int, dict] = {}
    for frame in sse_frames(body):
        event = json.loads(frame.data)
        kind = event.get("type")
        if kind == "message_start":
            message = {**event["message"], "content": []}
        elif kind == "content_block_start":
            blocks[event["index"]] = {**event["content_block"], "_json": ""}
        elif kind == "content_block_delta":
            add_block_delta(blocks[event["index"]], event["delta"])
        elif kind == "message_delta":
            message.update({key: value for key, value in event["delta"].items() if value is not None})
            reported = {key: value for key, value in (event.get("usage") or {}).items() if value is not None}
            message["usage"] = {**(message.get("usage") or {}), **reported}
        elif kind == "message_stop":
            whole = True
        elif kind == "error":
            error = event["error"]
    for index in sorted(blocks):
        block = blocks[index]
        if block["type"] == "tool_use":
            block["input"] = json.loads(block["_json"]) if block["_json"].strip() else block.get("input") or {}
        message["content"].append(block)
    answer = read_messages(message)
    answer.error, answer.whole = error, whole
    return answer


def add_block_delta(block: dict, delta: dict) -> None:
    kind = delta["type"]
    if kind == "text_delta":
        block["text"] = block.get("text", "") + delta["text"]
    elif kind == "thinking_delta":
        block["thinking"] = block.get("thinking", "") + delta["thinking"]
    elif kind == "signature_delta":
        block["signature"] = block.get("signature", "") + delta["signature"]
    elif kind == "input_json_delta":
        block["_json"] += delta["partial_json"]


READERS = {
    ("openai", False): lambda body: read_chat(json.loads(body)),
    ("openai", True): read_chat_stream,
    ("anthropic", False): lambda body: read_messages(json.loads(body)),
    ("anthropic", True): read_messages_stream,
}


def read(dialect: str, stream: bool, body: bytes) -> Answer:
    return READERS[dialect, stream](body)
