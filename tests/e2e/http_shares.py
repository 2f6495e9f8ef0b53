"""How much goes where: what is committed is filled first, and no provider or place gets more than its share."""

import asyncio
import json
import subprocess
from collections import Counter

from hanse import to_toml
from http_room import ask, late, start, together
from provider import answer_json
from runner import Suite

group = Suite("shares")
FAILS = answer_json(503, {"error": {"message": "Not now."}})


def offers_of(gateway, count: int) -> list[str]:
    replies = [ask(gateway) for _ in range(count)]
    assert {reply.status for reply in replies} == {200}, [reply.status for reply in replies]
    return [reply.header("x-hanse-offer") for reply in replies]


def shares_of(gateway) -> dict:
    return gateway.call("GET", "/status").json()["shares"][0]


@group.case()
def no_more_than_its_share_goes_to_a_jurisdiction(lab):
    rule = {"abroad": {"of": "us", "most": 40}}
    gateway, *_ = start(lab, {"a": {"jurisdiction": "us"}, "b": {"jurisdiction": "eu"}}, concentration=rule)
    offers = offers_of(gateway, 200)
    asked = Counter(offers[50:])
    assert 50 <= asked["a/m"] <= 62, asked
    share = shares_of(gateway)
    assert 38 <= share["percent"] <= 40 and share["most_percent"] == 40 and share["of"] == "us", share
    last = [json.loads(ask(gateway).header("x-hanse-explain")) for _ in range(5)]
    assert any(row[0].get("left") == "above its share" for row in last), last
    assert "hanse_share_percent" in gateway.call("GET", "/metrics").body.decode()


@group.case()
def it_bends_in_a_blackout_only_and_says_so(lab):
    rule = {"one": {"of": "a", "most": 30}}
    gateway, _, other = start(lab, {"a": {}, "b": {}}, concentration=rule)
    offers_of(gateway, 100)
    other.script = FAILS
    for _ in range(10):
        reply = ask(gateway)
        assert reply.status == 200 and reply.header("x-hanse-offer") == "a/m", reply
    said = json.loads(reply.header("x-hanse-explain"))
    assert any("bends" in row for row in said), said
    bent = [line for line in gateway.call("GET", "/metrics").body.decode().splitlines()
            if line.startswith("hanse_shares_bent_total")]  # fmt: skip
    assert int(float(bent[0].split()[1])) >= 9, bent


@group.case()
def or_never(lab):
    rule = {"one": {"of": "a", "most": 30, "bends": False}}
    gateway, first, other = start(lab, {"a": {}, "b": {}}, concentration=rule, retry={"again": 0, "patience": "100ms"})
    offers_of(gateway, 100)
    asked = len(first.requests)
    other.script = FAILS
    replies = [ask(gateway) for _ in range(10)]
    assert all(reply.status in (429, 502, 503) for reply in replies[2:]), [reply.status for reply in replies]
    assert len(first.requests) <= asked + 2


@group.case()
def what_is_committed_is_filled_first_and_bursts_go_elsewhere(lab):
    own = {"concurrency": 10, "committed": True, "fill": 50, "script": late(0.3)}
    gateway, *_ = start(lab, {"cloud": {"script": late(0.3)}, "gpu": own})
    assert offers_of(gateway, 3) == ["gpu/m"] * 3, "the policy is 'ordered', and yet"
    asked = Counter(reply.header("x-hanse-offer") for reply in together(12, lambda: ask(gateway)))
    assert asked == {"gpu/m": 5, "cloud/m": 7}, asked


@group.case()
def idle_commitments_are_told(lab):
    gateway, *_ = start(lab, {"gpu": {"concurrency": 4, "committed": True, "script": late(0.8)}, "cloud": {}})
    used = []

    async def look() -> None:
        asking = [asyncio.to_thread(ask, gateway) for _ in range(2)]
        both = asyncio.gather(*asking)
        await asyncio.sleep(0.4)
        rows = gateway.call("GET", "/status").json()["offers"]
        used.extend(row["commitment_used_percent"] for row in rows if row["offer"] == "gpu/m")
        await both

    asyncio.run(look())
    assert used == [50], used


def check(lab, tables: dict) -> str:
    config = lab.folder / "shares.toml"
    config.write_text(to_toml(tables))
    said = subprocess.run([lab.binary, "check", "--config", config], capture_output=True, text=True, timeout=10)
    assert said.returncode != 0, said.stdout
    return said.stderr


@group.case()
def wrong_rules_are_refused(lab):
    row = {"kind": "openai-compatible", "url": "http://127.0.0.1:9/v1", "models": ["m"]}
    told = check(lab, {"provider": {"a": row}, "concentration": {"x": {"of": "mars", "most": 200}}})
    assert "'of' in [concentration.x], line" in told and "'mars' is none of a, openai-compatible" in told, told
    assert "'most' in [concentration.x]" in told, told
    told = check(lab, {"provider": {"a": {**row, "committed": True}}})
    assert "wanted concurrency, requests_per_minute or tokens_per_minute with it" in told, told

