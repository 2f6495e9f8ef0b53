"""Drills: what is lost on purpose, for how long, who may do that, and that it ends."""

import json
import os
import signal
import subprocess
import threading
import time

from hanse import to_toml
from http_lab import neutral
from process import wait_for
from runner import Suite

group = Suite("drill")
CHAT = "/v1/chat/completions"
ADMIN = {"HANSE_ADMIN_KEY": "sk-admin"}
ASKED = {"model": "fast", "messages": [{"role": "user", "content": "Hello"}]}


def scene(lab):
    def make():
        provider = lab.provider(neutral)
        of = {"url": f"{provider.url}/v1", "key_env": "E2E_KEY", "models": ["m"]}
        return lab.hanse({
            "client": {"boss": {"key_env": "HANSE_ADMIN_KEY", "admin": True}, "team": {"key_env": "TEAM_KEY"}},
            "provider": {
                "first": {"kind": "azure-openai", **of},
                "second": {"kind": "openai-compatible", **of},
            },
            "model": {"fast": {"offers": ["first/m", "second/m"]}},
        }, env={**ADMIN, "TEAM_KEY": "sk-team"})  # fmt: skip

    return lab.keep("drill", make)


def offer_of(gateway) -> str:
    reply = gateway.call("POST", CHAT, ASKED, {"authorization": "Bearer sk-team"})
    assert reply.status == 200 and reply.json()["choices"], reply.text()
    return reply.header("x-hanse-offer")


def well_again(gateway) -> None:
    wait_for(lambda: offer_of(gateway) == "first/m", 15, "the first offer to answer again", 0.2)


def drill(lab, gateway, *more) -> subprocess.Popen:
    argv, environment = [lab.binary, "drill", "--url", gateway.base, *more], {**os.environ, **ADMIN}
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def begun(gateway) -> None:
    wait_for(lambda: offer_of(gateway) == "second/m", 5, "the drill to begin", 0.05)


@group.each(["azure", "first", "azure-openai"])
def what_is_named_is_lost_and_everything_answered(lab, name):
    gateway = scene(lab)
    well_again(gateway)
    running = drill(lab, gateway, "--lose", name, "--for", "1500ms", "--json")
    begun(gateway)
    asked = 0
    while running.poll() is None:
        offer_of(gateway)
        asked += 1
    report = json.loads(running.stdout.read())
    assert running.returncode == 0 and report["slo_kept"] is True, report
    assert report["failed"] == 0 and report["requests"] >= asked / 2 and report["attempts_hit"] > 0, report
    assert 1400 <= report["took_ms"] <= 2500 and report["lose"] == [name], report
    well_again(gateway)


@group.each(["throttle", "slow", "cut", "stall"])
def every_way_to_fail(lab, how):
    gateway = scene(lab)
    well_again(gateway)
    running = drill(lab, gateway, "--lose", "first", "--for", "2s", "--how", how)
    try:
        if how in ("throttle", "cut"):
            begun(gateway)
        elif how == "slow":
            took = [0.0]
            while running.poll() is None and max(took) < 1.9:
                begin = time.monotonic()
                assert offer_of(gateway) == "first/m"
                took.append(time.monotonic() - begin)
            assert max(took) >= 1.9, max(took)
    finally:
        said = running.communicate(timeout=20)[0]
    assert "requests in" in said and "first token" in said, said


@group.case(limit_s=40)
def streams_that_a_drill_cuts_are_carried_on(lab):
    gateway = lab.keep("drill streams", lambda: streams(lab))
    running = drill(lab, gateway, "--lose", "first", "--for", "2s", "--how", "cut", "--json")
    cut = 0
    while running.poll() is None:
        reply = gateway.call("POST", CHAT, {**ASKED, "messages": [{"role": "user", "content": "echo one two three"}],
                                            "stream": True}, {"authorization": "Bearer sk-admin"})  # fmt: skip
        assert reply.status == 200 and b"[DONE]" in reply.body, reply.text()
        cut += 1
    report = json.loads(running.stdout.read())
    assert report["failed"] == 0 and report["carried_on_whole"] > 0, report


def streams(lab):
    sim = lab.sim("--tokens-per-second", "500")
    of = {"kind": "openai-compatible", "url": sim.openai, "key_env": "E2E_KEY"}
    return lab.hanse({
        "client": {"boss": {"key_env": "HANSE_ADMIN_KEY", "admin": True}},
        "provider": {"first": of, "second": of},
        "model": {"fast": {"offers": ["first/sim-1", "second/sim-1"]}},
    }, env=ADMIN)  # fmt: skip


@group.case(limit_s=40)
def it_ends_on_time_when_the_operator_is_killed(lab):
    gateway = scene(lab)
    well_again(gateway)
    begin = time.monotonic()
    running = drill(lab, gateway, "--lose", "first", "--for", "3s")
    begun(gateway)
    running.send_signal(signal.SIGKILL)
    running.wait(5)
    while time.monotonic() - begin < 2.5:
        assert offer_of(gateway) == "second/m", "ended too early"
    wait_for(lambda: "the drill has ended" in gateway.stderr_text(), 5, "the end of the drill", 0.05)
    assert time.monotonic() - begin < 5, "ended too late"
    well_again(gateway)


@group.case(limit_s=40)
def ctrl_c_ends_it(lab):
    gateway = scene(lab)
    well_again(gateway)
    running = drill(lab, gateway, "--lose", "first", "--for", "5m")
    begun(gateway)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=10)
    assert "requests in" in said, said
    well_again(gateway)


