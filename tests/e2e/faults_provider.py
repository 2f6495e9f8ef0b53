"""Providers that break: cut, wrong, absurd, silent. The client must see a failure that its SDK raises, and soon."""

import gzip
import time

from fault_lab import ALL, PAIRS, Scene, shared, took
from http_lab import check_error
from process import wait_for
from provider import LAST_CHUNK, Call, answer, answer_json, answer_raw, answer_stream, chunk, http, stream_head
from reading import read
from replay import assert_failure
from runner import Suite
from sdk_errors import provider_error
from shapes import PATHS, beginning, chat_chunk, data, one_word, stream, whole

group = Suite("provider")
HEAD = b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\n"


def check_failed(scene: Scene, client: str, is_stream: bool, reply) -> None:
    """Non-streamed answers that are cut after they began have no other words than a broken connection."""
    if not is_stream and not reply.complete:
        scene.check_clean()
        return
    assert_failure(client, is_stream, reply)
    scene.check_clean()


# -- streams that end too early
def cuts(cloud: str) -> list[tuple[str, bytes]]:
    """What a provider has sent when it goes: at every event's end but the last, and inside events."""
    frames = stream(cloud, ["one ", "two ", "three "])
    # The stop reason says that the text is whole; what may follow it is a formality.
    needed = frames[:-2] if cloud == "anthropic" else frames[:-3]
    ends = [(f"after frame {at}", b"".join(needed[:at])) for at in range(len(needed) + 1)]
    inside = [
        (f"inside frame {at}", b"".join(needed[:at]) + needed[at][: len(needed[at]) // 2]) for at in range(len(needed))
    ]
    return ends + inside


WAYS_TO_END = {"a clean end": LAST_CHUNK, "a close": b"", "a cut chunk": b"ff\r\ndata: {"}
CUT_STREAMS = [
    (f"{name}, {where}, by {how}", (client, cloud, sent, how))
    for name, (client, cloud) in PAIRS
    for where, sent in cuts(cloud)
    for how in WAYS_TO_END
]


@group.each(CUT_STREAMS)
def cut_stream(lab, values):
    client, cloud, sent, how = values
    scene = shared(lab)
    body = (chunk(sent) if sent else b"") + WAYS_TO_END[how]
    scene.provider.script = answer_raw(stream_head() + body)
    check_failed(scene, client, True, scene.ask(client, cloud, True))


@group.each([(f"{name}, after {count} words", (*pair, count)) for name, pair in PAIRS for count in (0, 1, 3)])
def reset_in_the_stream(lab, values):
    client, cloud, count = values
    scene = shared(lab)
    frames = beginning(cloud) + b"".join(one_word(cloud, "word ") for _ in range(count))
    scene.provider.script = answer_raw(stream_head() + chunk(frames), then="reset")
    check_failed(scene, client, True, scene.ask(client, cloud, True))


@group.each(PAIRS)
def a_stream_that_lasts_until_the_close(lab, values):
    """No chunks, no length: only the terminal event tells a whole stream from a cut one."""
    client, cloud = values
    scene = shared(lab)
    frames = stream(cloud, ["one ", "two "])
    scene.provider.script = answer_raw(HEAD + b"connection: close\r\n\r\n" + b"".join(frames))
    reply = scene.ask(client, cloud, True)
    assert reply.status == 200 and read(client, True, reply.body).text == "one two ", reply.text()
    scene.provider.script = answer_raw(HEAD + b"connection: close\r\n\r\n" + b"".join(frames[:3]))
    check_failed(scene, client, True, scene.ask(client, cloud, True))


# -- answers that are cut, in one piece
@group.each([(f"{name}, {share} %", (*pair, share)) for name, pair in PAIRS for share in (0, 1, 50, 99)])
def cut_body(lab, values):
    client, cloud, share = values
    scene = shared(lab)
    body = whole(cloud, "one two three")
    head = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    scene.provider.script = answer_raw(head + body[: len(body) * share // 100])
    check_failed(scene, client, False, scene.ask(client, cloud))


@group.each(ALL)
def closed_or_reset_before_a_word(lab, values):
    client, cloud, is_stream = values
    scene = shared(lab)
    for pieces, then in (
        ((), "close"),
        ((), "reset"),
        ((b"HTTP/1.1 2",), "close"),
        ((b"HTTP/1.1 200 X\r\ncontent-",), "reset"),
    ):
        scene.provider.script = answer_raw(*pieces, then=then)
        reply = scene.ask(client, cloud, is_stream)
        check_error(reply, (502, 503), client)
    scene.check_clean()


# -- bytes that make no sense
BAD_HEADS = [
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("HTTP/0.9", b"hello, world"),
    ("a bad status", b"HTTP/1.1 2x0 X\r\n\r\n"),
    ("a status of 99", b"HTTP/1.1 099 X\r\n\r\n"),
    ("a bad header", b"HTTP/1.1 200 X\r\nbad header\r\n\r\n"),
    ("two lengths", b"HTTP/1.1 200 X\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!"),
    ("length and chunked", b"HTTP/1.1 200 X\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    (
        "an absurd length",
        b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 999999999999999999999\r\n\r\n{}",
    ),
    (
        "an endless head",
        b"HTTP/1.1 200 X\r\n"
        + b"x-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 200_000,
    ),
    ("101", b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    ("204", b"HTTP/1.1 204 Nothing\r\n\r\n"),
    ("206", http(206, b"{}")),
    ("304", b"HTTP/1.1 304 Same\r\n\r\n"),
]


@group.each([(f"{name}: {what}", (client, cloud, raw)) for name, (client, cloud) in PAIRS for what, raw in BAD_HEADS])
def bad_head(lab, values):
    client, cloud, raw = values
    scene = shared(lab)
    scene.provider.script = answer_raw(raw)
    check_error(scene.ask(client, cloud), (502, 503), client)
    scene.check_clean()


BAD_CHUNKS = [
    ("not hex", b"zz\r\nhello\r\n"),
    ("negative", b"-1\r\n"),
    ("overflow", b"ffffffffffffffffff\r\n"),
    ("longer than it says", b'2\r\n{"a"}\r\n0\r\n\r\n'),
    ("no CRLF", b"2\n{}\n0\n\n"),
]


@group.each([(f"{name}: {what}", (*values, raw)) for name, values in ALL for what, raw in BAD_CHUNKS])
def bad_chunking(lab, values):
    client, cloud, is_stream, raw = values
    scene = shared(lab)
    kind = "text/event-stream" if is_stream else "application/json"
    begun = chunk(beginning(cloud)) if is_stream else b""
    scene.provider.script = answer_raw(stream_head(content_type=kind) + begun + raw)
    check_failed(scene, client, is_stream, scene.ask(client, cloud, is_stream))


BAD_FRAMES = {
    "openai": [
        ("broken JSON", b'data: {"id": \n\n'),
        ("a text", b'data: "hello"\n\n'),
        ("an array", b"data: [1,2]\n\n"),
        ("choices is a number", b'data: {"choices": 5}\n\n'),
        ("HTML", b"<html><body>no</body></html>\n\n"),
        ("content is a number", chat_chunk({"content": 5})),
        ("invalid UTF-8", b'data: {"choices": [{"x": "\xff"}]}\n\n'),
    ],
    "anthropic": [
        ("broken JSON", b'event: content_block_delta\ndata: {"type": \n\n'),
        ("a text", b'event: content_block_delta\ndata: "hello"\n\n'),
        (
            "a delta of no block",
            data(
                {"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": "x"}},
                "content_block_delta",
            ),
        ),
        (
            "text is a number",
            data(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 5}},
                "content_block_delta",
            ),
        ),
    ],
}


@group.each(
    [
        (f"{name}: {what}", (client, cloud, raw))
        for name, (client, cloud) in PAIRS
        if client != cloud
        for what, raw in BAD_FRAMES[cloud]
    ]
)
def wrong_frame(lab, values):
    """Across dialects each frame is understood: what follows a wrong one must not look like a whole answer."""
    client, cloud, raw = values
    scene = shared(lab)
    frames = stream(cloud, ["one ", "two "])
    scene.provider.script = answer_stream([*frames[:3], raw])
    check_failed(scene, client, True, scene.ask(client, cloud, True))


@group.each(PAIRS)
def unknown_events_are_no_fault(lab, values):
    client, cloud = values
    scene = shared(lab)
    frames = stream(cloud, ["one ", "two "])
    odd = [
        b": a comment\n\n",
        b'event: weather\ndata: {"type": "weather", "sun": true}\n\n',
        b"\n\n",
        b"id: 7\nretry: 10\n\n",
    ]
    odd += [] if cloud == "openai" else [data({"type": "ping"}, "ping")]
    odd = odd if cloud == "anthropic" else [odd[0], *odd[2:]]
    scene.provider.script = answer_stream([*frames[:3], *odd, *frames[3:]])
    reply = scene.ask(client, cloud, True)
    answer_read = read(client, True, reply.body)
    assert reply.status == 200 and answer_read.text == "one two " and answer_read.whole, reply.text()


@group.each(
    [
        (f"{name}: {what}", (*values, what))
        for name, values in ALL
        for what in ("HTML", "empty", "JSON of another kind", "a text")
    ]
)
def two_hundred_and_no_answer(lab, values):
    client, cloud, is_stream, what = values
    scene = shared(lab)
    body, kind = {
        "HTML": (b"<html>Sign in</html>", "text/html"),
        "empty": (b"", "application/json"),
        "JSON of another kind": (b'{"hello": "world"}', "application/json"),
        "a text": (b"OK", "text/plain"),
    }[what]
    scene.provider.script = answer(200, body, kind)
    reply = scene.ask(client, cloud, is_stream)
    if what == "JSON of another kind" and client == cloud and not is_stream:
        assert reply.status == 200 and reply.body == body  # passed through: fields that nobody knows survive
    else:
        check_error(reply, (502, 503), client)
    scene.check_clean()


# -- too much
@group.each(
    [(f"{name}{', stream' if s else ''}", (*pair, s)) for name, pair in PAIRS for s in (False, True)], limit_s=60
)
def an_endless_event_or_body(lab, values):
    """More than any answer has, without an end: Hanse gives up, and its memory stays where it was."""
    client, cloud, is_stream = values
    scene = shared(lab, "small buffers", {"stream_buffer_bytes": 65536, "reply_bytes": 4 << 20})
    block = b"a" * 65536

    async def endless(call: Call) -> None:
        kind = "text/event-stream" if is_stream else "application/json"
        await call.send(stream_head(content_type=kind))
        await call.send(chunk(beginning(cloud) + b"data: " if is_stream else b'{"id": "'))
        for _ in range(16 * 200):
            await call.send(chunk(block))

    scene.provider.script = endless
    with scene.memory_bounded(kb=40_000):
        reply = scene.ask(client, cloud, is_stream, limit_s=50)
    assert reply.status >= 400 or not reply.complete or read(client, is_stream, reply.body).error, reply.text()[-300:]
    scene.check_clean(rss_growth_kb=24_000)


@group.each(ALL)
def gzip_that_nobody_asked_for(lab, values):
    client, cloud, is_stream = values
    scene = shared(lab)
    body = b"".join(stream(cloud, ["one ", "two "])) if is_stream else whole(cloud, "one two ")
    kind = "text/event-stream" if is_stream else "application/json"
    scene.provider.script = answer(200, gzip.compress(body), kind, {"content-encoding": "gzip"})
    reply = scene.ask(client, cloud, is_stream)
    assert reply.status == 200, reply.text()
    got = gzip.decompress(reply.body) if reply.header("content-encoding") == "gzip" else reply.body
    assert read(client, is_stream, got).text == "one two ", got[:200]


@group.each(PAIRS, limit_s=60)
def a_gzip_bomb(lab, values):
    client, cloud = values
    scene = shared(lab, "small buffers", {"stream_buffer_bytes": 65536, "reply_bytes": 4 << 20})
    bomb = gzip.compress(whole(cloud, "a" * (200 << 20)), 9)
    scene.provider.script = answer(200, bomb, headers={"content-encoding": "gzip"})
    with scene.memory_bounded(kb=40_000):
        reply = scene.ask(client, cloud, limit_s=50)
    assert client == cloud or reply.status in (502, 503), (
        f"{len(reply.body)} bytes, over limits.reply_bytes, were translated"
    )
    scene.check_clean(rss_growth_kb=24_000)


# -- silence
@group.each(ALL)
def no_first_byte(lab, values):
    client, cloud, is_stream = values
    scene = shared(lab, "impatient", {"first_byte": "300ms", "between_bytes": "300ms"})
    scene.provider.script = answer_raw(then="hang")
    begin = time.monotonic()
    reply = scene.ask(client, cloud, is_stream)
    check_error(reply, (504, 500) if client == "anthropic" else 504, client)
    assert 0.25 < took(begin) < 3, took(begin)
    wait_for(scene.provider.calls[-1].is_gone, 1, "the provider's connection to be closed")
    scene.check_clean()


@group.each(ALL)
def silence_in_the_middle(lab, values):
    client, cloud, is_stream = values
    scene = shared(lab, "impatient", {"first_byte": "300ms", "between_bytes": "300ms"})
    begun = (
        stream_head() + chunk(beginning(cloud) + one_word(cloud, "one "))
        if is_stream
        else http(200, whole(cloud, "x"))[:-9]
    )
    scene.provider.script = answer_raw(begun, then="hang")
    begin = time.monotonic()
    check_failed(scene, client, is_stream, scene.ask(client, cloud, is_stream))
    assert 0.25 < took(begin) < 3, took(begin)


@group.each(PAIRS)
def a_drip_meets_the_total_limit(lab, values):
    """Each byte comes in time, and yet there is no end."""
    client, cloud = values
    scene = shared(lab, "total", {"total": "800ms"})

    async def drip(call: Call) -> None:
        await call.send(stream_head())
        await call.send(chunk(beginning(cloud)))
        while not await call.gone(0.05):
            await call.send(chunk(one_word(cloud, "w ")))

    scene.provider.script = drip
    begin = time.monotonic()
    check_failed(scene, client, True, scene.ask(client, cloud, True))
    assert 0.7 < took(begin) < 4, took(begin)


# -- odd and allowed
@group.each(ALL)
def early_hints_are_passed_over(lab, values):
    client, cloud, is_stream = values
    scene = shared(lab)
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    body = (
        stream_head() + b"".join(chunk(frame) for frame in stream(cloud, ["one "])) + LAST_CHUNK
        if is_stream
        else http(200, whole(cloud, "one "))
    )
    scene.provider.script = answer_raw(hints + body, then="stay")
    reply = scene.ask(client, cloud, is_stream)
    assert reply.status == 200 and read(client, is_stream, reply.body).text == "one ", reply.text()


@group.each(PAIRS)
def a_pooled_connection_that_went_stale(lab, values):
    """The provider closes after each answer without saying so, and well before the next request: no request may be lost
    to that. (When both cross on the wire nobody can tell whether the request was taken.)"""
    client, cloud = values
    scene = shared(lab)

    async def answer_and_close(call: Call) -> None:
        await call.send(http(200, whole(cloud, "fine")))
        call.close()

    scene.provider.script = answer_and_close
    for count in range(20):
        reply = scene.ask(client, cloud)
        assert reply.status == 200, f"request {count}: {reply.text()}"
        number = scene.provider.last().connection
        wait_for(lambda: number in scene.provider.closed, 5, "the provider to have closed")
    assert len(scene.provider.requests) == 20, f"{len(scene.provider.requests)} requests for 20"


@group.each(PAIRS)
def an_answer_before_the_request_is_over(lab, values):
    client, cloud = values
    scene = shared(lab)
    scene.provider.script = answer_json(413, provider_error(cloud, 413))
    reply = scene.gateway.call(
        "POST",
        PATHS[client],
        {"model": f"{cloud}/m", "max_tokens": 5, "messages": [{"role": "user", "content": "x" * (8 << 20)}]},
    )
    check_error(reply, 413, client)
    scene.check_clean(rss_growth_kb=40_000)
