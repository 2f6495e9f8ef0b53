"""A late first token: the next offer is asked as well, the first to speak answers, the other one is cancelled."""

import asyncio
import json
import socket
import time

from process import wait_for
from provider import LAST_CHUNK, answer_json, chunk, stream_head
from runner import Suite
from shapes import stream

group = Suite("hedging")
WORDS = ["Four", " more", " words", " here."]


class Speaks:
    """Says its words after a while; knows who was cut off."""

    def __init__(self, after_s: float, words=WORDS, breaks_behind: int | None = None):
        self.after_s, self.words, self.breaks_behind = after_s, words, breaks_behind
        self.begun = self.whole = 0

    async def __call__(self, call) -> None:
        self.begun += 1
        await call.send(stream_head())
        await asyncio.sleep(self.after_s)
        for at, frame in enumerate(stream("openai", self.words)):
            if self.breaks_behind is not None and at > self.breaks_behind:
                call.reset()
                return
            await call.send(chunk(frame))
        await call.send(LAST_CHUNK)
        self.whole += 1


def start(lab, first, second, retry: dict | None = None, **model):
    providers = {name: lab.provider(script) for name, script in (("a", first), ("b", second))}
    rows = {
        name: {"kind": "openai-compatible", "models": ["m"], "url": f"{provider.url}/v1"}
        for name, provider in providers.items()
    }
    tables = {
        "provider": rows,
        "model": {"fast": {"offers": ["a/m", "b/m"], "hedge": True, **model}},
        "retry": {"first_content": "800ms", "again": 0, **(retry or {})},
    }
    return lab.hanse(tables), *providers.values()


def ask(gateway, **more):
    body = {"model": "fast", "stream": True, "messages": [{"role": "user", "content": "Hi"}], **more}
    return gateway.call("POST", "/v1/chat/completions", body, {"x-hanse-explain": "true"})


def text_of(reply) -> str:
    lines = [line[6:] for line in reply.body.decode().splitlines() if line.startswith("data: {")]
    choices = [choice for line in lines for choice in json.loads(line)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def counted(gateway, name: str) -> int:
    lines = gateway.call("GET", "/metrics").body.decode().splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith(f"{name} "))))


@group.case()
def the_second_answers_when_the_first_is_late(lab):
    first, second = Speaks(3), Speaks(0)
    gateway, slow, _ = start(lab, first, second)
    begin = time.monotonic()
    reply = ask(gateway)
    took = time.monotonic() - begin
    assert reply.status == 200 and text_of(reply) == "".join(WORDS) and 0.35 < took < 1.5, (took, reply)
    assert reply.header("x-hanse-offer") == "b/m"
    said = json.loads(reply.header("x-hanse-explain"))
    assert [(row["offer"], row["tried"]) for row in said] == [("a/m", "slower"), ("b/m", "ok")], said
    assert counted(gateway, "hanse_hedges_total") == counted(gateway, "hanse_hedges_won_total") == 1
    time.sleep(0.1)
    rows = {row["offer"]: row for row in gateway.call("GET", "/status").json()["offers"]}
    assert rows["a/m"]["under_way"] == rows["b/m"]["under_way"] == 0, rows
    assert rows["a/m"]["failed"] == 0, "the loser is not held against it"
    assert len(slow.requests) == 1 and first.whole == 0


@group.case()
def nobody_else_is_asked_when_it_is_in_time(lab):
    gateway, _, other = start(lab, Speaks(0.1), Speaks(0))
    for _ in range(5):
        assert ask(gateway).header("x-hanse-offer") == "a/m"
    assert not other.requests and counted(gateway, "hanse_hedges_total") == 0


@group.case()
def the_first_answers_when_it_is_sooner_after_all(lab):
    first, second = Speaks(0.6), Speaks(2)
    gateway, *_ = start(lab, first, second)
    reply = ask(gateway)
    assert reply.header("x-hanse-offer") == "a/m" and text_of(reply) == "".join(WORDS), reply
    assert counted(gateway, "hanse_hedges_total") == 1 and counted(gateway, "hanse_hedges_won_total") == 0
    assert second.begun == 1 and second.whole == 0


