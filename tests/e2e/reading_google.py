"""An independent reading of Gemini's answers, whole, as events and as one JSON array, and of its requests (see
reading.py and asked.py)."""

import base64
import json
import re

from asked import REQUEST_READERS, REQUEST_RULES, Asked, squeeze
from reading import READERS, STOP_WORDS, Answer, Call, Usage, sse_frames

FILTERED = "SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY MODEL_ARMOR".split()
STOP_WORDS.update({"STOP": "end", "MAX_TOKENS": "length", **dict.fromkeys(FILTERED, "filtered")})


def usage_of(usage: dict | None) -> Usage | None:
    if not usage or "promptTokenCount" not in usage:
        return None
    thoughts = usage.get("thoughtsTokenCount") or 0
    return Usage(
        usage["promptTokenCount"] + (usage.get("toolUsePromptTokenCount") or 0),
        (usage.get("candidatesTokenCount") or 0) + thoughts,
        usage.get("cachedContentTokenCount") or 0,
        0,
        thoughts,
    )


def add_chunk(answer: Answer, chunk: dict) -> None:
    """A chunk and a whole answer are of one form."""
    answer.error = chunk.get("error") or answer.error
    answer.id = chunk.get("responseId") or answer.id
    answer.model = chunk.get("modelVersion") or answer.model
    answer.usage = usage_of(chunk.get("usageMetadata")) or answer.usage
    if (chunk.get("promptFeedback") or {}).get("blockReason"):
        answer.stop = "filtered"
    for candidate in chunk.get("candidates") or []:
        if candidate.get("index", 0):
            continue
        for part in (candidate.get("content") or {}).get("parts") or []:
            add_part(answer, part)
        answer.stopped(candidate.get("finishReason"))


def add_part(answer: Answer, part: dict) -> None:
    if part.get("thoughtSignature"):
        answer.signatures.append(part["thoughtSignature"])
    if call := part.get("functionCall"):
        answer.calls.append(Call(call.get("id") or "", call["name"], json.dumps(call.get("args") or {})))
    elif part.get("thought"):
        answer.reasoning += part.get("text") or ""
    else:
        answer.text += part.get("text") or ""


def folded(chunks: list[dict]) -> Answer:
    answer = Answer()
    for chunk in chunks:
        add_chunk(answer, chunk)
    if answer.stop == "end" and answer.calls:  # there is no word of its own for that
        answer.stop = "tool"
    answer.whole = answer.stop is not None and not answer.error
    return answer


def read_stream(body: bytes) -> Answer:
    """Events, or one array of the same."""
    if body.lstrip()[:1] == b"[":
        return folded(json.loads(body))
    return folded([json.loads(frame.data) for frame in sse_frames(body)])


READERS["google", False] = lambda body: folded([json.loads(body)])
READERS["google", True] = read_stream


def check_stream(body: bytes) -> None:
    """The rules of a stream: every chunk is an answer, the last one and no other says how it ended and what it cost."""
    frames = sse_frames(body)
    assert all(frame.event is None for frame in frames), "Gemini's events have no names"
    chunks = [json.loads(frame.data) for frame in frames]
    assert chunks and all(len(chunk["candidates"]) == 1 for chunk in chunks), body[:300]
    ends = [at for at, chunk in enumerate(chunks) if chunk["candidates"][0].get("finishReason")]
    assert ends == [len(chunks) - 1], f"exactly the last chunk says finishReason; they were {ends} of {len(chunks)}"
    for name in ("modelVersion", "responseId"):
        assert len({chunk.get(name) for chunk in chunks}) == 1, f"'{name}' must stay the same through the stream"
    for chunk in chunks:
        content = chunk["candidates"][0]["content"]
        assert content["role"] == "model" and len(content["parts"]) == 1, content


# -- requests
def either(value: dict, name: str):
    """Google's JSON takes both spellings."""
    snake = "".join("_" + c.lower() if c.isupper() else c for c in name)
    return value[name] if name in value else value.get(snake)


def read_request(body: dict) -> Asked:
    config = either(body, "generationConfig") or {}
    asked = Asked(
        tokens_max=either(config, "maxOutputTokens"),
        stop=either(config, "stopSequences") or [],
        temperature=config.get("temperature"),
        top_p=either(config, "topP"),
    )
    for part in (either(body, "systemInstruction") or {}).get("parts") or []:
        asked.system += squeeze(part.get("text") or "")
    for content in body["contents"]:
        role = "assistant" if content.get("role") == "model" else "user"
        for part in content.get("parts") or []:
            read_part(asked, role, part)
    for tool in body.get("tools") or []:
        for function in either(tool, "functionDeclarations") or []:
            schema = either(function, "parametersJsonSchema") or plain_schema(function.get("parameters"))
            asked.tools[function["name"]] = (function.get("description") or "", schema)
    calling = either(either(body, "toolConfig") or {}, "functionCallingConfig") or {}
    asked.choice = choice_of(calling.get("mode"), either(calling, "allowedFunctionNames") or [])
    asked.schema = either(config, "responseJsonSchema") or plain_schema(either(config, "responseSchema"))
    return asked


