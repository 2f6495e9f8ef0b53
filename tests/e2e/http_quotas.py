"""What an offer says of its limits is heeded: it is left until it takes requests again."""

import json
import time
from datetime import UTC, datetime, timedelta

from http_lab import neutral
from provider import answer_json
from replay import NEUTRAL_REPLY
from runner import Suite

group = Suite("quotas")


def start(lab, **kind):
    """Two offers of one model; the second one's answers say nothing of limits."""
    first, other = lab.provider(neutral), lab.provider(neutral)
    row = {"kind": "openai-compatible", "models": ["m"]}
    gateway = lab.hanse(
        {
            "provider": {
                "first": {**row, "url": f"{first.url}/v1", **kind},
                "second": {**row, "url": f"{other.url}/v1"},
            },
            "model": {"fast": {"offers": ["first/m", "second/m"]}, "alone": {"offers": ["first/m"]}},
            "retry": {"again": 0},
        }
    )
    return gateway, first, other


def ask(gateway, **more):
    body = {"model": "fast", "messages": [{"role": "user", "content": "Hi"}], **more}
    return gateway.call("POST", "/v1/chat/completions", body, {"x-hanse-explain": "true"})


def served_by(gateway, **more) -> str:
    return ask(gateway, **more).header("x-hanse-offer")


def left(gateway) -> dict:
    return json.loads(ask(gateway).header("x-hanse-explain"))[0]


def status_of(gateway, offer: str) -> dict:
    rows = gateway.call("GET", "/status").json()["offers"]
    return next(row for row in rows if row["offer"] == offer)


def says(dialect: str, status: int = 200, **headers: str):
    body = NEUTRAL_REPLY[dialect] if status == 200 else {"error": {"message": "Slow down."}}
    return answer_json(status, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def full(seconds: str, kind: str = "requests") -> dict[str, str]:
    said = {"limit": "2", "remaining": "0", "reset": seconds}
    return {f"x_ratelimit_{name}_{kind}": value for name, value in said.items()}


@group.case()
def an_offer_without_requests_left_is_not_asked(lab):
    gateway, first, _ = start(lab)
    first.script = says("openai", **full("1m30s"))
    assert served_by(gateway) == "first/m"
    for _ in range(5):
        assert served_by(gateway) == "second/m"
    assert len(first.requests) == 1
    row = left(gateway)
    assert row["offer"] == "first/m" and row["left"] == "at its limit" and 40_000 < row["for_ms"] <= 45_000, row
    assert status_of(gateway, "first/m")["requests_left"] == 0
    assert status_of(gateway, "first/m")["state"] == "well" and "requests_left" not in status_of(gateway, "second/m")


@group.case()
def it_is_asked_again_when_it_takes_requests(lab):
    gateway, first, _ = start(lab)
    first.script = says("openai", **full("2s"))
    assert served_by(gateway) == "first/m"
    begin = time.monotonic()
    assert served_by(gateway) == "second/m"
    first.script = neutral
    while served_by(gateway) != "first/m":
        assert time.monotonic() - begin < 3, "the offer was left for too long"
        time.sleep(0.05)
    assert time.monotonic() - begin > 0.8, "one of two requests in two seconds is there after one"


@group.case()
def so_is_one_without_tokens_left(lab):
    gateway, first, _ = start(lab)
    said = {"limit": "10000", "remaining": "3000", "reset": "42s"}
    first.script = says("openai", **{f"x_ratelimit_{name}_tokens": value for name, value in said.items()})
    assert served_by(gateway) == "first/m"
    large = [{"role": "user", "content": "word " * 4000}]
    assert served_by(gateway, messages=large) == "second/m", "5,000 tokens were sent where 3,000 were left"
    assert served_by(gateway) == "first/m"


@group.case()
def in_anthropics_words(lab):
    gateway, first, _ = start(lab, kind="anthropic")
    until = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"limit": "50", "remaining": "0", "reset": until}
    first.script = says("anthropic", **{f"anthropic_ratelimit_requests_{name}": value for name, value in said.items()})
    assert served_by(gateway) == "first/m"
    assert served_by(gateway) == "second/m"
    assert 0 < left(gateway)["for_ms"] <= 1_200


@group.case()
def a_429_that_says_it_in_its_limits_alone_is_a_rest(lab):
    gateway, first, _ = start(lab)
    first.script = says("openai", 429, **full("40s"))
    assert served_by(gateway) == "second/m"
    row = status_of(gateway, "first/m")
    assert row["state"] == "resting" and 15_000 < row["asked_again_in_ms"] <= 20_000, row
    alone = ask(gateway, model="alone")
    assert alone.status == 429 and alone.header("x-ratelimit-reset-requests") == "40s", alone


@group.case()
def the_last_resort_is_asked_beyond_its_limit(lab):
    gateway, first, second = start(lab)
    for provider in (first, second):
        provider.script = says("openai", **full("90s"))
    assert {served_by(gateway), served_by(gateway)} == {"first/m", "second/m"}
    assert ask(gateway).status == 200, "an offer that could answer was not asked"


@group.case()
def what_makes_no_sense_is_stepped_over(lab):
    gateway, first, _ = start(lab)
    letters = {"limit": "x", "remaining": "-5", "reset": "soon"}
    for wrong in (letters, {"limit": "0", "remaining": "0", "reset": "9" * 400}):
        first.script = says("openai", **{f"x_ratelimit_{name}_requests": value for name, value in wrong.items()})
        for _ in range(3):
            assert served_by(gateway) == "first/m", wrong