@group.case()
def late_is_what_this_offer_seldom_takes(lab):
    speaks = Speaks(0.15)
    gateway, _, other = start(lab, speaks, Speaks(0), retry={"first_content": "10s"})
    for _ in range(30):
        assert ask(gateway).status == 200
    speaks.after_s = 2
    begin = time.monotonic()
    assert ask(gateway).header("x-hanse-offer") == "b/m" and time.monotonic() - begin < 1.2
    assert 1 <= len(other.requests) <= 4, "late by what was learned, not by half of first_content"


@group.case()
def when_both_fail_the_error_is_raised(lab):
    async def breaks(call) -> None:
        await asyncio.sleep(0.6)
        await answer_json(503, {"error": {"message": "Not now."}})(call)

    gateway, *_ = start(lab, breaks, breaks)
    reply = ask(gateway)
    assert reply.status == 503, reply


@group.case()
def a_first_that_fails_leaves_it_to_the_second(lab):
    async def breaks(call) -> None:
        await asyncio.sleep(0.6)
        await answer_json(503, {"error": {"message": "Not now."}})(call)

    gateway, *_ = start(lab, breaks, Speaks(0.5))
    reply = ask(gateway)
    assert reply.status == 200 and reply.header("x-hanse-offer") == "b/m" and text_of(reply) == "".join(WORDS), reply


@group.case()
def what_breaks_off_afterwards_is_carried_on(lab):
    gateway, *_ = start(lab, Speaks(0.7), Speaks(0, breaks_behind=2))
    reply = ask(gateway)
    assert reply.status == 200 and text_of(reply).startswith("Four more"), reply.body
    assert "[DONE]" in reply.body.decode() and counted(gateway, "hanse_rescues_total") >= 1, reply.body


@group.case()
def a_client_that_leaves_cancels_both(lab):
    first, second = Speaks(5), Speaks(5)
    gateway, *_ = start(lab, first, second)
    with socket.create_connection(("127.0.0.1", gateway.port), 5) as client:
        body = json.dumps({"model": "fast", "stream": True, "messages": [{"role": "user", "content": "Hi"}]})
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        client.sendall((head + body).encode())
        wait_for(lambda: first.begun and second.begun, 3, "both to be asked")

    def idle() -> bool:
        rows = gateway.call("GET", "/status").json()["offers"]
        return all(row["under_way"] == 0 and row["outstanding_tokens"] == 0 for row in rows)

    wait_for(idle, 2, "both to be given up")
    assert first.whole == second.whole == 0


@group.case()
def a_budget_in_money_holds(lab):
    """That in requests has a hundred saved up at the start; route's own tests count it."""
    slow, quick = Speaks(0.7), Speaks(0)
    providers = {"openai": lab.provider(slow), "b": lab.provider(quick)}
    gateway = lab.hanse(
        {
            "provider": {
                "openai": {"url": f"{providers['openai'].url}/v1", "key_env": "E2E_KEY"},
                "b": {"kind": "openai-compatible", "url": f"{providers['b'].url}/v1", "models": ["m"]},
            },
            "model": {"fast": {"offers": ["openai/gpt-4.1", "b/m"], "hedge": True}},
            "retry": {"first_content": "1s", "first_thought": "2s", "spend_max": 0.0001},
        }
    )
    reply = ask(gateway)
    assert reply.header("x-hanse-offer") == "openai/gpt-4.1", reply
    assert counted(gateway, "hanse_hedges_total") == 0


@group.case()
def it_is_off_by_default(lab):
    gateway, _, other = start(lab, Speaks(0.6), Speaks(0), hedge=False)
    assert ask(gateway).header("x-hanse-offer") == "a/m" and not other.requests
