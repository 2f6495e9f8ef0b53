"""A provider whose every byte the test decides: on loopback, in a thread of its own, with a script per request.

    async def script(call):                      # call.request is what came; call.send() puts bytes on the wire
        await call.send(http(200, b'{"a":1}'))   # verbatim: no framing is added for you
        await call.gone(5)                       # wait until the other side has closed

    with Provider(script) as provider: ... provider.port, provider.requests

It reads requests leniently and keeps them whole, so a test can look at exactly what Hanse sent.
"""

import asyncio
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    target: str
    headers: list[tuple[str, str]]
    head: bytes
    body: bytes
    connection: int
    at: float = field(default_factory=time.monotonic)

    def header(self, name: str) -> str | None:
        values = self.header_all(name)
        return ", ".join(values) if values else None

    def header_all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)


def http(
    status: int,
    body: bytes = b"",
    content_type: str = "application/json",
    headers: dict | None = None,
    length: bool = True,
) -> bytes:
    """A whole answer as bytes. Without `length` the head alone says nothing of the size: it lasts until the close."""
    lines = [f"HTTP/1.1 {status} X", f"content-type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"content-length: {len(body)}"] if length else ["connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def stream_head(status: int = 200, content_type: str = "text/event-stream; charset=utf-8") -> bytes:
    return f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n".encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


LAST_CHUNK = b"0\r\n\r\n"


# Readable in either dialect: the one model that scripted providers list.
MODELS = json.dumps(
    {"object": "list", "data": [{"id": "m", "type": "model", "object": "model", "display_name": ""}], "has_more": False}
).encode()


class Gone(Exception):
    """The other side closed while the script was talking."""


class Call:
    def __init__(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.request = request
        self.sent = 0
        self.closed_at: float | None = None
        self._writer = writer
        self._closed = asyncio.Event()
        self._watch = asyncio.create_task(self._watch_peer(reader))
        self.next_bytes = b""

    async def _watch_peer(self, reader) -> None:
        try:
            self.next_bytes = await reader.read(1)
        except OSError:
            self.next_bytes = b""
        if not self.next_bytes:
            self.closed_at = time.monotonic()
            self._closed.set()

    async def send(self, data: bytes) -> None:
        """Returns when the kernel has taken the bytes, so a peer that doesn't read holds the script up."""
        if self._closed.is_set():
            raise Gone
        try:
            self._writer.write(data)
            await self._writer.drain()
            self.sent += len(data)
        except OSError as error:
            raise Gone from error

    async def gone(self, limit_s: float) -> bool:
        try:
            await asyncio.wait_for(self._closed.wait(), limit_s)
        except TimeoutError:
            return False
        return True

    def is_gone(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """RST instead of FIN."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def finish(self) -> None:
        if not self._watch.done():
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)


class Provider:
    """`script` may be replaced at any time; it is looked up when a request has been read."""

    def __init__(self, script=None, send_buffer: int | None = None, models_too: bool = False):
        self.script = script
        self.models_too = models_too  # the script answers requests for the list of models, too
        self.requests: list[Request] = []
        self.calls: list[Call] = []
        self.troubles: list[BaseException] = []
        self.connections = 0
        self.open_connections = 0
        self.closed: set[int] = set()  # connections by number
        self.busy = 0  # scripts that are running
        self._send_buffer = send_buffer
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the scripted provider did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def last(self) -> Request:
        return self.requests[-1]

    def reset_log(self) -> None:
        self.requests.clear()
        self.calls.clear()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._send_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        self.port = listener.getsockname()[1]
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=listener, limit=1 << 26))
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()

    def close(self) -> None:
        async def stop():
            self._server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self, reader, writer) -> None:
        self.connections += 1
        self.open_connections += 1
        number = self.connections
        writer.transport.set_write_buffer_limits(high=0)
        try:
            await self._serve_connection(reader, writer, number)
        except (OSError, asyncio.IncompleteReadError, Gone, asyncio.CancelledError):
            pass
        except Exception as error:  # a broken script must show, not hang the test
            self.troubles.append(error)
        finally:
            writer.close()
            await asyncio.gather(asyncio.wait_for(writer.wait_closed(), 5), return_exceptions=True)
            self.open_connections -= 1
            self.closed.add(number)  # only now is it gone for the other side, too

    async def _serve_connection(self, reader, writer, number: int) -> None:
        carried = b""
        while True:
            request = await read_request(reader, carried, number)
            if request is None:
                return
            if request.method == "GET" and "/models" in request.target and not self.models_too:
                writer.write(http(200, MODELS))  # asked at any time, and no part of what a test looks at
                carried = b""
                continue
            self.requests.append(request)
            call = Call(request, reader, writer)
            self.calls.append(call)
            self.busy += 1
            try:
                await self.script(call)
            finally:
                self.busy -= 1
                await call.finish()
            if call.is_gone() or writer.is_closing() or request.header("connection") == "close":
                return
            carried = call.next_bytes


async def read_request(reader, carried: bytes, connection: int) -> Request | None:
    try:
        head = carried + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head[:-4].decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    fields = {name.lower(): value for name, value in headers}
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = await read_chunks(reader)
    else:
        body = await reader.readexactly(int(fields.get("content-length", 0)))
    return Request(method, target, headers, head, body, connection)


async def read_chunks(reader) -> bytes:
    body = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if size == 0:
            return body


# -- scripts that many tests share
def answer(status: int, body: bytes, content_type: str = "application/json", headers: dict | None = None):
    async def script(call: Call) -> None:
        await call.send(http(status, body, content_type, headers))

    return script


def answer_json(status: int, value, headers: dict | None = None):
    return answer(status, json.dumps(value).encode(), headers=headers)


def answer_stream(frames: list[bytes], content_type: str = "text/event-stream; charset=utf-8"):
    async def script(call: Call) -> None:
        await call.send(stream_head(content_type=content_type))
        for frame in frames:
            await call.send(chunk(frame))
        await call.send(LAST_CHUNK)

    return script


def answer_raw(*pieces: bytes, then: str = "close"):
    """Bytes as they are, then "close", "reset", "hang", or "stay" for the next request."""

    async def script(call: Call) -> None:
        for piece in pieces:
            await call.send(piece)
        if then == "reset":
            call.reset()
        elif then == "close":
            call.close()
        elif then == "hang":
            await call.gone(600)

    return script


def in_turn(*scripts):
    """The first request gets the first script, and so on; the last one repeats."""
    waiting = list(scripts)

    async def script(call: Call) -> None:
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(call)

    return script
