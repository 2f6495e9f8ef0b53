"""Clients that leave, read slowly, or come by the thousand; a provider that is killed; a log that can't be written."""

import asyncio
import json
import os
import resource
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from drivers import DRIVER_NAMES, driver
from fault_lab import ALL, PAIRS, Scene, shared, took
from http_lab import check_error
from process import wait_for
from provider import Call, answer, chunk, stream_head
from runner import Suite
from shapes import PATHS, ask, beginning, one_word, stream, whole
from wire import Closed, Wire, request_bytes

group = Suite("client")


# -- clients that leave
async def silent(call: Call) -> None:
    await call.gone(30)


def talking(cloud: str):
    async def script(call: Call) -> None:
        await call.send(stream_head())
        await call.send(chunk(beginning(cloud)))
        while not await call.gone(0.02):
            await call.send(chunk(one_word(cloud, "word ")))

    return script


def half_said(cloud: str):
    async def script(call: Call) -> None:
        await call.send(
            b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n" + whole(cloud, "x")[:40]
        )
        await call.gone(30)

    return script


def leave(wire: Wire, how: str) -> None:
    if how == "reset":
        wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


LEAVING = [
    (f"{name}, {moment}, by {how}", (*pair, moment, how))
    for name, pair in PAIRS
    for how in ("close", "reset")
    for moment in ("before the first token", "in the stream", "no stream", "in the body")
]


@group.each(LEAVING)
def a_client_that_leaves(lab, values):
    client, cloud, moment, how = values
    scene = shared(lab)
    scene.provider.script = {"in the stream": talking(cloud), "in the body": half_said(cloud)}.get(moment, silent)
    is_stream = moment in ("before the first token", "in the stream")
    wire = scene.open(client, cloud, is_stream)
    wait_for(lambda: scene.provider.calls, 3, "the provider to be asked")
    if moment == "in the stream":
        wire.read_until(b"word")
    assert not scene.provider.calls[0].is_gone()
    begin = time.monotonic()
    leave(wire, how)
    wait_for(scene.provider.calls[0].is_gone, 2, "the provider's connection to be closed")
    assert took(begin) < 1, f"it took {took(begin)} s"
    scene.check_clean()


@group.each(PAIRS)
def a_client_that_half_closes(lab, values):
    """Some HTTP clients shut their side down once the request is sent; curl's and Python's are not among them."""
    client, cloud = values
    scene = shared(lab)
    scene.provider.script = answer(200, whole(cloud, "fine"))
    with scene.open(client, cloud) as wire:
        wire.sock.shutdown(socket.SHUT_WR)
        try:
            assert wire.read_reply().status == 200
        except Closed:
            pass  # taken for a client that left: also sound, if nothing stays behind
    scene.check_clean()


@group.each(PAIRS)
def a_client_that_leaves_is_no_fault_of_the_provider(lab, values):
    client, cloud = values
    scene = shared(lab)
    scene.provider.script = silent
    before = {
        name: value
        for name, value in scene.gateway.metrics().items()
        if "attempts_total" in name and "cancelled" not in name
    }
    wire = scene.open(client, cloud)
    wait_for(lambda: scene.provider.calls, 3, "the provider to be asked")
    wire.close()
    scene.check_clean()
    after = {
        name: value
        for name, value in scene.gateway.metrics().items()
        if "attempts_total" in name and "cancelled" not in name
    }
    assert before == after, f"{before} became {after}"


# -- slow readers
def flood(cloud: str, megabytes: int):
    async def script(call: Call) -> None:
        await call.send(stream_head())
        await call.send(chunk(beginning(cloud)))
        block = chunk(b"".join(one_word(cloud, "word " * 20) for _ in range(100)))
        while call.sent < megabytes << 20:
            await call.send(block)

    return script


@group.each(PAIRS, limit_s=60)
def a_reader_at_one_kib_a_second(lab, values):
    """The provider could send 256 MB at once. What isn't read must wait at the provider, not in Hanse's memory."""
    client, cloud = values
    scene = shared(lab)
    scene.provider.script = flood(cloud, 256)
    wire = scene.open(client, cloud, True, receive_buffer=4096)
    wait_for(lambda: scene.provider.calls, 3, "the provider to be asked")
    call = scene.provider.calls[0]
    read = 0
    for _ in range(4):
        read += len(wire.sock.recv(1024))
        time.sleep(1)  # the reader's own pace, not a wait
    held = call.sent
    time.sleep(1)
    assert not call.is_gone(), "the slow client was cut off"
    assert call.sent - held < 1 << 20 and call.sent < 24 << 20, (
        f"the provider was read on: {held}, then {call.sent} bytes; client read {read}"
    )
    growth = scene.gateway.rss_kb() - scene.rss_kb
    assert growth < 6_000, f"memory grew by {growth} kB for one slow reader"
    wire.close()
    wait_for(call.is_gone, 3, "the provider's connection to be closed")
    scene.check_clean()


