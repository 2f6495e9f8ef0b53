"""The rules that a client's stream must obey, per dialect. Raise AssertionError naming the frame that breaks one."""

import json

from reading import Frame, sse_frames

BLOCK_OF_DELTA = {
    "text_delta": "text",
    "input_json_delta": "tool_use",
    "thinking_delta": "thinking",
    "signature_delta": "thinking",
    "citations_delta": "text",
}


def check_chat_stream(body: bytes, usage_asked: bool) -> None:
    frames = sse_frames(body)
    assert frames and frames[-1].data == "[DONE]", f"must end with [DONE]: {body[-200:]!r}"
    assert all(frame.event is None for frame in frames), "Chat frames have no event name"
    chunks = [json.loads(frame.data) for frame in frames[:-1]]
    for name in ("id", "model", "created"):
        assert len({chunk[name] for chunk in chunks}) == 1, f"'{name}' must stay the same through the stream"
    assert all(chunk["object"] == "chat.completion.chunk" for chunk in chunks)
    deltas = [choice for chunk in chunks for choice in chunk["choices"]]
    assert deltas[0]["delta"].get("role") == "assistant", f"the first delta must carry the role: {deltas[0]}"
    ends = [index for index, choice in enumerate(deltas) if choice.get("finish_reason")]
    assert ends == [len(deltas) - 1], f"exactly the last choice says finish_reason; they were {ends} of {len(deltas)}"
    with_usage = [index for index, chunk in enumerate(chunks) if chunk.get("usage")]
    if usage_asked:
        assert with_usage == [len(chunks) - 1] and chunks[-1]["choices"] == [], f"one usage chunk, last: {with_usage}"
    else:
        assert not with_usage, "usage nobody asked for"
    check_chat_calls(deltas)


def check_chat_calls(deltas: list[dict]) -> None:
    begun = []
    for choice in deltas:
        for piece in choice["delta"].get("tool_calls") or []:
            if piece["index"] not in begun:
                assert piece["index"] == len(begun), f"tool calls count 0, 1, 2: {piece}"
                assert piece.get("id") and piece["function"].get("name"), f"a call's first piece names it: {piece}"
                begun.append(piece["index"])
            else:
                assert not piece.get("id"), f"a call's id comes once: {piece}"


def check_messages_stream(body: bytes) -> None:
    frames = sse_frames(body)
    events = [parsed(frame) for frame in frames]
    kinds = [event["type"] for event in events if event["type"] != "ping"]
    assert kinds and kinds[0] == "message_start", f"must begin with message_start: {kinds[:3]}"
    assert kinds[-2:] == ["message_delta", "message_stop"], f"must end with message_delta, message_stop: {kinds[-3:]}"
    assert kinds.count("message_start") == 1 and kinds.count("message_stop") == 1
    start = next(event for event in events if event["type"] == "message_start")["message"]
    assert start["content"] == [] and start["role"] == "assistant" and start["type"] == "message", start
    assert start["stop_reason"] is None and "usage" in start, start
    check_blocks([event for event in events if event["type"].startswith("content_block")])
    end = [event for event in events if event["type"] == "message_delta"][-1]
    assert end["delta"].get("stop_reason"), f"the last message_delta says why: {end}"


def parsed(frame: Frame) -> dict:
    event = json.loads(frame.data)
    assert frame.event == event["type"], f"event name {frame.event!r} and type {event['type']!r} differ"
    return event


def check_blocks(events: list[dict]) -> None:
    """Blocks follow each other, 0, 1, 2, each closed before the next opens, with deltas of its own kind."""
    open_block, seen = None, 0
    for event in events:
        if event["type"] == "content_block_start":
            assert open_block is None, f"a block opens inside another: {event}"
            assert event["index"] == seen, f"block {seen} is next, not {event['index']}"
            open_block = event["content_block"]["type"]
        elif event["type"] == "content_block_delta":
            assert open_block and event["index"] == seen, f"a delta outside its block: {event}"
            kind = event["delta"]["type"]
            assert BLOCK_OF_DELTA.get(kind) == open_block, f"{kind} inside a {open_block} block"
        else:
            assert open_block and event["index"] == seen, f"a stop without a start: {event}"
            open_block, seen = None, seen + 1
    assert open_block is None, "the last block was not closed"
