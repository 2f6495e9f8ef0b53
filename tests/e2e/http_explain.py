"""Whom a request would go to, told without asking anybody."""

import json
import subprocess

from http_room import ask, start
from provider import answer_json
from runner import Suite

group = Suite("explain")
FAILS = answer_json(503, {"error": {"message": "Not now."}})


def told(lab, gateway, *args: str) -> subprocess.CompletedProcess:
    argv = [lab.binary, "explain", *args, "--url", f"http://127.0.0.1:{gateway.port}"]
    return subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)


@group.case()
def nobody_is_asked(lab):
    gateway, *providers = start(lab, {"a": {"concurrency": 4}, "b": {}, "c": {"maintenance": True}})
    reply = ask(gateway, {"x-hanse-explain": "only"})
    said = reply.json()
    assert reply.status == 200 and [row["offer"] for row in said["offers"]] == ["a/m", "b/m"], said
    assert all(row["asked"] and row["state"] == "well" for row in said["offers"]), said
    assert said["skipped"] == [{"offer": "c/m", "why": "is under maintenance"}], said
    assert not any(provider.requests for provider in providers)


@group.case()
def why_one_would_be_left(lab):
    places = {"broken": {"script": FAILS}, "full": {"requests_per_minute": 1}, "rest": {}}
    gateway, *_ = start(lab, places, health={"failures": 1, "pause": "30s"})
    assert ask(gateway).header("x-hanse-offer") == "full/m"
    said = told(lab, gateway, "fast", "--json")
    rows = {row["offer"]: row for row in json.loads(said.stdout)["offers"]}
    assert rows["broken/m"]["why"] == "broken: transient" and rows["broken/m"]["for_ms"] > 1_000, rows
    assert rows["full/m"]["why"] == "at its limit" and not rows["full/m"]["asked"], rows
    assert rows["rest/m"]["asked"] and ask(gateway).header("x-hanse-offer") == "rest/m", rows


@group.case()
def for_people(lab):
    gateway, *_ = start(lab, {"a": {}, "b": {"script": FAILS}}, {"policy": "weighted", "shares": [0, 1]})
    for _ in range(6):
        ask(gateway)
    said = told(lab, gateway, "fast")
    assert said.returncode == 0 and "fast, policy weighted, priority normal" in said.stdout, said
    assert "1. a/m" in said.stdout and "2. b/m" in said.stdout and "LEFT: broken: transient" in said.stdout, said.stdout


@group.case()
def what_cant_be_explained_is_said(lab):
    gateway, *_ = start(lab, {"a": {}})
    said = told(lab, gateway, "fats")
    assert said.returncode == 1 and "'fats' is not served here; near names: fast" in said.stderr, said
    assert told(lab, gateway).returncode == 2
