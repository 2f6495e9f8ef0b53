"""The words in which the cases are written: requests as bytes, and what an answer must look like.

    case("host", "RFC 9112, 3.2", "a comma in it", get(b"Host: a, b"), refused())
    case("reuse", "RFC 9112, 9.3", "two at once", get() + get(), answered(200), answered(200))

`refused` means: that status, `connection: close`, the connection closed, and nothing behind the bad request taken for
a request of its own (the runner always sends one behind it). `waits` means: not a byte of an answer, and no close.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

HOST = b"Host: localhost"
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


@dataclass
class Want:
    """What one answer must be. `status` None: no answer at all, the server waits for more."""

    status: int | None
    body: bytes | None = None
    has: dict[str, str] = field(default_factory=dict)  # a header, and a regular expression for its value
    lacks: tuple[str, ...] = ()
    closes: bool | None = None
    method: str = "GET"
    interim: bool = False  # 100 Continue comes first
    check: Callable | None = None

    def trouble(self, reply) -> str:
        """What is wrong with the answer, or nothing."""
        if reply.status != self.status:
            return f"wanted {self.status}, got {reply.status} {reply.body[:80]!r}"
        if not reply.complete:
            return "the body was cut"
        if self.body is not None and reply.body != self.body:
            return f"wanted the body {self.body[:80]!r}, got {reply.body[:80]!r}"
        wanted = {"date": DATE.pattern, **({"content-type": ".+"} if reply.body else {}), **self.has}
        for name, pattern in wanted.items():
            if not re.fullmatch(pattern, reply.header(name) or ""):
                return f"{name}: wanted {pattern!r}, got {reply.header(name)!r}"
        for name in self.lacks:
            if reply.header(name) is not None:
                return f"{name} must not be there, but is {reply.header(name)!r}"
        said = "close" in (reply.header("connection") or "").lower()
        if self.closes is not None and said != self.closes:
            return f"connection: wanted {'close' if self.closes else 'it kept'}, got {reply.header('connection')!r}"
        return self.check(reply) if self.check else ""


@dataclass
class Case:
    topic: str
    rule: str
    name: str
    sent: bytes | list[bytes]  # a list: each piece once the answer to the one before it is there
    wants: tuple[Want, ...]

    @property
    def pieces(self) -> list[bytes]:
        return self.sent if isinstance(self.sent, list) else [self.sent]

    @property
    def is_refusal(self) -> bool:
        return self.wants[-1].closes is True and (self.wants[-1].status or 0) >= 400


CASES: list[Case] = []


def case(topic: str, rule: str, name: str, sent: bytes | list[bytes], *wants: Want) -> None:
    CASES.append(Case(topic, rule, name, sent, wants))


# -- answers


def answered(status: int = 200, body: bytes | None = None, **more) -> Want:
    return Want(status, body, **{"closes": False, **more})


def refused(status: int = 400) -> Want:
    return Want(status, closes=True)


def waits() -> Want:
    return Want(None)


# -- requests


def request(first: bytes, *lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([first, *lines]) + b"\r\n\r\n" + body


def get(*lines: bytes, first: bytes = b"GET / HTTP/1.1", host: bytes | None = None, body: bytes = b"") -> bytes:
    """With a Host, unless a line brings one or `host` is empty."""
    if host is None:
        host = b"" if any(line.lower().startswith(b"host") for line in lines) else HOST
    return request(first, *([host] if host else []), *lines, body=body)


def post(*lines: bytes, body: bytes = b"hello", first: bytes = b"POST / HTTP/1.1") -> bytes:
    return request(first, HOST, *lines, body=body)


def chunked(body: bytes, *lines: bytes, first: bytes = b"POST / HTTP/1.1") -> bytes:
    return request(first, HOST, b"Transfer-Encoding: chunked", *lines, body=body)


def length(size: int | bytes) -> bytes:
    return b"Content-Length: " + (size if isinstance(size, bytes) else str(size).encode())


def sized(body: bytes, *lines: bytes, method: bytes = b"POST", target: bytes = b"/") -> bytes:
    return request(method + b" " + target + b" HTTP/1.1", HOST, length(len(body)), *lines, body=body)