@group.case()
def only_an_admin_may_and_only_one_at_a_time(lab):
    gateway = scene(lab)
    order = {"lose": ["first"], "for_ms": 1000}
    for key, status in (("sk-team", 403), ("sk-nobody", 401)):
        reply = gateway.call("POST", "/drill", order, {"authorization": f"Bearer {key}"})
        assert reply.status == status and "sk-" not in reply.text(), reply.text()
    admin = {"authorization": "Bearer sk-admin"}
    assert gateway.call("DELETE", "/drill", None, admin).status == 404
    first = threading.Thread(target=lambda: gateway.call("POST", "/drill", order, admin))
    first.start()
    begun(gateway)
    reply = gateway.call("POST", "/drill", order, admin)
    assert reply.status == 503 and "another drill" in reply.text(), reply.text()
    first.join(10)
    well_again(gateway)


BAD = {
    "an unknown cloud": ({"lose": ["mars"], "for_ms": 10}, "first, azure-openai, azure, second, openai-compatible"),
    "nothing lost": ({"for_ms": 10}, "lose"),
    "no end": ({"lose": ["first"]}, "for_ms"),
    "too long": ({"lose": ["first"], "for_ms": 3_600_001}, "for_ms"),
    "a share of two": ({"lose": ["first"], "for_ms": 10, "share": 2}, "share"),
    "an unknown way": ({"lose": ["first"], "for_ms": 10, "how": "burn"}, "refuse, throttle, stall, slow or cut"),
    "an unknown member": ({"lose": ["first"], "for_ms": 10, "hwo": "cut"}, "hwo"),
}


@group.each(list(BAD.items()))
def bad_orders_are_refused_by_name(lab, case):
    gateway = scene(lab)
    body, words = case
    reply = gateway.call("POST", "/drill", body, {"authorization": "Bearer sk-admin"})
    assert reply.status == 400 and words in reply.text(), reply.text()


@group.case()
def nobody_may_where_there_are_no_keys(lab):
    gateway = lab.keep("open", lambda: lab.hanse({"provider": {"a": {"kind": "openai-compatible", "models": ["m"],
                                                                     "url": "http://127.0.0.1:9/v1"}}}))  # fmt: skip
    reply = gateway.call("POST", "/drill", {"lose": ["a"], "for_ms": 10})
    assert reply.status == 403 and "admin = true" in reply.text(), reply.text()


@group.case()
def a_drill_is_rehearsed_from_the_log_of_what_was(lab):
    provider = lab.provider(neutral)
    log, config = lab.folder / "access.jsonl", lab.folder / "rehearsed.toml"
    row = {"kind": "openai-compatible", "models": ["m"], "url": f"{provider.url}/v1"}
    tables = {"provider": {"a": row, "b": row}, "model": {"fast": {"offers": ["a/m", "b/m"]}}}
    gateway = lab.hanse({**tables, "log": {"access": str(log)}})
    for _ in range(20):
        assert gateway.call("POST", CHAT, ASKED).status == 200
    wait_for(lambda: log.exists() and log.read_text().count('"model":"fast"') == 20, 5, "20 lines in the log")
    config.write_text(to_toml(tables))
    told = subprocess.run(
        [lab.binary, "drill", "--simulate", "--config", config, "--lose", "a", "--for", "10s", "--at", "0s"]
        + ["--load", log, "--json"],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert report["requests"] == report["within"] == 20 and report["slo_kept"], report
    assert [offer["answers"] for offer in report["offers"]] == [0, 20], report


def utc_minutes(*ahead: int) -> list[str]:
    return [time.strftime("%H:%M", time.gmtime(time.time() + 60 * minutes)) for minutes in ahead]


@group.case()
def a_drill_on_a_schedule_begins_by_itself(lab):
    provider = lab.provider(neutral)
    row = {"kind": "openai-compatible", "models": ["m"], "url": f"{provider.url}/v1"}
    gateway = lab.hanse({
        "provider": {"a": row, "b": {**row, "concurrency": 10}},
        "model": {"fast": {"offers": ["a/m", "b/m"]}},
        "drill": {"often": {"lose": "a", "length": "1500ms", "at": utc_minutes(0, 1)}},
    })  # fmt: skip
    wait_for(lambda: "a drill begins, for 1500 ms" in gateway.stderr_text(), 5, "the drill")
    assert gateway.call("POST", CHAT, ASKED).header("x-hanse-offer") == "b/m"
    wait_for(lambda: "the drill has ended" in gateway.stderr_text(), 5, "its end")
    line = next(line for line in gateway.stderr_text().splitlines() if "the drill has ended" in line)
    report = json.loads(line.partition("ended: ")[2])
    assert report["failed"] == 0 and report["attempts_hit"] >= 1 and report["least_headroom"]["offer"] == "b/m", report
    wait_for(lambda: gateway.call("POST", CHAT, ASKED).header("x-hanse-offer") == "a/m", 10, "the offer to be back")


@group.case()
def a_schedule_that_cant_be_is_refused(lab):
    path = lab.folder / "schedule.toml"
    row = {"kind": "openai-compatible", "models": ["m"], "url": "http://127.0.0.1:9/v1"}
    wrong = {"lose": "mars", "length": "1s", "at": ["25:00"], "days": ["someday"]}
    path.write_text(to_toml({"provider": {"a": row}, "drill": {"x": wrong, "y": {"lose": "a"}}}))
    said = subprocess.run([lab.binary, "check", "--config", path], capture_output=True, text=True, timeout=10).stderr
    for part in ("'mars' is none of a, openai-compatible", "'25:00' is no time such as 03:30",
                 "'someday' is none of sun, mon", "'length' in [drill.y]", "'at' in [drill.y]"):  # fmt: skip
        assert part in said, (part, said)
