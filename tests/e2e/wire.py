"""A client without manners: sends bytes as they are and reads answers strictly, so that tests can be rude to Hanse.

    with Wire(port) as wire:
        wire.send(b"GET /healthz HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n")
        reply = wire.read_reply()

`call()` does one request on a connection of its own.
"""

import json
import re
import socket
import time
from dataclasses import dataclass, field


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    head: bytes = b""
    trailing: list[str] = field(default_factory=list)
    complete: bool = True  # False: the connection closed before the body's framing said it was over

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None

    def json(self):
        return json.loads(self.body)

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Closed(Exception):
    """The other side closed (or reset) before an answer had begun."""


class Wire:
    def __init__(self, port: int, limit_s: float = 10, receive_buffer: int | None = None, sock=None):
        self.limit_s = limit_s
        self.buffer = bytearray()
        if sock is None:
            sock = socket.socket()
            if receive_buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.settimeout(limit_s)
            sock.connect(("127.0.0.1", port))
        self.sock = sock
        self.sock.settimeout(limit_s)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def try_send(self, data: bytes) -> bool:
        """For bodies that the other side may refuse before they are whole."""
        try:
            self.sock.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def receive(self) -> bytes:
        """More bytes, or b"" at the end of the connection (a reset counts as an end)."""
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return data

    def read_until(self, mark: bytes) -> bytes:
        while (at := self.buffer.find(mark)) < 0:
            if not self.receive():
                raise Closed(f"closed while waiting for {mark!r}; got {bytes(self.buffer[:300])!r}")
        return self._take(at + len(mark))

    def _take(self, size: int) -> bytes:
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def read_head(self) -> Reply:
        head = self.read_until(b"\r\n\r\n")
        lines = head[:-4].decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.[01] (\d{3}) ?.*", lines[0])
        if not found:
            raise AssertionError(f"not a status line: {lines[0]!r}")
        headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name):
                raise AssertionError(f"not a header line: {line!r}")
            headers.append((name.lower(), value.strip(" \t")))
        return Reply(int(found[1]), headers, b"", head)

    def read_reply(self, method: str = "POST") -> Reply:
        """The next final answer; 1xx ones are passed over."""
        reply = self.read_head()
        while 100 <= reply.status < 200:
            reply = self.read_head()
        if method == "HEAD" or reply.status in (204, 304):
            return reply
        if (reply.header("transfer-encoding") or "").lower() == "chunked":
            reply.body = b"".join(self.chunks(reply))
        elif (length := reply.header("content-length")) is not None:
            reply.body = self.read_exactly(int(length), reply)
        else:
            while self.receive():
                pass
            reply.body = self._take(len(self.buffer))
        return reply

    def read_exactly(self, size: int, reply: Reply | None = None) -> bytes:
        while len(self.buffer) < size:
            if not self.receive():
                if reply is None:
                    raise Closed(f"closed after {len(self.buffer)} of {size} bytes")
                reply.complete = False
                size = len(self.buffer)
        return self._take(size)

    def chunks(self, reply: Reply):
        """Yields the pieces of a chunked body as they come; marks the reply incomplete when it is cut."""
        try:
            while True:
                line = self.read_until(b"\r\n")
                size = int(line.split(b";")[0], 16)
                if size == 0:
                    break
                yield self.read_exactly(size)
                self.read_exactly(2)
            while (line := self.read_until(b"\r\n")) != b"\r\n":
                reply.trailing.append(line.decode("latin-1").strip())
        except Closed:
            reply.complete = False

    def wait_closed(self, limit_s: float = 5) -> bool:
        """True once the other side has closed; what it still sends is kept in the buffer."""
        deadline = time.monotonic() + limit_s
        while (left := deadline - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                if not self.receive():
                    return True
            except TimeoutError:
                break
            finally:
                self.sock.settimeout(self.limit_s)
        return False


def request_bytes(
    method: str, target: str, body: bytes | None = None, headers: dict | None = None, host: str = "127.0.0.1"
) -> bytes:
    fields = {"host": host, **(headers or {})}
    if body is not None:
        fields.setdefault("content-type", "application/json")
        fields.setdefault("content-length", str(len(body)))
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


def call(port: int, method: str, target: str, body=None, headers: dict | None = None, limit_s: float = 20) -> Reply:
    """One request on a connection of its own. `body`: bytes, or anything that json.dumps takes."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    with Wire(port, limit_s) as wire:
        wire.try_send(request_bytes(method, target, body, {"connection": "close", **(headers or {})}))
        return wire.read_reply(method)
