"""An independent reading of Cohere's answers, whole and streamed (see reading.py)."""

import json

from reading import READERS, STOP_WORDS, Answer, Call, Usage, sse_frames

STOP_WORDS.update({"COMPLETE": "end", "STOP_SEQUENCE": "stop_sequence", "MAX_TOKENS": "length", "TOOL_CALL": "tool"})


def usage_of(usage: dict | None) -> Usage | None:
    tokens = (usage or {}).get("tokens")
    return Usage(tokens["input_tokens"], tokens["output_tokens"], usage.get("cached_tokens") or 0) if tokens else None


def read_whole(body: bytes) -> Answer:
    value = json.loads(body)
    answer = Answer(id=value.get("id", ""))
    if "finish_reason" not in value:
        answer.error = value
        return answer
    message = value["message"]
    content = message.get("content") or []
    answer.text = (message.get("tool_plan") or "") + "".join(part.get("text") or "" for part in content)
    answer.reasoning = "".join(part.get("thinking") or "" for part in content)
    for call in message.get("tool_calls") or []:
        answer.calls.append(Call(call["id"], call["function"]["name"], call["function"]["arguments"]))
    answer.stopped(value["finish_reason"])
    answer.usage, answer.whole = usage_of(value.get("usage")), True
    return answer


def read_stream(body: bytes) -> Answer:
    answer = Answer()
    for frame in sse_frames(body):
        if frame.data == "[DONE]":
            continue
        event = json.loads(frame.data)
        message = (event.get("delta") or {}).get("message") or {}
        match event.get("type"):
            case "message-start":
                answer.id = event["id"]
            case "content-start" | "content-delta":
                answer.text += message["content"].get("text") or ""
                answer.reasoning += message["content"].get("thinking") or ""
            case "tool-plan-delta":
                answer.text += message["tool_plan"]
            case "tool-call-start":
                call = message["tool_calls"]
                answer.calls.append(Call(call["id"], call["function"]["name"], call["function"]["arguments"]))
            case "tool-call-delta":
                answer.calls[event["index"]].arguments += message["tool_calls"]["function"]["arguments"]
            case "message-end":
                delta = event["delta"]
                answer.stopped(delta["finish_reason"])
                answer.usage = usage_of(delta.get("usage"))
                answer.whole = delta["finish_reason"] != "ERROR"
                answer.error = None if answer.whole else delta
    return answer


READERS["cohere", False] = read_whole
READERS["cohere", True] = read_stream
