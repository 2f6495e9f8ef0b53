"""HTTP itself: requests that lie, framing, methods and paths, limits, keep-alive, HTTP/2."""

import json

from http_lab import DIALECTS, PATHS, check_error, shared
from provider import answer_stream
from runner import Suite
from wire import request_bytes

group = Suite("wire")

GOOD = json.dumps({"model": "openai/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hello"}]}).encode()
SIZE = str(len(GOOD)).encode()
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)


def post(*lines: bytes, after: bytes = GOOD, first: bytes = b"POST /v1/chat/completions HTTP/1.1") -> bytes:
    return b"\r\n".join([first, *lines]) + b"\r\n\r\n" + after


HOST, LENGTH = b"host: x", b"content-length: " + SIZE
LIES = [
    ("length and chunked", post(HOST, LENGTH, b"transfer-encoding: chunked", after=CHUNKED)),
    ("chunked and length", post(HOST, b"transfer-encoding: chunked", LENGTH, after=CHUNKED)),
    ("two different lengths", post(HOST, LENGTH, b"content-length: 5")),
    ("two equal lengths", post(HOST, LENGTH, LENGTH)),
    ("a list of lengths", post(HOST, b"content-length: %s, %s" % (SIZE, SIZE))),
    ("a signed length", post(HOST, b"content-length: +" + SIZE)),
    ("a negative length", post(HOST, b"content-length: -1")),
    ("a hex length", post(HOST, b"content-length: 0x10")),
    ("an empty length", post(HOST, b"content-length:")),
    ("a huge length", post(HOST, b"content-length: 99999999999999999999999")),
    ("a length with a space", post(HOST, b"content-length: 1 0")),
    ("chunked twice", post(HOST, b"transfer-encoding: chunked", b"transfer-encoding: chunked", after=CHUNKED)),
    ("chunked, identity", post(HOST, b"transfer-encoding: chunked, identity", after=CHUNKED)),
    ("xchunked", post(HOST, b"transfer-encoding: xchunked", after=CHUNKED)),
    ("gzip encoding", post(HOST, b"transfer-encoding: gzip", after=CHUNKED)),
    ("chunked with a vertical tab", post(HOST, b"transfer-encoding: \x0bchunked", after=CHUNKED)),
    ("space before the colon", post(HOST, b"content-length : " + SIZE)),
    ("tab before the colon", post(HOST, b"transfer-encoding\t: chunked", after=CHUNKED)),
    ("obs-fold", post(HOST, b"x-a: 1", b" folded", LENGTH)),
    ("obs-fold with a tab", post(HOST, b"x-a: 1", b"\tfolded", LENGTH)),
    ("a space before the first header", post(b" host: x", LENGTH)),
    ("bare LF lines", b"POST /v1/chat/completions HTTP/1.1\nhost: x\ncontent-length: " + SIZE + b"\n\n" + GOOD),
    ("one bare LF", post(HOST, b"x-a: 1\nx-b: 2", LENGTH)),
    ("a bare CR", post(HOST, b"x-a: 1\rx-b: 2", LENGTH)),
    ("a NUL in a value", post(HOST, b"x-a: a\0b", LENGTH)),
    ("a control byte in a value", post(HOST, b"x-a: a\x01b", LENGTH)),
    ("DEL in a value", post(HOST, b"x-a: a\x7fb", LENGTH)),
    ("a space in a name", post(HOST, b"x a: 1", LENGTH)),
    ("a byte above 127 in a name", post(HOST, b"x\xe4: 1", LENGTH)),
    ("an empty name", post(HOST, b": 1", LENGTH)),
    ("a line without a colon", post(HOST, b"nonsense", LENGTH)),
    ("no host", post(LENGTH)),
    ("two hosts", post(HOST, b"host: y", LENGTH)),
    ("a host with a space", post(b"host: a b", LENGTH)),
    ("no version", post(HOST, LENGTH, first=b"POST /v1/chat/completions")),
    ("a strange version", post(HOST, LENGTH, first=b"POST /v1/chat/completions HTTP/9.9")),
    ("a lower-case version", post(HOST, LENGTH, first=b"POST /v1/chat/completions http/1.1")),
    ("two spaces", post(HOST, LENGTH, first=b"POST  /v1/chat/completions HTTP/1.1")),
    ("a space at the end of the line", post(HOST, LENGTH, first=b"POST /v1/chat/completions HTTP/1.1 ")),
    ("a space in the target", post(HOST, LENGTH, first=b"POST /v1/chat completions HTTP/1.1")),
    ("a control byte in the target", post(HOST, LENGTH, first=b"POST /v1/chat\x01 HTTP/1.1")),
    ("a bad method", post(HOST, LENGTH, first=b"PO(ST /v1/chat/completions HTTP/1.1")),
    ("a target without a slash", post(HOST, LENGTH, first=b"POST v1/chat/completions HTTP/1.1")),
    ("another host in the target", post(b"host: a", LENGTH, first=b"POST http://b/v1/chat/completions HTTP/1.1")),
    ("a chunk size that isn't hex", post(HOST, b"transfer-encoding: chunked", after=b"zz\r\nhello\r\n0\r\n\r\n")),
    ("a negative chunk size", post(HOST, b"transfer-encoding: chunked", after=b"-5\r\nhello\r\n0\r\n\r\n")),
    ("a chunk size with 0x", post(HOST, b"transfer-encoding: chunked", after=b"0x5\r\nhello\r\n0\r\n\r\n")),
    (
        "a chunk size that overflows",
        post(HOST, b"transfer-encoding: chunked", after=b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    ),
    ("a chunk longer than it says", post(HOST, b"transfer-encoding: chunked", after=b"3\r\nhello\r\n0\r\n\r\n")),
    ("a chunk line with a bare LF", post(HOST, b"transfer-encoding: chunked", after=b"5\nhello\r\n0\r\n\r\n")),
    ("a bare LF behind a chunk", post(HOST, b"transfer-encoding: chunked", after=b"5\r\nhello\n0\r\n\r\n")),
    ("an empty chunk size", post(HOST, b"transfer-encoding: chunked", after=b"\r\nhello\r\n0\r\n\r\n")),
    ("a bad trailer", post(HOST, b"transfer-encoding: chunked", after=CHUNKED[:-2] + b"x : y\r\n\r\n")),
]


@group.each(LIES)
def lie(lab, data):
    gateway, provider = shared(lab)
    with gateway.wire(limit_s=5) as wire:
        # What follows must not be taken for a request of its own.
        wire.try_send(data + b"GET /healthz HTTP/1.1\r\nhost: smuggled\r\n\r\n")
        reply = wire.read_reply()
        assert reply.status in (400, 505 if b"HTTP/9" in data else 400, 501 if b"gzip" in data else 400), (
            f"wanted 400, got {reply.status}"
        )
        assert (reply.header("connection") or "").lower() == "close", reply.headers
        assert wire.wait_closed(3), "the connection stays open"
        assert b"HTTP/1.1" not in wire.buffer, f"a second answer: {wire.buffer[:200]!r}"
    assert not provider.requests, f"it reached the provider: {provider.last().head!r}"
    assert gateway.alive()


@group.case()
def good_and_unusual(lab):
    """Not lies: these must work."""
    gateway, _ = shared(lab)
    for data in (
        post(HOST, b"transfer-encoding: chunked", after=CHUNKED),
        post(HOST, b"Transfer-Encoding: Chunked", after=CHUNKED),
        post(
            HOST, b"transfer-encoding: chunked", after=b"%X;name=value\r\n%s\r\n0\r\nx-t: 1\r\n\r\n" % (len(GOOD), GOOD)
        ),
        post(b"HOST:x", b"Content-Length:   " + SIZE + b"  \t"),
        post(HOST, LENGTH, b"x-empty:"),
        post(HOST, LENGTH, b"x-latin: \xe4\xf6"),
        b"\r\n" + post(HOST, LENGTH),
        post(HOST, LENGTH, first=b"POST /v1/chat/completions?beta=true HTTP/1.1"),
        post(HOST, LENGTH, first=b"POST http://x/v1/chat/completions HTTP/1.1"),
    ):
        with gateway.wire() as wire:
            wire.send(data)
            assert wire.read_reply().status == 200, data


UNKNOWN_PATHS = [
    ("/", "openai"),
    ("/v1", "openai"),
    ("/v1/nothing", "openai"),
    ("/v1/chat/completions/x", "openai"),
    ("/v1/messages/nothing", "anthropic"),
    ("/v1/chat/../messages", "openai"),
    ("/%2e%2e/etc/passwd", "openai"),
    ("/" + "a" * 3000, "openai"),
]


@group.each(
    [
        (f"{method} {path[:40]}", (method, path, dialect))
        for path, dialect in UNKNOWN_PATHS
        for method in ("POST", "GET")
        if path != "/" or method == "POST"
    ]
)
def unknown_path(lab, values):
    method, path, dialect = values
    gateway, _ = shared(lab)
    data = {} if method == "POST" else None
    check_error(gateway.call(method, path, data), (404, 405) if path == "/" else 404, dialect)


@group.case()
def an_anthropic_client_gets_its_dialect_on_shared_paths(lab):
    gateway, _ = shared(lab)
    check_error(gateway.call("GET", "/v1/nothing", None, {"anthropic-version": "2023-06-01"}), 404, "anthropic")


@group.each(
    [
        (f"{method} {dialect}", (method, dialect))
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")
        for dialect in DIALECTS
    ]
)
def wrong_method(lab, values):
    method, dialect = values
    gateway, _ = shared(lab)
    reply = gateway.call(method, PATHS[dialect], {} if method == "PUT" else None)
    if method != "OPTIONS" or reply.status != 204:  # OPTIONS may be answered: with what is allowed
        check_error(reply, 405, dialect)
    assert "POST" in (reply.header("allow") or ""), reply.headers


@group.each(DIALECTS)
def head_has_no_body(lab, dialect):
    gateway, _ = shared(lab)
    for path, status in (("/healthz", 200), ("/nothing", 404), (PATHS[dialect], 405)):
        with gateway.wire() as wire:
            wire.send(request_bytes("HEAD", path) + request_bytes("GET", "/healthz", headers={"connection": "close"}))
            assert wire.read_reply("HEAD").status == status
            assert wire.read_reply("GET").status == 200, "the bytes after a HEAD's answer are out of step"
            assert wire.wait_closed() and not wire.buffer


@group.case()
def keep_alive(lab):
    gateway, provider = shared(lab)
    with gateway.wire() as wire:
        for _ in range(20):
            wire.send(post(HOST, LENGTH))
            assert wire.read_reply().status == 200
    assert len(provider.requests) == 20
    assert len({request.connection for request in provider.requests}) <= 2, "the provider's connection isn't reused"


@group.case()
def pipelining(lab):
    gateway, _ = shared(lab)
    with gateway.wire() as wire:
        wire.send(
            post(HOST, LENGTH)
            + b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n"
            + post(HOST, LENGTH)
            + b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        )
        assert [wire.read_reply().status for _ in range(4)] == [200, 404, 200, 200]
        assert wire.wait_closed() and not wire.buffer


@group.case()
def one_byte_at_a_time(lab):
    gateway, _ = shared(lab)
    with gateway.wire() as wire:
        for byte in post(HOST, b"transfer-encoding: chunked", after=CHUNKED):
            wire.send(bytes([byte]))
        assert wire.read_reply().status == 200


@group.case()
def http_1_0(lab):
    gateway, _ = shared(lab)
    with gateway.wire() as wire:
        wire.send(post(LENGTH, first=b"POST /v1/chat/completions HTTP/1.0"))
        reply = wire.read_reply()
        assert reply.status == 200 and not reply.header("transfer-encoding"), reply.headers
        assert wire.wait_closed(), "HTTP/1.0 without keep-alive ends the connection"


@group.case()
def http_1_0_stream_is_not_chunked(lab):
    gateway, provider = shared(lab)
    provider.script = answer_stream(
        [
            b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
            b'[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n',
            b"data: [DONE]\n\n",
        ]
    )
    data = GOOD[:-1] + b', "stream": true}'
    with gateway.wire() as wire:
        wire.send(post(b"content-length: %d" % len(data), after=data, first=b"POST /v1/chat/completions HTTP/1.0"))
        reply = wire.read_reply()
        assert not reply.header("transfer-encoding") and reply.body.endswith(b"data: [DONE]\n\n"), reply


@group.case()
def connection_close_is_obeyed(lab):
    gateway, _ = shared(lab)
    with gateway.wire() as wire:
        wire.send(post(HOST, LENGTH, b"connection: close"))
        assert wire.read_reply().status == 200 and wire.wait_closed()


@group.case()
def expect_100_continue(lab):
    gateway, _ = shared(lab)
    with gateway.wire() as wire:
        wire.send(post(HOST, LENGTH, b"expect: 100-continue", after=b""))
        assert wire.read_head().status == 100, "100 must come before the body is sent"
        wire.send(GOOD)
        assert wire.read_reply().status == 200
    with gateway.wire() as wire:
        wire.send(post(HOST, b"content-length: 999999999999", b"expect: 100-continue", after=b""))
        assert wire.read_reply().status == 413, "refused before a byte of the body"
    with gateway.wire() as wire:
        wire.send(post(HOST, LENGTH, b"expect: tea", after=GOOD))
        assert wire.read_reply().status in (200, 417)
