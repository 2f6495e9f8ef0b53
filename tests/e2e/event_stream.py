"""AWS's event streams, written and read here without Hanse's code: frames with two sums, headers that are texts."""

import json
import struct
import zlib


def frame(headers: dict, payload: bytes) -> bytes:
    head = b""
    for key, text in headers.items():
        head += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(text)) + text.encode()
    start = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    whole = start + struct.pack(">I", zlib.crc32(start)) + head + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def event(name: str, value) -> bytes:
    kind, _, name = name.rpartition(" ")
    kind = kind or "event"
    payload = json.dumps(value, separators=(",", ":")).encode()
    return frame({f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}, payload)


def read(data: bytes) -> list[tuple[dict, bytes]]:
    """(headers, payload) of each frame; raises ValueError where a length or a sum is wrong, or the end is cut."""
    out = []
    while data:
        if len(data) < 16:
            raise ValueError("cut")
        total, head_size, head_sum = struct.unpack(">III", data[:12])
        if zlib.crc32(data[:8]) != head_sum or total > len(data):
            raise ValueError("wrong prelude or cut")
        whole, data = data[:total], data[total:]
        if zlib.crc32(whole[:-4]) != struct.unpack(">I", whole[-4:])[0]:
            raise ValueError("wrong sum")
        out.append((_headers(whole[12 : 12 + head_size]), whole[12 + head_size : -4]))
    return out


def _headers(block: bytes) -> dict:
    out, at = {}, 0
    while at < len(block):
        size = block[at]
        name = block[at + 1 : at + 1 + size].decode()
        at += 1 + size
        if block[at] != 7:
            raise ValueError(f"{name} is no text")
        (length,) = struct.unpack(">H", block[at + 1 : at + 3])
        out[name] = block[at + 3 : at + 3 + length].decode()
        at += 3 + length
    return out


def names(data: bytes) -> list[str]:
    return [h.get(":event-type") or h[":message-type"] + " " + h.get(":exception-type", "") for h, _ in read(data)]
