"""Who is asked first: by shares, by price, by the learned time to the first token, by what is under way."""

import asyncio
import subprocess
import threading
from collections import Counter

from hanse import to_toml
from http_lab import neutral
from provider import LAST_CHUNK, Provider, answer_json, chunk, stream_head
from runner import Suite
from shapes import stream

group = Suite("policies")
CHEAP, DEAR = "openai/gpt-4.1-nano", "anthropic/claude-opus-4-8"


def slow(seconds: float):
    async def script(call) -> None:
        await call.send(stream_head())
        await asyncio.sleep(seconds)
        for frame in stream("openai", ["Hello", " there"]):
            await call.send(chunk(frame))
        await call.send(LAST_CHUNK)

    return script


def gateway(lab, model: dict, scripts: dict[str, object]):
    """A model `fast` whose offers are of one provider each, by name."""
    providers: dict[str, Provider] = {name: lab.provider(script) for name, script in scripts.items()}
    rows = {
        name: {"kind": "openai-compatible", "url": f"{provider.url}/v1", "models": ["m"]}
        for name, provider in providers.items()
    }
    return lab.hanse({"provider": rows, "model": {"fast": {"offers": [f"{name}/m" for name in scripts], **model}}})


def ask(hanse, **more):
    body = {"model": "fast", "messages": [{"role": "user", "content": "Hi"}], **more}
    reply = hanse.call("POST", "/v1/chat/completions", body)
    assert reply.status == 200, reply
    return reply.header("x-hanse-offer")


@group.case()
def by_shares(lab):
    hanse = gateway(lab, {"policy": "weighted", "shares": [3, 1, 0]}, {"a": neutral, "b": neutral, "c": neutral})
    asked = Counter(ask(hanse) for _ in range(400))
    assert 250 < asked["a/m"] < 350 and asked["a/m"] + asked["b/m"] == 400, asked


@group.case()
def by_the_price_of_the_request(lab):
    provider = lab.provider(neutral)
    key = {"key_env": "E2E_KEY"}
    hanse = lab.hanse(
        {
            "provider": {
                "anthropic": {"url": provider.url, **key},
                "openai": {"url": f"{provider.url}/v1", **key},
            },
            "model": {
                "fast": {"offers": [DEAR, CHEAP], "policy": "cheapest"},
                "listed": {"offers": [DEAR, CHEAP]},
            },
        }
    )
    assert ask(hanse) == CHEAP
    assert ask(hanse, model="listed") == DEAR


@group.case(limit_s=40)
def by_the_learned_time_to_the_first_token(lab):
    hanse = gateway(lab, {"policy": "fastest"}, {"late": slow(0.15), "soon": slow(0)})
    first = {ask(hanse, stream=True) for _ in range(2)}
    assert first == {"late/m", "soon/m"}, "each is measured"
    asked = Counter(ask(hanse, stream=True) for _ in range(40))
    assert asked["soon/m"] > 30, asked


@group.case(limit_s=40)
def by_what_is_under_way(lab):
    """Many at once: the slow one gets no more than it can answer beside the other."""
    hanse = gateway(lab, {"policy": "balanced"}, {"late": slow(0.4), "soon": slow(0.05)})
    asked: Counter = Counter()

    def client() -> None:
        for _ in range(10):
            asked[ask(hanse, stream=True)] += 1

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(asked.values()) == 40 and asked["soon/m"] > asked["late/m"] > 0, asked
    rows = hanse.call("GET", "/status").json()["offers"]
    assert [row["outstanding_tokens"] for row in rows] == [0, 0], rows


@group.each(
    [
        ("shares missing", ({"policy": "weighted"}, "'shares' in [model.fast], line")),
        ("shares unused", ({"shares": [1, 2]}, "they count only with policy")),
        ("all nothing", ({"policy": "weighted", "shares": [0, 0]}, "at least one must be more than 0")),
        ("no such policy", ({"policy": "best"}, "ordered, weighted, cheapest, fastest, balanced")),
    ]
)
def a_wrong_policy_is_told(lab, case):
    model, wanted = case
    row = {"kind": "openai-compatible", "url": "http://127.0.0.1:9/v1", "models": ["m"]}
    config = lab.folder / "policy.toml"
    models = {"fast": {"offers": ["a/m", "b/m"], **model}}
    config.write_text(to_toml({"provider": {"a": row, "b": row}, "model": models}))
    said = subprocess.run([lab.binary, "check", "--config", config], capture_output=True, text=True, timeout=10)
    assert said.returncode == 1 and wanted in said.stderr, said


def in_session(hanse, headers: dict | None = None, **more) -> Counter:
    body = {"model": "fast", "messages": [{"role": "user", "content": "Hi"}], **more}
    replies = [hanse.call("POST", "/v1/chat/completions", body, headers or {}) for _ in range(12)]
    assert {reply.status for reply in replies} == {200}, replies
    return Counter(reply.header("x-hanse-offer") for reply in replies)


@group.each(["header", "cache-key", "prefix"])
def a_session_keeps_to_one_offer(lab, how):
    def asked(i: int) -> Counter:
        if how == "header":
            return in_session(hanse, {"x-session-id": f"s-{i}"})
        if how == "cache-key":
            return in_session(hanse, prompt_cache_key=f"key-{i}")
        return in_session(hanse, messages=[{"role": "system", "content": f"You are {i}. " + "Be kind. " * 4000}])

    hanse = gateway(lab, {"policy": "balanced"}, {name: neutral for name in "abcd"})
    homes = [asked(i) for i in range(10)]
    assert all(len(home) == 1 for home in homes), homes
    assert len({next(iter(home)) for home in homes}) > 1, "all sessions have the same home"
    assert len(in_session(hanse)) > 1, "short requests of no session are spread"


@group.case()
def shares_change_at_once_when_a_cloud_is_lost(lab):
    fails = answer_json(503, {"error": {"message": "Not now."}})
    table = {"policy": "weighted", "shares": [100, 1, 1], "shares_without": {"a": "0, 10, 90"}}
    hanse = gateway(lab, table, {"a": fails, "b": neutral, "c": neutral})
    for _ in range(10):
        ask(hanse)  # a is left after five failures
    asked = Counter(ask(hanse) for _ in range(200))
    assert asked["a/m"] == 0 and 150 < asked["c/m"] < 197, asked
