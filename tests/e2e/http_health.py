"""An offer that fails is left, tried by one request now and then, and back with its first answer; all of it is told."""

import json
import re
import subprocess
import time

from http_lab import neutral
from process import wait_for
from provider import answer_json
from runner import Suite

group = Suite("health")
FAILURE = answer_json(503, {"error": {"message": "The engine is overloaded.", "type": "server_error"}})


def fresh(lab):
    """Two offers of one model, each its own server; no failure is asked again at once."""
    first, second = lab.provider(neutral), lab.provider(neutral)
    row = {"kind": "openai-compatible", "models": ["m"]}
    gateway = lab.hanse(
        {
            "provider": {"first": {**row, "url": f"{first.url}/v1"}, "second": {**row, "url": f"{second.url}/v1"}},
            "model": {"fast": {"offers": ["first/m", "second/m"]}, "alone": {"offers": ["first/m"]}},
            "retry": {"again": 0},
            "health": {"failures": 3, "pause": "300ms", "pause_max": "600ms"},
        }
    )
    return gateway, first, second


def pair(lab):
    gateway, first, second = lab.keep("pair", lambda: fresh(lab))
    for provider in (first, second):
        provider.script = neutral
    wait_for(lambda: ask(gateway).header("x-hanse-offer") == "first/m", 5, "the first offer to be asked")
    for provider in (first, second):
        provider.reset_log()
    return gateway, first, second


def ask(gateway, headers=None, **more):
    body = {"model": "fast", "messages": [{"role": "user", "content": "Hi"}], **more}
    return gateway.call("POST", "/v1/chat/completions", body, headers)


def state_of(gateway, offer: str) -> dict:
    reply = gateway.call("GET", "/status")
    assert reply.status == 200 and reply.header("content-type") == "application/json", reply
    return next(row for row in reply.json()["offers"] if row["offer"] == offer)


def explained(reply) -> list[dict]:
    return json.loads(reply.header("x-hanse-explain"))


@group.case()
def a_dead_offer_is_left_and_comes_back_by_itself(lab):
    gateway, first, _ = pair(lab)
    first.script = FAILURE
    for _ in range(3):
        assert ask(gateway).header("x-hanse-offer") == "second/m"
    asked = len(first.requests)
    assert asked == 3, asked
    begin, served = time.monotonic(), 0
    while time.monotonic() - begin < 1.2:
        assert ask(gateway).header("x-hanse-offer") == "second/m"
        served += 1
    tries = len(first.requests) - asked
    assert 1 <= tries <= 4 < served, f"{tries} of {served} requests went to the dead offer"
    row = state_of(gateway, "first/m")
    assert row["state"] == "broken" and row["cause"] == "transient" and row["failed_in_a_row"] >= 3, row
    assert gateway.metrics()['hanse_offer_state{offer="first/m"}'] == 2
    first.script = neutral
    back = wait_for(lambda: ask(gateway).header("x-hanse-offer") == "first/m", 2, "the first offer to be back")
    assert back and state_of(gateway, "first/m")["state"] == "well"
    lines = [line for line in gateway.stderr_text().splitlines() if "offer first/m" in line]
    assert "is broken (transient;" in lines[-2] and lines[-1] == "hanse: offer first/m answers again", lines


@group.case()
def status_is_a_verb_too(lab):
    gateway, first, _ = pair(lab)
    first.script = FAILURE
    for _ in range(3):
        ask(gateway)

    def status(*more) -> subprocess.CompletedProcess:
        argv = [lab.binary, "status", *more]
        return subprocess.run(argv, capture_output=True, text=True, timeout=20)

    lines = status("--url", gateway.base).stdout.splitlines()
    row = next(line for line in lines if line.startswith("first/m"))
    assert re.search(r"broken +\d+ +\d+ +0 tokens  transient, asked again in \d+ ms$", row), lines
    offers = json.loads(status("--url", gateway.base, "--json").stdout)["offers"]
    assert {offer["offer"] for offer in offers} == {"first/m", "second/m"}, offers
    nobody = status("--url", "http://127.0.0.1:9")
    assert nobody.returncode == 1 and "no status from http://127.0.0.1:9" in nobody.stderr, nobody


@group.case()
def a_request_that_is_wrong_is_not_the_offers_fault(lab):
    gateway, first, second = pair(lab)
    first.script = answer_json(400, {"error": {"message": "no", "type": "invalid_request_error"}})
    for _ in range(8):
        assert ask(gateway).status == 400
    assert len(first.requests) == 8 and not second.requests
    assert state_of(gateway, "first/m")["state"] == "well"


@group.case()
def a_long_retry_after_is_a_rest(lab):
    gateway, first, _ = fresh(lab)
    first.script = answer_json(429, {"error": {"message": "Slow down."}}, headers={"retry-after": "20"})
    assert ask(gateway).header("x-hanse-offer") == "second/m"
    first.script = neutral
    for _ in range(5):
        assert ask(gateway).header("x-hanse-offer") == "second/m"
    assert len(first.requests) == 1
    row = state_of(gateway, "first/m")
    assert row["state"] == "resting" and 15_000 < row["asked_again_in_ms"] <= 20_000, row


@group.case()
def what_was_left_is_the_last_resort(lab):
    gateway, first, second = pair(lab)
    first.script = second.script = FAILURE
    for _ in range(4):
        assert ask(gateway).status == 503
    assert [state_of(gateway, f"{name}/m")["state"] for name in ("first", "second")] == ["broken", "broken"]
    second.script = neutral
    assert ask(gateway).header("x-hanse-offer") == "second/m", "an offer that could answer was not asked"
    assert state_of(gateway, "second/m")["state"] == "well"


@group.case()
def a_model_with_one_offer_is_always_asked(lab):
    gateway, first, _ = pair(lab)
    first.script = FAILURE
    for _ in range(6):
        assert ask(gateway, model="alone").status == 503
    assert len(first.requests) == 6


@group.case()
def tells_what_was_done(lab):
    gateway, first, _ = pair(lab)
    first.script = FAILURE
    rows = explained(ask(gateway, {"x-hanse-explain": "true"}))
    assert [(row["offer"], row["tried"]) for row in rows] == [("first/m", "overloaded"), ("second/m", "ok")], rows
    assert rows[0]["at_ms"] <= rows[1]["at_ms"] <= rows[1]["answered_ms"], rows
    for _ in range(3):
        last = ask(gateway, {"x-hanse-explain": "true"}, stream=True)
    left, tried = explained(last)
    assert left["offer"] == "first/m" and left["left"] == "broken: transient" and left["for_ms"] > 0, left
    assert tried["offer"] == "second/m" and tried["tried"] == "ok", tried
    assert ask(gateway).header("x-hanse-explain") is None
    first.script = answer_json(400, {"error": {"message": "no", "type": "invalid_request_error"}})
    refused = ask(gateway, {"x-hanse-explain": "true"}, model="alone")
    assert [row["tried"] for row in explained(refused)] == ["bad_request"], refused.headers