@group.case(limit_s=60)
def a_slow_reader_delays_nobody_else(lab):
    scene = shared(lab)
    scene.provider.script = flood("openai", 256)
    slow = scene.open("openai", "openai", True, receive_buffer=4096)
    wait_for(lambda: scene.provider.calls and scene.provider.calls[0].sent > 100_000, 5, "the flood to begin")
    scene.provider.script = answer(200, whole("openai", "fine"))
    for _ in range(50):
        begin = time.monotonic()
        assert scene.ask("openai", "openai").status == 200
        assert took(begin) < 1, f"another client waited {took(begin)} s"
    slow.close()
    scene.check_clean()


# -- a thousand streams
STREAMS = 1000


async def one_stream(
    port: int, request: bytes, begun: asyncio.Semaphore, leave: asyncio.Event, whole_end: bytes
) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head, f"refused: {head + await reader.read()!r}"
        await reader.readuntil(b"data:")
        begun.release()
        await leave.wait()
        return whole_end in await reader.read()
    finally:
        writer.close()


async def many_streams(port: int, request: bytes, end: bytes, held) -> int:
    """Opens them all, calls `held` while every one has begun and none has ended, and counts the whole ones."""
    begun, leave = asyncio.Semaphore(0), asyncio.Event()
    tasks = [asyncio.create_task(one_stream(port, request, begun, leave, end)) for _ in range(STREAMS)]
    for _ in range(STREAMS):
        await asyncio.wait_for(begun.acquire(), 30)
    await asyncio.to_thread(held)
    leave.set()
    return sum(await asyncio.gather(*tasks))


def slow_until(go, client_cloud: str):
    frames = stream(client_cloud, ["one ", "two ", "three "])

    async def script(call: Call) -> None:
        await call.send(stream_head())
        await call.send(chunk(b"".join(frames[:3])))
        while not go.is_set():
            if await call.gone(0.3):
                return
        await call.send(chunk(b"".join(frames[3:])) + b"0\r\n\r\n")

    return script


@group.each(PAIRS, limit_s=120)
def a_thousand_slow_streams(lab, values):
    client, cloud = values
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    limits = {"connect": "60s", "first_byte": "60s", "between_bytes": "60s", "connections": 4096, "in_flight": 4096}
    scene = Scene(lab, limits)  # the provider of this test, in Python, may be slow
    go = threading.Event()
    scene.provider.script = slow_until(go, cloud)
    body, seen = json.dumps(ask(client, f"{cloud}/m", True)).encode(), {}

    def held() -> None:
        seen["in flight"] = max(scene.gateway.busy().values(), default=0)
        seen["grew"] = scene.gateway.rss_kb() - scene.rss_kb
        go.set()

    request = request_bytes("POST", PATHS[client], body, {"connection": "close"})
    whole_ones = asyncio.run(
        many_streams(scene.gateway.port, request, b"[DONE]" if client == "openai" else b"message_stop", held)
    )
    assert seen["in flight"] >= STREAMS, seen
    assert whole_ones == STREAMS, f"{whole_ones} of {STREAMS} streams came whole"
    assert seen["grew"] < STREAMS * 64, f"{seen['grew']} kB for {STREAMS} streams"
    scene.check_clean(rss_growth_kb=STREAMS * 64)
    scene.check_pool_is_swept()
    scene.end()


@group.case(limit_s=120)
def a_thousand_clients_leave_at_once(lab):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    scene = Scene(lab, {"connections": 4096, "in_flight": 4096})
    scene.provider.script = silent
    wires = [scene.open("openai", "anthropic", True) for _ in range(STREAMS)]
    wait_for(lambda: len(scene.provider.calls) == STREAMS, 20, "all to be at the provider")
    for wire in wires:
        wire.close()
    wait_for(lambda: all(call.is_gone() for call in scene.provider.calls), 10, "all the provider's calls to end")
    scene.check_clean(rss_growth_kb=64_000)
    scene.end()


