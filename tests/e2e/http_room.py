"""Limits of the config hold, requests of low priority give way first, and what must not be asked never is."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

from http_lab import neutral
from lab import KEY
from provider import answer_json
from runner import Suite

group = Suite("room")


def start(lab, providers: dict[str, dict], model: dict | None = None, **tables):
    """A model `fast` of one offer a provider; each provider's `script` answers."""
    servers = {name: lab.provider(row.pop("script", neutral)) for name, row in providers.items()}
    rows = {
        name: {"kind": "openai-compatible", "models": ["m"], "url": f"{servers[name].url}/v1", **row}
        for name, row in providers.items()
    }
    offers = [f"{name}/m" for name in providers]
    gateway = lab.hanse(
        {"provider": rows, "model": {"fast": {"offers": offers, **(model or {})}}, "retry": {"again": 0}, **tables}
    )
    return gateway, *servers.values()


def ask(gateway, headers: dict | None = None, **more):
    body = {"model": "fast", "messages": [{"role": "user", "content": "Hi"}], **more}
    return gateway.call("POST", "/v1/chat/completions", body, {"x-hanse-explain": "true", **(headers or {})})


def late(seconds: float):
    async def script(call) -> None:
        await asyncio.sleep(seconds)
        await neutral(call)

    return script


def together(count: int, one) -> list:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: one(), range(count)))


@group.case()
def requests_per_minute_hold_for_each_offer(lab):
    gateway, first, _ = start(lab, {"first": {"requests_per_minute": 20}, "second": {}})
    asked = [ask(gateway).header("x-hanse-offer") for _ in range(30)]
    assert 19 <= asked.count("first/m") <= 20, "a twentieth is high priority's"
    assert asked.count("second/m") == 30 - asked.count("first/m") == 30 - len(first.requests)
    row = json.loads(ask(gateway).header("x-hanse-explain"))[0]
    assert row["left"] == "at its limit" and 0 < row["for_ms"] <= 3_000, row
    rows = {row["offer"]: row for row in gateway.call("GET", "/status").json()["offers"]}
    assert rows["first/m"]["requests_left"] <= 1 and "requests_left" not in rows["second/m"], rows


@group.case()
def tokens_count_as_they_came_to(lab):
    """400 tokens of output are held for each request until it has said how many they were."""
    gateway, first = start(lab, {"first": {"tokens_per_minute": 1000}})
    for _ in range(8):
        assert ask(gateway).status == 200
    message = {"role": "assistant", "content": "Hi"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 500, "completion_tokens": 500, "total_tokens": 1000}
    first.script = answer_json(200, {"id": "c", "model": "m", "choices": [choice], "usage": usage})
    assert ask(gateway).status == 200
    empty = ask(gateway)
    assert empty.status == 429 and "at its limit" in empty.json()["error"]["message"], empty
    assert 25 <= int(empty.header("retry-after")) <= 32 and len(first.requests) == 9, empty


@group.case()
def a_single_offer_over_its_limit_is_a_429_that_says_when(lab):
    gateway, first = start(lab, {"first": {"requests_per_minute": 1}})
    assert ask(gateway).status == 200
    reply = ask(gateway)
    assert reply.status == 429 and 50 <= int(reply.header("retry-after")) <= 60, reply
    assert reply.json()["error"]["type"] == "rate_limit_error" or reply.json()["error"]["code"], reply
    assert len(first.requests) == 1
    assert "hanse_shed_requests_total 1" in gateway.call("GET", "/metrics").body.decode()


@group.case()
def concurrency_is_never_passed(lab):
    under_way, most = 0, 0

    async def script(call) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.1)
        under_way -= 1
        await neutral(call)

    gateway, _ = start(lab, {"first": {"concurrency": 3, "script": script}})
    replies = together(12, lambda: ask(gateway))
    assert {reply.status for reply in replies} == {200}, [reply.status for reply in replies]
    assert most == 3, f"{most} at once"


@group.case()
def whoever_waits_too_long_is_told(lab):
    gateway, first = start(
        lab, {"first": {"concurrency": 1, "script": late(1.5)}}, retry={"again": 0, "patience": "300ms"}
    )
    begin = time.monotonic()
    replies = together(3, lambda: ask(gateway))
    statuses = sorted(reply.status for reply in replies)
    assert statuses == [200, 429, 429] and time.monotonic() - begin < 3, statuses
    assert len(first.requests) == 1


