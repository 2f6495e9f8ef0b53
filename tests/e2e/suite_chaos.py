"""Random weather over six clouds, and all six SDKs under it: outages, brown-outs, 429 storms, resets, silence, cut,
stalled and slow streams, clients that leave and clients that read slowly. One cloud is well at any time, so that each
request has somewhere to go.

HANSE_CHAOS_S says for how long (600; HANSE_BRIEF: 25), HANSE_CHAOS_SEED which weather.
"""

import json
import os
import random
import socket
import threading
import time
from collections import Counter

from runner import Suite
from suite_failover import rows
from suite_matrix import TONGUES
from tongue import User, Wants
from wall import LANGUAGES, STORY
from weather import Weather
from wire import request_bytes

suite = Suite("chaos")
SECONDS = float(os.environ.get("HANSE_CHAOS_S") or (25 if os.environ.get("HANSE_BRIEF") else 600))
SEED = int(os.environ.get("HANSE_CHAOS_SEED") or time.time())
POLICIES = ("ordered", "balanced", "weighted", "fastest")
CLIENTS_EACH = 3
lines: list[str] = []


class Crowd:
    """Clients that ask without end. Counts what came of it, by kind."""

    def __init__(self, base: str, until: float):
        self.base, self.until = base, until
        self.count: Counter = Counter()
        self.times: list[float] = []
        self.wrong: list[str] = []
        self.raised: list[str] = []

    def talk(self, name: str, number: int) -> None:
        tongue, dice = TONGUES[name], random.Random(f"{SEED} {name} {number}")
        while time.monotonic() < self.until:
            leave = dice.randrange(1, 40) if dice.random() < 0.1 else None
            wants = Wants(stream=True, leave_after=leave)
            begin = time.monotonic()
            heard = tongue.ask(self.base, dice.choice(POLICIES), [User("Tell me the story.")], wants)
            if heard.error is None and heard.said is None:
                self.count["left"] += 1
                continue
            self.times.append(time.monotonic() - begin)
            self.judge(name, heard)

    def judge(self, name: str, heard) -> None:
        if heard.error is not None:
            self.count["raised"] += 1
            self.raised.append(f"{name}: {heard.error!r}"[:300])
        elif heard.said.text == STORY and heard.said.stop == "end":
            self.count["whole"] += 1
        else:
            self.count["looks whole and is not"] += 1
            self.wrong.append(f"{name}: {heard.said.stop} {heard.said.text!r}")

    def read_slowly(self, port: int, number: int) -> None:
        """Some hundred bytes now and then; what there is is the story, or the connection's end is no good end."""
        body = {"model": "balanced", "stream": True, "messages": [{"role": "user", "content": "Tell me the story."}]}
        dice = random.Random(f"{SEED} slow {number}")
        while time.monotonic() < self.until:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                wire.sendall(request_bytes("POST", "/v1/chat/completions", json.dumps(body).encode(),
                                           {"connection": "close"}))  # fmt: skip
                received = b""
                while piece := wire.recv(dice.randrange(200, 2000)):
                    received += piece
                    time.sleep(dice.random() / 50)
            self.count["read slowly"] += 1
            if b"[DONE]" in received and text_of(received) != STORY:
                self.count["looks whole and is not"] += 1
                self.wrong.append(f"slow reader: {text_of(received)!r}")


def text_of(stream: bytes) -> str:
    text = ""
    for line in stream.splitlines():
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:]).get("choices", []):
                text += choice["delta"].get("content") or ""
    return text


def config(weather: Weather) -> dict:
    providers = {}
    for language, cloud in weather.clouds.items():
        providers[language] = {**rows(cloud.provider.url)[language], "models": ["story"]}
    offers = [f"{language}/story" for language in LANGUAGES]
    models = {policy: {"policy": policy, "offers": offers} for policy in POLICIES}
    models["weighted"]["shares"] = [1] * len(offers)
    return {"provider": providers, "model": models}


@suite.each(list(TONGUES), limit_s=60)
def broken_off_again_and_again(lab, name):
    """Four clouds of six cut each stream somewhere, so that most answers are carried on several times."""
    weather = lab.keep("cuts", lambda: Weather(lab, 7))
    hanse = lab.keep("cuts hanse", lambda: lab.hanse(config(weather)))
    for language in list(LANGUAGES)[:4]:
        weather.clouds[language].fault = "cut"
    for _ in range(10):
        heard = TONGUES[name].ask(hanse.base, "weighted", [User("Tell me the story.")], Wants(stream=True))
        assert heard.error is None, repr(heard.error)
        assert heard.said.text == STORY, heard.said.text


@suite.case(limit_s=SECONDS + 120)
def a_stormy_time(lab):
    weather = Weather(lab, SEED)
    hanse = lab.hanse(config(weather))
    until = time.monotonic() + SECONDS
    crowd = Crowd(hanse.base, until)
    threads = [
        threading.Thread(target=crowd.talk, args=(name, number), daemon=True)
        for name in TONGUES
        for number in range(CLIENTS_EACH)
    ]
    threads += [threading.Thread(target=crowd.read_slowly, args=(hanse.port, n), daemon=True) for n in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(min(2, SECONDS / 4))
    memory, sockets = hanse.rss_kb(), hanse.sockets()
    weather.run(until)
    for thread in threads:
        thread.join(100)
    assert not any(thread.is_alive() for thread in threads), "a request hangs"
    report(crowd, weather, hanse, memory)
    assert hanse.alive(), "it crashed"
    hanse.wait_idle(10)
    assert hanse.sockets() <= sockets + len(threads), (hanse.sockets(), sockets)
    assert hanse.rss_kb() < memory + 20_000, f"{memory} kB at the beginning, {hanse.rss_kb()} at the end"
    assert not crowd.wrong, "\n".join(crowd.wrong[:5])
    asked = crowd.count["whole"] + crowd.count["raised"]
    assert crowd.count["whole"] >= 0.999 * asked, f"{crowd.count}: " + "\n".join(crowd.raised[:10])


def report(crowd: Crowd, weather: Weather, hanse, memory: int) -> None:
    took = sorted(crowd.times)
    metrics = hanse.metrics()
    rescued = sum(value for name, value in metrics.items() if name.startswith("hanse_rescues_total"))
    attempts = sum(cloud.asked for cloud in weather.clouds.values())
    lines.extend([
        f"seed {SEED}, {SECONDS:.0f} s, {weather.changes} weathers; {dict(crowd.count)}",
        f"{attempts} attempts at the clouds, {rescued:.0f} streams carried on; each request took "
        f"{took[len(took) // 2]:.2f} s (p50), {took[len(took) * 99 // 100]:.2f} s (p99), {took[-1]:.2f} s (max)",
        f"memory {memory} kB at the beginning, {hanse.rss_kb()} kB at the end",
        *crowd.raised[:10],
    ])  # fmt: skip


suite.notes = lambda: lines