# -- kill -9 of a provider
@group.each(ALL)
def a_provider_is_killed(lab, values):
    client, cloud, is_stream = values
    sim = lab.sim("--tokens-per-second", "20") if is_stream else lab.sim("--ttft-ms", "20000")
    gateway = lab.hanse(
        {
            "provider": {
                "openai": {"kind": "openai-compatible", "url": sim.openai, "key_env": "E2E_KEY"},
                "anthropic": {"kind": "anthropic", "url": sim.anthropic, "key_env": "E2E_KEY"},
            }
        }
    )
    fds = gateway.fds()
    model = {"openai": "openai/sim-gpt", "anthropic": "anthropic/sim-claude"}[cloud]
    data = json.dumps(ask(client, model, is_stream, "echo " + "word " * 900)).encode()
    with gateway.wire() as wire:
        wire.send(request_bytes("POST", PATHS[client], data))
        if is_stream:
            head = wire.read_head()
            assert head.status == 200
            head.body = wire.read_until(b"word")
        else:
            wait_for(gateway.busy, 5, "the request to be in flight")
        sim.signal(signal.SIGKILL)
        sim.wait_end(5)
        if is_stream:
            # The first piece was read with its chunk line; the rest follows as it comes.
            while wire.receive():
                if b"0\r\n\r\n" in wire.buffer:
                    break
            text = wire.buffer
            assert b"error" in text and b"[DONE]" not in text and b"message_stop" not in text, text[-400:]
        else:
            check_error(wire.read_reply(), (502, 503), client)
    gateway.wait_idle()
    wait_for(lambda: gateway.fds() <= fds + 1, 5, f"descriptors to be back at {fds}")
    again = gateway.call("POST", PATHS[client], json.loads(data))
    check_error(again, (502, 503), client)  # nobody listens there now
    assert lab.stop(gateway) == 0


@group.case(limit_s=60)
def a_killed_provider_is_raised_by_every_sdk(lab):
    for name in DRIVER_NAMES:
        for client in ("openai", "anthropic"):
            sim = lab.sim("--tokens-per-second", "20")
            gateway = lab.hanse(
                {"provider": {"anthropic": {"kind": "anthropic", "url": sim.anthropic, "key_env": "E2E_KEY"}}}
            )
            with ThreadPoolExecutor(1) as pool:
                asked = {
                    **ask(client, "anthropic/sim-claude"),
                    "messages": [{"role": "user", "content": "echo " + "word " * 900}],
                }
                outcome = pool.submit(driver(name).chat, client, gateway.base, asked, True)
                wait_for(gateway.busy, 5, "the request to be in flight")
                time.sleep(0.5)  # ten tokens at the simulated pace: the cut comes inside the stream
                sim.signal(signal.SIGKILL)
                outcome.result(20).raised("APIError")
            assert lab.stop(gateway) == 0


# -- a log that can't be written
@group.case()
def a_full_disk_for_the_log(lab):
    scene = Scene(lab, config={"log": {"access": "/dev/full"}})
    for dialect in PATHS:
        scene.provider.script = answer(200, whole(dialect, "fine"))
        for _ in range(200):
            assert scene.ask(dialect, dialect).status == 200
    wait_for(lambda: scene.gateway.metrics()["hanse_log_lines_dropped_total"] >= 300, 5, "the lost lines to be counted")
    scene.check_clean()
    text = scene.gateway.stderr_text()
    assert "log" in text.lower(), f"nothing was said of it: {text[-300:]}"
    assert len(text.splitlines()) < 100, "a complaint a line fills the next disk"
    scene.end()


@group.case()
def a_log_in_a_folder_that_is_not_there(lab):
    gateway = lab.hanse(
        {
            "log": {"access": "/nonexistent/folder/access.log"},
            "provider": {"openai": {"kind": "openai-compatible", "url": "http://127.0.0.1:9/v1"}},
        },
        ready=False,
    )
    assert gateway.wait_end(5) != 0, "a log that can't be opened is a mistake to be told at the start"
    assert "/nonexistent/folder/access.log" in gateway.stderr_text(), gateway.tail()
    lab.stop(gateway)


@group.case()
def a_log_that_nobody_reads(lab):
    """A pipe without a reader must not hold requests up."""
    path = lab.folder / "pipe"
    os.mkfifo(path)
    keep_open = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    scene = Scene(lab, config={"log": {"access": str(path)}})
    scene.provider.script = answer(200, whole("openai", "fine"))
    begin = time.monotonic()
    for _ in range(1000):
        assert scene.ask("openai", "openai").status == 200
    assert took(begin) < 20, f"the log holds requests up: {took(begin)} s"
    scene.check_clean()
    os.close(keep_open)
    scene.end()


@group.case()
def few_descriptors(lab):
    """Hanse at its limit of descriptors refuses or waits; it doesn't end, and recovers."""
    scene = Scene(lab)
    resource.prlimit(scene.gateway.pid, resource.RLIMIT_NOFILE, (scene.fds + 10, scene.fds + 10))
    scene.provider.script = answer(200, whole("openai", "fine"))
    wires = []
    for _ in range(40):
        wires.append(scene.gateway.wire())
    for wire in wires:
        wire.close()
    cpu = scene.gateway.cpu_s()
    wait_for(lambda: scene.ask("openai", "openai").status == 200, 10, "Hanse to serve again")
    assert scene.gateway.cpu_s() - cpu < 2, "it spins when accept fails"
    scene.check_clean()
    scene.end()


@group.case(limit_s=60)
def in_the_end_nothing_is_left(lab):
    """Of all that the cases above did to the gateway that they share."""
    scene = shared(lab)
    scene.check_clean(rss_growth_kb=24_000)
    scene.check_pool_is_swept()
