"""An independent reading of Responses' answers, whole and streamed, and the rules of its streams (see reading.py)."""

import json

from reading import READERS, Answer, Call, Usage, sse_frames

STOPS = {"max_output_tokens": "length", "content_filter": "filtered"}
ENDS = ("response.completed", "response.incomplete", "response.failed")


def usage_of(usage: dict | None) -> Usage | None:
    if not usage or usage.get("input_tokens") is None:
        return None
    of_input, of_output = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    return Usage(
        usage["input_tokens"],
        usage.get("output_tokens") or 0,
        of_input.get("cached_tokens") or 0,
        of_input.get("cache_write_tokens") or 0,
        of_output.get("reasoning_tokens") or 0,
    )


def name_of(call: dict) -> str:
    """A tool of a group is called by both names; one that was searched for is a group of its own."""
    group, name = call.get("namespace"), call["name"]
    return f"{group}__{name}" if group and group != name else name


def add_item(answer: Answer, item: dict) -> None:
    match item["type"]:
        case "message":
            for part in item["content"]:
                answer.text += part.get("text") or ""
                answer.refusal += part.get("refusal") or ""
        case "reasoning":
            thoughts = item.get("summary") or item.get("content") or []
            answer.reasoning += "\n\n".join(part.get("text") or "" for part in thoughts)
            if item.get("encrypted_content"):
                answer.signatures.append(item["encrypted_content"])
        case "function_call":
            answer.calls.append(Call(item["call_id"], name_of(item), item["arguments"]))
        case "custom_tool_call":
            answer.calls.append(Call(item["call_id"], name_of(item), json.dumps({"input": item["input"]})))


def read_response(body: dict) -> Answer:
    answer = Answer(model=body.get("model") or "", id=body.get("id") or "", error=body.get("error"))
    answer.usage = usage_of(body.get("usage"))
    for item in body.get("output") or []:
        add_item(answer, item)
    status, why = body.get("status"), (body.get("incomplete_details") or {}).get("reason")
    if status == "completed":
        answer.stop = "tool" if answer.calls else "filtered" if answer.refusal else "end"
    elif status == "incomplete":
        answer.stop = STOPS.get(why, "unknown")
    answer.stop_word, answer.whole = why or status, answer.stop is not None
    return answer


def read_stream(body: bytes) -> Answer:
    """The last event has the whole answer."""
    answer = Answer()
    for frame in sse_frames(body):
        if frame.data.strip() == "[DONE]":
            continue
        event = json.loads(frame.data)
        if event["type"] == "error":
            answer.error = event.get("error") or event
        elif event["type"] in ENDS:
            answer = read_response(event["response"])
    return answer


class Told:
    """What the events of a stream say of its items, one by one."""

    def __init__(self):
        self.items: dict[int, dict] = {}
        self.texts: dict[tuple, str] = {}

    def take(self, event: dict) -> None:
        kind, index = event["type"], event.get("output_index")
        if kind == "response.output_item.done":
            self.items[index] = event["item"]
        elif kind in ("response.output_text.delta", "response.function_call_arguments.delta"):
            key = (index, event.get("content_index"))
            self.texts[key] = self.texts.get(key, "") + event["delta"]

    def check(self, response: dict) -> None:
        for number, item in enumerate(response["output"]):
            if number in self.items:
                assert self.items[number] == item, f"told as {self.items[number]}, and at the end as {item}"
            if item["type"] == "message":
                for at, part in enumerate(item["content"]):
                    said = self.texts.get((number, at), "")
                    assert said == part.get("text", said), f"told {said!r}, and at the end {part}"
            elif item["type"] == "function_call":
                assert self.texts.get((number, None), item["arguments"]) == item["arguments"], item


def check_life(body: bytes) -> None:
    """Every event is numbered, items open and close once and in order, and nothing follows the last one, which has
    the whole answer: the events before must have told the same."""
    opened: set[int] = set()
    told = Told()
    ended = False
    for number, frame in enumerate(sse_frames(body)):
        event = json.loads(frame.data)
        assert frame.event == event["type"], f"the frame says {frame.event}, its data {event['type']}"
        assert event["sequence_number"] == number, f"number {event['sequence_number']} at place {number}"
        assert not ended, f"{event['type']} after the end"
        kind = event["type"]
        if number < 2:
            assert kind == ("response.created", "response.in_progress")[number], kind
        if kind == "response.output_item.added":
            assert event["output_index"] == len(opened), event
            opened.add(event["output_index"])
        elif kind == "response.output_item.done":
            assert event["output_index"] in opened and event["item"]["status"] if "status" in event["item"] else True
        elif "output_index" in event:
            assert event["output_index"] in opened, event
        ended = kind in ENDS
        if ended:
            told.check(event["response"])
        told.take(event)
    assert ended, "no last event"


READERS["responses", False] = lambda body: read_response(json.loads(body))
READERS["responses", True] = read_stream
