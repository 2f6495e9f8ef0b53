"""An independent reading of Bedrock Converse's answers, whole and streamed (see reading.py)."""

import json

import event_stream
from reading import READERS, STOP_WORDS, Answer, Call, Usage

STOP_WORDS.update({"content_filtered": "filtered", "guardrail_intervened": "filtered"})


def usage_of(usage: dict | None) -> Usage | None:
    if not usage:
        return None
    read = usage.get("cacheReadInputTokens") or usage.get("cacheReadInputTokenCount") or 0
    write = usage.get("cacheWriteInputTokens") or usage.get("cacheWriteInputTokenCount") or 0
    return Usage(usage["inputTokens"] + read + write, usage["outputTokens"], read, write)


def add_reasoning(answer: Answer, inside: dict) -> None:
    answer.reasoning += inside.get("text") or ""
    answer.signatures += [inside["signature"]] if inside.get("signature") else []


def runs_there(tool_use: dict) -> bool:
    return tool_use.get("type") == "server_tool_use"


def read_whole(body: bytes) -> Answer:
    value = json.loads(body)
    answer = Answer()
    if "output" not in value:
        answer.error = value
        return answer
    for block in value["output"]["message"]["content"]:
        answer.text += block.get("text") or ""
        for cited in (block.get("citationsContent") or {}).get("content") or []:
            answer.text += cited.get("text") or ""
        add_reasoning(answer, (block.get("reasoningContent") or {}).get("reasoningText") or {})
        if (call := block.get("toolUse")) and not runs_there(call):
            answer.calls.append(Call(call["toolUseId"], call["name"], json.dumps(call["input"])))
    answer.stopped(value["stopReason"])
    answer.usage, answer.whole = usage_of(value.get("usage")), True
    return answer


def read_stream(body: bytes) -> Answer:
    answer, calls = Answer(), {}
    for headers, payload in event_stream.read(body):
        event = json.loads(payload)
        if headers[":message-type"] != "event":
            answer.error = event
            continue
        match headers[":event-type"]:
            case "contentBlockStart":
                call = event["start"].get("toolUse")
                if call and not runs_there(call):
                    calls[event["contentBlockIndex"]] = Call(call["toolUseId"], call["name"], "")
            case "contentBlockDelta":
                delta = event["delta"]
                answer.text += delta.get("text") or ""
                add_reasoning(answer, delta.get("reasoningContent") or {})
                if (piece := delta.get("toolUse")) and event["contentBlockIndex"] in calls:
                    calls[event["contentBlockIndex"]].arguments += piece.get("input") or ""
            case "messageStop":
                answer.stopped(event["stopReason"])
                answer.whole = True
            case "metadata":
                answer.usage = usage_of(event.get("usage"))
    answer.calls = [calls[index] for index in sorted(calls)]
    return answer


READERS["bedrock", False] = read_whole
READERS["bedrock", True] = read_stream
