"""Good answers in either dialect, as the frames or the bytes that a provider sends."""

import json

PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}


def data(value, event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(value)}\n\n".encode()


def chat_chunk(delta: dict, finish: str | None = None) -> bytes:
    return data(
        {
            "id": "chatcmpl-7",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
    )


def chat_stream(words: list[str]) -> list[bytes]:
    usage = data(
        {
            "id": "chatcmpl-7",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": "m",
            "choices": [],
            "usage": {"prompt_tokens": 5, "completion_tokens": len(words), "total_tokens": 5 + len(words)},
        }
    )
    return [
        chat_chunk({"role": "assistant", "content": ""}),
        *[chat_chunk({"content": word}) for word in words],
        chat_chunk({}, "stop"),
        usage,
        b"data: [DONE]\n\n",
    ]


def text_delta(word: str) -> bytes:
    return data(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}},
        "content_block_delta",
    )


def messages_stream(words: list[str]) -> list[bytes]:
    start = {
        "id": "msg_7",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 5, "output_tokens": 1},
    }
    return [
        data({"type": "message_start", "message": start}, "message_start"),
        data(
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            "content_block_start",
        ),
        *[text_delta(word) for word in words],
        data({"type": "content_block_stop", "index": 0}, "content_block_stop"),
        data(
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": len(words)},
            },
            "message_delta",
        ),
        data({"type": "message_stop"}, "message_stop"),
    ]


def stream(dialect: str, words: list[str]) -> list[bytes]:
    return chat_stream(words) if dialect == "openai" else messages_stream(words)


def one_word(dialect: str, word: str) -> bytes:
    return chat_chunk({"content": word}) if dialect == "openai" else text_delta(word)


def beginning(dialect: str) -> bytes:
    """What comes before the first word."""
    return b"".join(stream(dialect, [])[: 1 if dialect == "openai" else 2])


def whole(dialect: str, text: str) -> bytes:
    if dialect == "openai":
        value = {
            "id": "chatcmpl-7",
            "object": "chat.completion",
            "created": 1700000000,
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
        }
    else:
        value = {
            "id": "msg_7",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "content": [{"type": "text", "text": text}],
            "usage": {"input_tokens": 5, "output_tokens": 2},
        }
    return json.dumps(value).encode()


def ask(client: str, model: str, is_stream: bool = False, text: str = "Hello") -> dict:
    value = {"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": text}]}
    return {**value, "stream": True} if is_stream else value