def read_part(asked: Asked, role: str, part: dict) -> None:
    data, file = either(part, "inlineData"), either(part, "fileData")
    if call := either(part, "functionCall"):
        asked.steps.append(("call", call["name"], call.get("args") or {}))
    elif result := either(part, "functionResponse"):
        asked.steps.append(("result", squeeze(result_text(result.get("response") or {}))))
        for inner in result.get("parts") or []:
            asked.media.append(plain_base64(either(inner, "inlineData")["data"]))
    elif data and either(data, "mimeType").startswith("text/"):  # as well said as shown
        asked.say(role, base64.b64decode(plain_base64(data["data"])).decode())
    elif data:
        asked.media.append(plain_base64(data["data"]))
    elif file:
        asked.media.append(either(file, "fileUri"))
    elif not part.get("thought"):
        asked.say(role, part.get("text"))


def result_text(response: dict) -> str:
    """A text that is only wrapped, because a result must be an object, is that text."""
    if len(response) == 1:
        (name, value), = response.items()
        if isinstance(value, str) and name in ("output", "result", "error"):
            return ("Error: " if name == "error" else "") + value
    return json.dumps(response, ensure_ascii=False)


def plain_base64(text: str) -> str:
    """Google's Python SDK writes the alphabet for URLs, which nobody else reads."""
    plain = text.replace("-", "+").replace("_", "/")
    return plain + "=" * (-len(plain) % 4)


def choice_of(mode: str | None, names: list[str]) -> str | None:
    if mode == "ANY" and len(names) == 1:
        return "named:" + names[0]
    return {"AUTO": "auto", "NONE": "none", "ANY": "required"}.get(mode)


def plain_schema(schema):
    """JSON schema of Google's own kind of schema, as far as recorded requests use it."""
    if isinstance(schema, list):
        return [plain_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for name, value in schema.items():
        name = re.sub("_(.)", lambda found: found[1].upper(), name)
        if name == "properties":
            out[name] = {key: plain_schema(each) for key, each in value.items()}
        elif name == "type" and isinstance(value, str):
            out[name] = value.lower()
        elif name not in ("propertyOrdering", "nullable"):
            out[name] = plain_schema(value)
    if schema.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out:
            out["enum"] = [*out["enum"], None]
    return out


def check_request(body: dict) -> None:
    """What the Gemini API answers with 400, beyond its Discovery document."""
    contents = body["contents"]
    assert contents and contents[0]["role"] == "user", f"the user speaks first: {contents[:1]}"
    calls = []
    for at, content in enumerate(contents):
        assert content["role"] == ("user", "model")[at % 2], f"contents[{at}]: turns take turns"
        parts = content["parts"]
        assert parts, f"contents[{at}] has no parts"
        for part in parts:
            data = set(part) - {"thought", "thoughtSignature"}
            assert len(data) == 1, f"contents[{at}]: a part has one kind of data: {list(part)}"
        results = [part["functionResponse"]["name"] for part in parts if "functionResponse" in part]
        assert sorted(results) == sorted(calls), f"contents[{at}]: calls {calls} are answered by {results}"
        calls = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
    assert not calls, f"calls {calls} never get a result"


REQUEST_READERS["google"] = read_request
REQUEST_RULES["google"] = check_request


def discovered_schema(document: dict, name: str) -> dict:
    """JSON schema of a message in Google's Discovery document. Fields that it doesn't know are refused, as there."""

    def converted(schema: dict) -> dict:
        if "$ref" in schema:
            return {"$ref": f"#/$defs/{schema['$ref']}"}
        if schema["type"] == "any":
            return {}
        out = {"type": schema["type"]}
        if schema.get("format") in ("int64", "uint64"):
            out["type"] = ["string", "integer"]
        if "enum" in schema:
            out["enum"] = schema["enum"]
        if "items" in schema:
            out["items"] = converted(schema["items"])
        if "properties" in schema:
            out["properties"] = {key: converted(each) for key, each in schema["properties"].items()}
        if schema["type"] == "object":
            more = schema.get("additionalProperties")
            out["additionalProperties"] = converted(more) if more else False
        return out

    return {"$ref": f"#/$defs/{name}", "$defs": {key: converted(each) for key, each in document["schemas"].items()}}
