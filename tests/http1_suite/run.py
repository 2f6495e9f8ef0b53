#!/usr/bin/env python3
"""What HTTP/1.1 asks of a server, case by case, and what smugglers try: on our server, over a socket.

    tests/http1_suite/run.py [--hanse build/release/bin/hanse] [--only TEXT] [--list]
    tests/http1_suite/run.py --at PORT              a server of `hanse sim --echo`'s kind that runs already

The cases are of our own wording, after RFC 9110 and 9112; they cover what the public suites h1spec and Http11Probe
ask, which cannot be installed from a package registry, and are stricter: a refused request must be answered, closed,
and nothing behind it heeded. Every case runs against `hanse sim --echo`; those that are refused, and those that must
wait, once more against `hanse serve`. Closes with `N passed, N failed`.
"""

import argparse
import selectors
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/e2e"))
import bodies  # noqa: E402, F401
import heads  # noqa: E402, F401
import semantics  # noqa: E402, F401
from process import Process  # noqa: E402
from vocabulary import CASES, Case, get  # noqa: E402
from wire import Closed, Wire  # noqa: E402

ANSWER_LIMIT_S = 5
WAIT_S = 0.5  # so long not a byte may come
FOLLOW_UP = get(first=b"GET /follow-up HTTP/1.1")
CHAT = b"/v1/chat/completions"  # where `hanse serve` takes a body
CONFIG = """[server]
listen = "127.0.0.1:0"
[provider.nobody]
kind = "openai-compatible"
url = "http://127.0.0.1:9/v1"
models = ["none"]
"""


def answers_in_turn(case: Case, wire: Wire, path: bytes) -> str:
    """Sends the pieces, reads the answers; what is wrong, or nothing."""
    pieces = [piece.replace(b"POST / ", b"POST " + path + b" ") for piece in case.pieces]
    if case.is_refusal or case.wants[-1].closes:
        pieces[-1] += FOLLOW_UP
    wire.try_send(pieces.pop(0))
    for number, want in enumerate(case.wants):
        if want.status is None:
            wire.sock.settimeout(WAIT_S)
            try:
                return f"wanted it to wait, got {wire.receive()[:80] or 'a close'!r}"
            except TimeoutError:
                wire.sock.settimeout(ANSWER_LIMIT_S)
        else:
            reply = wire.read_head() if want.interim else wire.read_reply(want.method)
            trouble = "" if want.interim and reply.status == want.status else want.trouble(reply)
            if trouble:
                return f"answer {number + 1}: {trouble}"
        if pieces:
            wire.try_send(pieces.pop(0))
    if case.wants[-1].closes and not wire.wait_closed():
        return "the connection stays open"
    return f"more than was asked for: {bytes(wire.buffer[:80])!r}" if wire.buffer else ""


def judge(case: Case, port: int, path: bytes) -> str:
    try:
        with Wire(port, ANSWER_LIMIT_S) as wire:
            return answers_in_turn(case, wire, path)
    except (Closed, TimeoutError, OSError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"


def judge_waiting(cases: list[Case], port: int) -> list[str]:
    """All at once, so that their waiting costs once."""
    found = [""] * len(cases)
    with selectors.DefaultSelector() as selector:
        for number, case in enumerate(cases):
            wire = Wire(port, ANSWER_LIMIT_S)
            wire.send(case.pieces[0])
            selector.register(wire.sock, selectors.EVENT_READ, (number, wire))
        limit = time.monotonic() + WAIT_S
        while (left := limit - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                number, wire = key.data
                found[number] = f"wanted it to wait, got {wire.receive()[:80] or 'a close'!r}"
                selector.unregister(wire.sock)
                wire.close()
        for key in list(selector.get_map().values()):
            key.data[1].close()
    return found


def run_cases(cases: list[Case], port: int, where: str, path: bytes = b"/") -> tuple[int, int]:
    waiting = [case for case in cases if case.wants[0].status is None and len(case.wants) == 1]
    others = [case for case in cases if case not in waiting]
    results = list(zip(waiting, judge_waiting(waiting, port))) + [(case, judge(case, port, path)) for case in others]
    failed = 0
    for case, trouble in results:
        if trouble:
            failed += 1
            print(f"FAIL {where}: {case.topic}: {case.name} ({case.rule}): {trouble}\n     {case.pieces[0][:160]!r}")
    return len(results) - failed, failed


def run_on_hanse(hanse: str, cases: list[Case]) -> tuple[int, int]:
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hanse.toml").write_text(CONFIG)
        servers = []
        try:
            servers.append(Process([hanse, "sim", "--echo", "0"], folder, "sim"))
            servers.append(Process([hanse, "serve", "--config", str(folder / "hanse.toml")], folder, "serve"))
            echo = int(servers[0].wait_line(r"sim: echo on http://\S+:(\d+)")[1])
            gateway = int(servers[1].wait_line(r"hanse: listening on http://\S+:(\d+)")[1])
            shared = [
                case for case in cases if (case.is_refusal and len(case.wants) == 1) or not case.wants[-1].status
            ]
            for port, where, which, path in ((echo, "sim --echo", cases, b"/"), (gateway, "serve", shared, CHAT)):
                good, bad = run_cases(which, port, where, path)
                passed, failed = passed + good, failed + bad
            for server in servers:
                if not server.alive():
                    failed += 1
                    print(f"FAIL {server.name} ended by itself\n{server.tail()}")
        finally:
            for server in servers:
                server.stop()
    return passed, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hanse", default=str(ROOT / "build/release/bin/hanse"), metavar="PATH")
    parser.add_argument("--at", type=int, metavar="PORT")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose topic or name contains it")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in f"{case.topic}: {case.name}"]
    repeated = [name for name, count in Counter((c.topic, c.name) for c in CASES).items() if count > 1]
    assert not repeated, f"cases of one name: {repeated}"
    if options.list:
        for case in cases:
            print(f"{case.topic}: {case.name} ({case.rule})")
        return 0
    print(f"{len(cases)} cases: " + ", ".join(f"{n} {topic}" for topic, n in Counter(c.topic for c in cases).items()))
    passed, failed = run_cases(cases, options.at, "there") if options.at else run_on_hanse(options.hanse, cases)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
