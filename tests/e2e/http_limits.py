"""Limits: what is too much or too slow gets a clear answer, and the rest goes on."""

import json

from http_lab import DIALECTS, PATHS, body, check_error, start
from http_wire import GOOD, HOST, LENGTH, post
from process import wait_for
from provider import Call
from runner import Suite
from wire import Closed, request_bytes

group = Suite("limits")


def small(lab, name: str, limits: dict):
    return lab.keep(f"limits-{name}", lambda: start(lab, {"limits": limits}))


@group.each([(f"{dialect} {way}", (dialect, way)) for dialect in DIALECTS for way in ("length", "chunked")])
def body_over_the_limit(lab, values):
    dialect, way = values
    gateway, provider = small(lab, "body", {"body_bytes": 4096})
    provider.reset_log()
    data = json.dumps(body(dialect, messages=[{"role": "user", "content": "x" * 9000}])).encode()
    with gateway.wire() as wire:
        if way == "length":
            wire.try_send(request_bytes("POST", PATHS[dialect], data))
        else:
            head = request_bytes(
                "POST", PATHS[dialect], None, {"transfer-encoding": "chunked", "content-type": "application/json"}
            )
            wire.try_send(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
        check_error(wire.read_reply(), 413, dialect)
    assert not provider.requests
    assert gateway.call("POST", PATHS[dialect], body(dialect)).status == 200


@group.each(
    [
        ("one long header", [b"x-a: " + b"a" * 100_000]),
        ("many headers", [b"x-%d: 1" % n for n in range(20_000)]),
        ("a long target", []),
    ]
)
def head_over_the_limit(lab, lines):
    gateway, _ = small(lab, "head", {"head_bytes": 16384})
    first = b"POST /v1/chat/completions" + (b"" if lines else b"?" + b"a" * 100_000) + b" HTTP/1.1"
    with gateway.wire() as wire:
        wire.try_send(post(HOST, *lines, LENGTH, first=first))
        reply = wire.read_reply()
        assert reply.status in (431, 414 if not lines else 431), reply.status
        assert wire.wait_closed(3)


@group.each([("head", b"POST /v1/chat/completions HTTP/1.1\r\nhost:"), ("body", post(HOST, LENGTH, after=GOOD[:10]))])
def a_slow_client_gets_408(lab, data):
    gateway, _ = small(lab, "slow", {"head": "400ms", "body": "400ms"})
    with gateway.wire() as wire:
        wire.send(data)
        reply = wire.read_reply()
        assert reply.status == 408, reply.status
        assert wire.wait_closed(3)
    gateway.wait_idle()


@group.case()
def an_idle_connection_is_closed_in_silence(lab):
    gateway, _ = small(lab, "idle", {"idle": "400ms", "head": "400ms"})
    with gateway.wire() as wire:
        wire.send(post(HOST, LENGTH))
        assert wire.read_reply().status == 200
        assert wire.wait_closed(5) and not wire.buffer, wire.buffer
    with gateway.wire() as wire:
        assert wire.wait_closed(5), "a connection that never says anything stays for ever"


@group.each(DIALECTS)
def too_many_in_flight(lab, dialect):
    gateway, provider = small(lab, "flight", {"in_flight": 2})

    async def hold(call: Call) -> None:
        await call.gone(20)

    provider.script = hold
    provider.reset_log()
    wires = [gateway.wire() for _ in range(2)]
    for wire in wires:
        wire.send(request_bytes("POST", PATHS[dialect], json.dumps(body(dialect)).encode()))
    wait_for(lambda: len(provider.calls) == 2, 5, "two to be at the provider")
    reply = gateway.call("POST", PATHS[dialect], body(dialect))
    check_error(reply, (429, 503, 529), dialect)
    assert int(reply.header("retry-after")) >= 1, reply.headers
    assert gateway.call("GET", "/healthz").status == 200, "health must be seen under load"
    for wire in wires:
        wire.close()
    gateway.wait_idle()


@group.case()
def too_many_connections(lab):
    gateway, _ = small(lab, "connections", {"connections": 8})
    wires = [gateway.wire() for _ in range(8)]
    for wire in wires:
        wire.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert wire.read_reply().status == 200
    with gateway.wire(limit_s=3) as extra:
        extra.try_send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        try:
            reply = extra.read_reply()
            assert reply.status in (429, 503) and reply.header("retry-after"), reply
        except Closed:
            pass  # no room even for words
    for wire in wires:
        wire.close()
    wait_for(lambda: gateway.call("GET", "/healthz").status == 200, 5, "room again")
