#!/usr/bin/env python3
"""Writes what the golden cases hold as seeds for a dialect's fuzzer: requests of its clients, answers of its providers.

    tools/golden_seeds.py FUZZER FOLDER        FUZZER: openai_chat_fuzz; others get nothing
"""

import json
import struct
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The fuzzers' first two bytes choose what is done with the rest: these reach all of it.
CHOICES = (b"\x00\x07", b"\x01\x07", b"\x02\x07", b"\x03\x07", b"\x06\x07", b"\x07\x00", b"\x07\x01")


def body(value) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value, separators=(",", ":")).encode()


def wire(events: list) -> bytes:
    out = b""
    for event in events:
        name, data = event if isinstance(event, list) else (None, event)
        out += (b"event: " + name.encode() + b"\n" if name else b"") + b"data: " + body(data) + b"\n\n"
    return out


def frames(events: list) -> bytes:
    """As an AWS event stream."""
    out = b""
    for name, data in events:
        kind, _, name = name.rpartition(" ")
        kind = kind or "event"
        headers = b""
        texts = ((f":{kind}-type", name), (":content-type", "application/json"), (":message-type", kind))
        for key, text in texts:
            headers += bytes([len(key)]) + key.encode() + b"\7" + struct.pack(">H", len(text)) + text.encode()
        start = struct.pack(">II", 16 + len(headers) + len(body(data)), len(headers))
        frame = start + struct.pack(">I", zlib.crc32(start)) + headers + body(data)
        out += frame + struct.pack(">I", zlib.crc32(frame))
    return out


def seeds(dialect: str):
    for path in sorted(ROOT.glob("src/dialect/*/golden/*.json")):
        case = json.loads(path.read_text())
        if case["client"] == dialect and "request" in case:
            yield path, body(case["request"])
        if case["provider"] != dialect:
            continue
        if "stream" in case:
            yield path, (frames if dialect.startswith("bedrock-") else wire)(case["stream"])
        elif "reply" in case:
            yield path, body(case["reply"])
        elif "refusal" in case:
            yield path, body(case["refusal"]["body"])


def main() -> None:
    fuzzer, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in seeds(fuzzer.removesuffix("_fuzz").replace("_", "-")):
        for number, choice in enumerate(CHOICES):
            (folder / f"{path.parent.parent.name}-{path.stem}-{number}").write_bytes(choice + text)


if __name__ == "__main__":
    main()
