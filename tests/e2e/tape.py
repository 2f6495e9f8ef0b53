"""Answers of the simulated clouds, taken down event by event, to be played again and broken off at any place.

    tape = Tape(lab)
    tape.record(ask)          # whatever ask() makes Hanse fetch from tape.recorder.url, by model and language
    player = Player(lab, tape)
    # a model named "tool" is played whole, "tool_3_reset" has three events and then a reset
"""

import asyncio
import re
import struct
from dataclasses import dataclass
from urllib.parse import unquote

from provider import LAST_CHUNK, chunk, stream_head
from wall import LANGUAGES, Converse

HOWS = ("reset", "end", "error", "stall")


@dataclass
class Cut:
    name: str
    place: int
    how: str

    @property
    def model(self) -> str:
        return f"{self.name}_{self.place}_{self.how}"


def language_of(target: str) -> str:
    first = ("cohere-chat", "openai-responses", "openai-chat")  # a path of theirs holds no other's
    return next(name for name in (*first, *LANGUAGES) if LANGUAGES[name].path in target)


def model_of(request) -> str:
    named = re.search(r"/(?:models|model)/([^/:]+)", unquote(request.target))
    return named.group(1) if named else request.json()["model"]


def events_of(body: bytes, language: str) -> list[bytes]:
    if LANGUAGES[language] is not Converse:
        return [event + b"\n\n" for event in body.replace(b"\r\n", b"\n").split(b"\n\n") if event]
    out = []
    while body:
        size = struct.unpack(">I", body[:4])[0]
        out.append(body[:size])
        body = body[size:]
    return out


class Tape:
    """`events[language, name]`: what the cloud said to the call that was recorded under this name."""

    def __init__(self, lab, ports: dict):
        self.ports = ports  # of the clouds, by language
        self.events: dict = {}
        self.name = ""
        self.recorder = lab.provider(self.script)

    async def script(self, call) -> None:
        language = language_of(unquote(call.request.target))
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[language])
        head = re.sub(rb"(?im)^connection:.*\r\n", b"", call.request.head)
        writer.write(head.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n") + call.request.body)
        answer = await reader.read(-1)
        writer.close()
        self.events[language, self.name] = events_of(unchunked(answer), language)
        await call.send(answer)
        call.close()


def unchunked(answer: bytes) -> bytes:
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return rest
    out = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        size = int(size, 16)
        out, rest = out + rest[:size], rest[size + 2 :]
        if size == 0:
            break
    return out


class Player:
    """Plays a tape in the language that it is asked in."""

    def __init__(self, lab, tape: Tape):
        self.tape = tape
        self.provider = lab.provider(self.script)

    async def script(self, call) -> None:
        name = language_of(unquote(call.request.target))
        language = LANGUAGES[name]
        model, _, cut = model_of(call.request).partition("_")
        events = self.tape.events[name, model]
        await call.send(stream_head(content_type=language.content_type))
        if not cut:
            await call.send(b"".join(chunk(event) for event in events) + LAST_CHUNK)
            return
        place, _, how = cut.partition("_")
        for event in events[: int(place)]:
            await call.send(chunk(event))
        if how == "stall":
            await call.gone(20)
            return call.close()
        await asyncio.sleep(0.005)  # so that what was sent isn't lost with the reset
        if how == "reset":
            return call.reset()
        await call.send((chunk(language.failure) if how == "error" else b"") + LAST_CHUNK)


