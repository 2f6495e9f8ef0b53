"""An independent reading of requests: what a Chat or a Messages body asks for, in one plain shape, to compare a
client's request with its translation. Blank texts count for nothing: two of the dialects refuse them."""

import base64
import json
import re
from dataclasses import dataclass, field


def squeeze(text: str) -> str:
    """Without white space: how a translation joins the parts of a turn is its own business."""
    return re.sub(r"\s+", "", text)


@dataclass
class Asked:
    system: str = ""
    steps: list[tuple] = field(
        default_factory=list
    )  # ("user"|"assistant", text), ("call", name, args), ("result", text)
    media: list[str] = field(default_factory=list)  # base64 data or URL, in order
    tools: dict[str, tuple] = field(default_factory=dict)
    choice: str | None = None
    tokens_max: int | None = None
    stop: list[str] = field(default_factory=list)
    temperature: float | None = None
    top_p: float | None = None
    schema: dict | None = None
    stream: bool = False

    def say(self, role: str, text: str | None) -> None:
        text = squeeze(text or "")
        if not text:
            return
        if self.steps and self.steps[-1][0] == role:
            self.steps[-1] = (role, self.steps[-1][1] + text)
        else:
            self.steps.append((role, text))


def arguments_of(text: str | None):
    try:
        return json.loads(text) if text and text.strip() else {}
    except ValueError:
        return {"_not_json": text}


# -- Chat Completions
def read_chat_request(body: dict) -> Asked:
    asked = Asked(
        tokens_max=body.get("max_completion_tokens") or body.get("max_tokens"),
        stream=bool(body.get("stream")),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
    )
    stop = body.get("stop")
    asked.stop = [stop] if isinstance(stop, str) else stop or []
    for message in body["messages"]:
        read_chat_message(asked, message)
    for tool in body.get("tools") or []:
        if tool.get("type") == "function":
            function = tool["function"]
            asked.tools[function["name"]] = (function.get("description") or "", function.get("parameters"))
    asked.choice = chat_choice(body.get("tool_choice"))
    shape = body.get("response_format") or {}
    if shape.get("type") == "json_schema":
        asked.schema = shape["json_schema"].get("schema")
    return asked


def chat_choice(choice) -> str | None:
    if isinstance(choice, dict):
        return "named:" + choice["function"]["name"] if choice.get("type") == "function" else "other"
    return choice


def read_chat_message(asked: Asked, message: dict) -> None:
    role = message["role"]
    if role in ("system", "developer"):
        asked.system += squeeze(text_and_media(message.get("content"), asked))
    elif role == "tool":
        asked.steps.append(("result", squeeze(text_and_media(message.get("content"), asked))))
    elif role == "function":
        asked.steps.append(("result", squeeze(message.get("content") or "")))
    else:
        asked.say(role, text_and_media(message.get("content"), asked))
        for call in message.get("tool_calls") or []:
            if call.get("type", "function") == "function":
                asked.steps.append(("call", call["function"]["name"], arguments_of(call["function"].get("arguments"))))
        if old := message.get("function_call"):
            asked.steps.append(("call", old["name"], arguments_of(old.get("arguments"))))


def text_and_media(content, asked: Asked) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    text = ""
    for part in content:
        kind = part.get("type")
        if kind in ("text", "refusal"):
            text += part.get(kind) or ""
        elif kind == "image_url":
            asked.media.append(
                bare(part["image_url"]["url"] if isinstance(part["image_url"], dict) else part["image_url"])
            )
        elif kind == "file" and (part["file"].get("file_data") or "").startswith("data:text/plain"):
            text += base64.b64decode(bare(part["file"]["file_data"])).decode()
        elif kind == "file":
            file = part["file"]
            asked.media.append(bare(file.get("file_data") or file.get("file_id") or ""))
        elif kind == "input_audio":
            asked.media.append(part["input_audio"]["data"])
        elif kind == "video_url":
            asked.media.append(bare(part["video_url"]["url"]))
    return text


def bare(url: str) -> str:
    """A data: URL without its label, other URLs as they are."""
    return url.partition(",")[2] if url.startswith("data:") else url


# -- Messages
def read_messages_request(body: dict) -> Asked:
    asked = Asked(
        tokens_max=body.get("max_tokens"),
        stream=bool(body.get("stream")),
        stop=body.get("stop_sequences") or [],
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
    )
    asked.system = squeeze(block_text(body.get("system"), asked))
    for message in body["messages"]:
        read_messages_turn(asked, message)
    for tool in body.get("tools") or []:
        if tool.get("type", "custom") == "custom":
            asked.tools[tool["name"]] = (tool.get("description") or "", tool.get("input_schema"))
    choice = body.get("tool_choice")
    if choice:
        asked.choice = {"any": "required", "tool": f"named:{choice.get('name')}"}.get(choice["type"], choice["type"])
    shape = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    asked.schema = shape.get("schema")
    return asked