@group.case()
def low_priority_gives_way_at_once(lab):
    gateway, _ = start(lab, {"first": {"requests_per_minute": 20}})
    low = {"x-hanse-priority": "low"}
    statuses = [ask(gateway, low).status for _ in range(18)]
    assert statuses.count(200) == 16 and statuses[-2:] == [429, 429], statuses
    assert [ask(gateway).status for _ in range(3)] == [200] * 3
    assert ask(gateway, {"x-hanse-priority": "high"}).status == 200


@group.case()
def a_keys_class_is_its_most(lab):
    clients = {
        "batch": {"key_env": "E2E_KEY", "priority": "low"},
    }
    gateway, _ = start(lab, {"first": {"requests_per_minute": 10}}, client=clients)
    key = {"authorization": f"Bearer {KEY}", "x-hanse-priority": "high"}
    statuses = [ask(gateway, key).status for _ in range(10)]
    assert statuses.count(200) == 8, statuses
    wrong = ask(gateway, {**key, "x-hanse-priority": "urgent"})
    assert wrong.status == 400 and "low, normal or high" in wrong.json()["error"]["message"]


@group.case()
def an_offer_that_refuses_for_it_is_full_gets_fewer_at_once(lab):
    under_way, refused, most = 0, 0, 2

    async def crowded(call) -> None:
        nonlocal under_way, refused
        if under_way >= most:
            refused += 1
            return await answer_json(429, {"error": {"message": "Slow down."}})(call)
        under_way += 1
        await asyncio.sleep(0.15)
        under_way -= 1
        await neutral(call)

    gateway, _, _ = start(lab, {"first": {"script": crowded}, "second": {"script": late(0.15)}})
    for _ in range(4):
        assert {reply.status for reply in together(8, lambda: ask(gateway))} == {200}
    assert refused < 16, f"{refused} refused of 32; without learning it were 24"


@group.case()
def places_are_kept(lab):
    places = {"a": {"region": "us-east-1"}, "b": {"region": "eu-central-1", "jurisdiction": "eu"}}
    gateway, away, _ = start(lab, places, {"within": ["eu"]})
    reply = ask(gateway)
    assert reply.header("x-hanse-offer") == "b/m", reply
    assert reply.header("x-hanse-skipped") == "a/m is not within eu"
    assert not away.requests


@group.case()
def places_are_kept_for_a_client_though_nobody_is_left(lab):
    clients = {"swiss": {"key_env": "E2E_KEY", "within": ["ch"]}}
    gateway, first = start(lab, {"a": {"jurisdiction": "eu"}}, client=clients)
    reply = ask(gateway, {"authorization": f"Bearer {KEY}"})
    assert reply.status == 403 and "a/m is not within ch" in reply.json()["error"]["message"], reply
    assert not first.requests


@group.case()
def under_maintenance_nothing_is_asked(lab):
    gateway, first, _ = start(lab, {"a": {"maintenance": True}, "b": {}})
    reply = ask(gateway)
    assert reply.header("x-hanse-offer") == "b/m" and not first.requests
    assert json.loads(reply.header("x-hanse-explain"))[0] == {"offer": "a/m", "skipped": "is under maintenance"}


@group.case()
def a_request_that_would_cost_too_much_goes_elsewhere(lab):
    dear, cheap = lab.provider(neutral), lab.provider(neutral)
    gateway = lab.hanse(
        {
            "provider": {
                "openai": {"url": f"{dear.url}/v1", "key_env": "E2E_KEY"},
                "local": {"kind": "openai-compatible", "url": f"{cheap.url}/v1", "models": ["m"]},
            },
            "model": {"fast": {"offers": ["openai/gpt-4.1", "local/m"], "price_max": 0.01}},
        }
    )
    assert ask(gateway).header("x-hanse-offer") == "openai/gpt-4.1"
    large = ask(gateway, messages=[{"role": "user", "content": "word " * 10_000}])
    assert large.header("x-hanse-offer") == "local/m"
    assert "would cost about $0.02" in large.header("x-hanse-skipped"), large.header("x-hanse-skipped")


def anthropic_words(gateway):
    body = {"model": "fast", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    return gateway.call("POST", "/v1/messages", body)


@group.case()
def no_room_is_said_in_each_clients_words(lab):
    gateway, _ = start(lab, {"first": {"requests_per_minute": 1}})
    assert ask(gateway).status == 200
    reply = anthropic_words(gateway)
    assert reply.status == 429 and reply.json()["error"]["type"] == "rate_limit_error", reply
    assert int(reply.header("retry-after")) > 1