def read_messages_turn(asked: Asked, message: dict) -> None:
    role, content = message["role"], message["content"]
    if role == "system":
        asked.system += squeeze(block_text(content, asked))
        return
    if isinstance(content, str):
        asked.say(role, content)
        return
    for block in content:
        kind = block["type"]
        if kind == "text":
            asked.say(role, block["text"])
        elif kind == "tool_use":
            asked.steps.append(("call", block["name"], block["input"]))
        elif kind == "tool_result":
            # Chat has no is_error: there the words say it.
            sign = "Error:" if block.get("is_error") else ""
            asked.steps.append(("result", sign + squeeze(block_text(block.get("content"), asked))))
        else:
            asked.say(role, block_text([block], asked))


def block_text(content, asked: Asked) -> str:
    """The text of blocks; what else is in them goes to the media."""
    if content is None or isinstance(content, str):
        return content or ""
    text = ""
    for block in content:
        source = block["source"] if isinstance(block.get("source"), dict) else {}
        if block["type"] == "text":
            text += block["text"]
        elif source.get("type") == "text":  # a document in plain text may as well be said
            text += source["data"]
        elif block["type"] in ("image", "document"):
            asked.media.append(source.get("data") or source.get("url") or source.get("file_id") or "")
    return text


REQUEST_READERS = {"openai": read_chat_request, "anthropic": read_messages_request}


def read_request(dialect: str, body: dict) -> Asked:
    return REQUEST_READERS[dialect](body)


# -- rules of the target that no schema says
def check_messages_request(body: dict) -> None:
    """What the Anthropic API answers with 400, beyond its OpenAPI document."""
    assert isinstance(body.get("max_tokens"), int) and body["max_tokens"] >= 1, f"max_tokens: {body.get('max_tokens')}"
    turns = body["messages"]
    assert turns, "messages is empty"  # the first may be the assistant's: a recording shows it accepted
    for at, turn in enumerate(turns):
        blocks = [{"type": "text", "text": turn["content"]}] if isinstance(turn["content"], str) else turn["content"]
        assert blocks, f"messages[{at}] is empty"
        for block in blocks:
            assert block["type"] != "text" or block["text"].strip(), f"messages[{at}]: blank text"
        check_results_follow_calls(turns, at, blocks)
    system = body.get("system")
    for block in system if isinstance(system, list) else []:
        assert block["text"].strip(), "system: blank text"


def check_results_follow_calls(turns: list, at: int, blocks: list) -> None:
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if results:
        kinds = [block["type"] for block in blocks]
        assert kinds[: len(results)] == ["tool_result"] * len(results), f"messages[{at}]: results come first: {kinds}"
    if turns[at]["role"] == "assistant":
        return
    before = turns[at - 1]["content"] if at and turns[at - 1]["role"] == "assistant" else []
    calls = [block["id"] for block in before if isinstance(block, dict) and block["type"] == "tool_use"]
    assert sorted(calls) == sorted(results), f"messages[{at}]: calls {calls} are answered by results {results}"
    for name in calls:
        assert re.fullmatch(r"[a-zA-Z0-9_-]+", name), f"messages[{at}]: call id {name!r}"


def check_chat_request(body: dict) -> None:
    """What the OpenAI API answers with 400, beyond its OpenAPI document."""
    open_calls: list[str] = []
    for at, message in enumerate(body["messages"]):
        if message["role"] == "tool":
            assert message["tool_call_id"] in open_calls, f"messages[{at}]: a result of no call before it"
            open_calls.remove(message["tool_call_id"])
            continue
        assert not open_calls, f"messages[{at}]: calls {open_calls} have no result yet"
        if message["role"] == "assistant":
            calls = message.get("tool_calls")
            said = message.get("content") is not None or message.get("refusal")
            assert said or calls, f"messages[{at}]: an assistant turn without content"
            open_calls = [call["id"] for call in calls or []]
            assert all(len(name) <= 64 for name in open_calls), f"messages[{at}]: call ids of 64 at most: {open_calls}"
    assert not open_calls, f"calls {open_calls} never get a result"


REQUEST_RULES = {"openai": check_chat_request, "anthropic": check_messages_request}


def check_request_rules(dialect: str, body: dict) -> None:
    REQUEST_RULES[dialect](body)
