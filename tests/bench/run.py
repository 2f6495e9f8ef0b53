#!/usr/bin/env python3
"""Measures Hanse beside a raw relay, nginx and HAProxy. README.md says how and why; --help says what can be asked."""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import checks
import report
import servers
from servers import Server, Trouble

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = ROOT / "build" / "bench-tools"
ALL_SERVERS = ["relay", "nginx", "haproxy", "hanse"]
CYCLE_SOURCES = ["cycle.cc", "support.cc", "http.cc", "wire.cc", "provider.cc", "load.cc"]
IDLE_CONNECTIONS = servers.HELD_CONNECTIONS
SLOW_STREAMS = 2_000


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Hanse beside a raw relay, nginx and HAProxy.")
    parser.add_argument("--hanse", default=str(ROOT / "build/release/bin/hanse"), metavar="PATH", help="the binary")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout; the table goes to stderr")
    parser.add_argument("--quick", action="store_true", help="about half a minute: fewer and shorter slices")
    parser.add_argument("--servers", default=",".join(ALL_SERVERS), help="which of %(default)s")
    parser.add_argument("--cases", default=",".join([*report.TITLES, "memory"]), help="which of %(default)s")
    parser.add_argument("--rounds", type=int, help="rounds a case (default 11; with --quick 5)")
    parser.add_argument("--slice", type=float, help="seconds a slice (default 0.4; with --quick 0.16)")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (5 if arguments.quick else 11)
    arguments.slice = arguments.slice or (0.16 if arguments.quick else 0.4)
    arguments.servers = arguments.servers.split(",")
    arguments.cases = arguments.cases.split(",")
    for name in arguments.servers:
        if name not in ALL_SERVERS:
            parser.error(f"no server '{name}'; there are {', '.join(ALL_SERVERS)}")
    for name in arguments.cases:
        if name not in [*report.TITLES, "memory"]:
            parser.error(f"no case '{name}'; there are {', '.join([*report.TITLES, 'memory'])}")
    return arguments


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def build_tools() -> None:
    TOOLS.mkdir(parents=True, exist_ok=True)
    headers = list(HERE.glob("*.h"))
    for name, sources in {"cycle": CYCLE_SOURCES, "relay": ["relay.cc"]}.items():
        paths = [HERE / source for source in sources]
        binary = TOOLS / name
        newest = max(path.stat().st_mtime for path in paths + headers)
        if binary.exists() and binary.stat().st_mtime > newest:
            continue
        say(f"building {name}")
        command = ["clang++-19", "-O2", "-std=c++23", "-Wall", "-Wextra", "-o", str(binary), *map(str, paths)]
        if subprocess.run(command).returncode != 0:
            raise Trouble(f"{name} does not build")


class Bench:
    """One run: the servers of one temporary folder, and the results as they come."""

    def __init__(self, arguments: argparse.Namespace, folder: Path):
        self.arguments = arguments
        self.folder = folder
        self.provider_port = servers.free_port()
        self.running: list[Server] = []
        self.results = report.Results()
        self.translates = False

    def start(self, name: str) -> Server:
        server = servers.start(name, self.folder, self.provider_port, TOOLS, self.arguments.hanse)
        self.running.append(server)
        return server

    def stop_all(self) -> None:
        for server in self.running:
            servers.stop(server.process)
        self.running.clear()

    def cycle(self, *arguments: str, timeout: float) -> list[list[str]]:
        """Runs the load and returns its lines, split."""
        command = [str(TOOLS / "cycle"), arguments[0], f"provider={self.provider_port}", *arguments[1:]]
        process = servers.launch(command, servers.cores()[1], self.folder, "cycle", stdout=subprocess.PIPE, text=True)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{' '.join(arguments[:2])} took longer than {timeout:.0f} s") from None
        finally:
            servers.stop(process)
        if process.returncode != 0:
            errors = (self.folder / "cycle.stderr").read_text(errors="replace").strip().splitlines()
            raise Trouble(errors[-1] if errors else f"cycle ended with {process.returncode}")
        return [line.split("\t") for line in output.splitlines()]

    @contextlib.contextmanager
    def providing(self):
        """A provider while servers start (one may want to see its providers) and answers are looked at."""
        command = [str(TOOLS / "cycle"), "provide", f"provider={self.provider_port}"]
        process = servers.launch(command, servers.cores()[1], self.folder, "provide")
        try:
            time.sleep(0.2)
            yield
        finally:
            servers.stop(process)

    def check_answers(self) -> None:
        """Looks at one answer of each kind; a server that answers wrongly is not worth measuring."""
        for server in list(self.running):
            if not self.attempt(lambda: checks.check_answers(server, "bench")):
                servers.stop(server.process)
                self.running.remove(server)
            elif server.name == "hanse":
                self.translates = self.attempt(lambda: checks.check_answers(server, "bench-translated"))

    def targets(self, case: str) -> list[str]:
        if case not in report.ADDED_GOALS:
            return [f"{server.name}:{server.port}:{server.pid}:bench" for server in self.running]
        hanse = [server for server in self.running if server.name == "hanse" and self.translates]
        return [target for one in hanse for target in (f"hanse:{one.port}:{one.pid}:bench",
                                                       f"translated:{one.port}:{one.pid}:bench-translated:translated")]

    def measure(self, case: str) -> None:
        targets = self.targets(case)
        if not targets:
            return
        # Two slices a round instead of four, and a difference is noisier than a ratio: twice the rounds.
        rounds = self.arguments.rounds * (2 if case in report.ADDED_GOALS else 1)
        expected_s = (rounds + 1) * len(targets) * (self.arguments.slice + 0.05)
        say(f"{case}: {rounds} rounds, about {expected_s:.0f} s")
        lines = self.cycle("drive", f"case={case}", f"slice={self.arguments.slice}", f"rounds={rounds}", *targets,
                           timeout=60 + 6 * expected_s)
        slices: dict[str, dict[int, report.Slice]] = {}
        sent = 0
        for server, number, *values in lines:
            if server in ("hanse", "translated"):
                sent += int(values[0])
            if int(number) > 0:  # round 0 only warms up
                slices.setdefault(server, {})[int(number)] = report.Slice(*map(int, values))
        self.results.cases[case], lost = report.quietest_rounds(slices, rounds)
        if lost > report.DISTURBED:
            note = f"{case}: other work on the machine took up to {lost:.0%} of a slice; measure again in a quiet hour"
            self.results.notes.append(note)
        self.check_access_log(case, sent)

    def check_access_log(self, case: str, sent: int) -> None:
        """Hanse is to be measured with its access log on: there must be a line for each request."""
        log = self.folder / "access.log"
        if sent == 0:
            return
        lines = 0
        for _ in range(20):
            lines = _count_lines(log) if log.exists() else 0
            if lines >= sent:
                break
            time.sleep(0.1)
        if lines < sent:
            self.results.notes.append(f"{case}: the access log has {lines} lines for {sent} requests")
        if log.exists():
            log.write_bytes(b"")  # a whole run would fill a gigabyte

    def hold(self, name: str, case: str, count: int) -> float:
        """kB a held connection or stream costs, on a fresh process."""
        with self.providing():
            server = self.start(name)
        try:
            target = f"{name}:{server.port}:{server.pid}:bench"
            line = self.cycle("hold", f"case={case}", f"count={count}", target, timeout=120)[0]
            return (int(line[2]) - int(line[1])) / int(line[3])
        finally:
            self.stop_all()

    def measure_memory(self, name: str) -> None:
        figures = self.results.memory.setdefault(name, {})
        say(f"memory of {name}: {IDLE_CONNECTIONS} idle connections, {SLOW_STREAMS} slow streams")
        with self.providing():
            server = self.start(name)
            time.sleep(0.5)
        figures["rss_mb"] = servers.rss_kb(server.pid) / 1024
        self.stop_all()
        self.attempt(lambda: figures.update(idle_kb=self.hold(name, "idle", IDLE_CONNECTIONS)))
        self.attempt(lambda: figures.update(slow_stream_kb=self.hold(name, "slow_stream", SLOW_STREAMS)))

    def attempt(self, step) -> bool:
        """A step that fails costs its own figures, not those of the others."""
        try:
            step()
            return True
        except Trouble as trouble:
            self.results.failures.append(str(trouble))
            say(f"FAILED: {trouble}")
            return False

    def run(self) -> None:
        names = []
        for name in self.arguments.servers:
            if name in ("nginx", "haproxy") and not servers.is_installed(name):
                self.results.notes.append(f"{name} is left out: install the Debian package {name}")
            else:
                names.append(name)
        with self.providing():
            for name in names:
                self.attempt(lambda: self.start(name))
            self.check_answers()
        for case in report.TITLES:
            if case in self.arguments.cases:
                self.attempt(lambda: self.measure(case))
        self.stop_all()
        if "memory" in self.arguments.cases:
            # The others' memory is for comparison only; a quick run does without.
            others = [name for name in names if name not in ("relay", "hanse")]
            for name in [name for name in names if name == "hanse"] + ([] if self.arguments.quick else others):
                self.attempt(lambda: self.measure_memory(name))


def _count_lines(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
    return count


def main() -> int:
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    if "hanse" in arguments.servers and not Path(arguments.hanse).is_file():
        say(f"no hanse at {arguments.hanse}; build it, or leave it out with --servers relay,nginx,haproxy")
        return 2
    with tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder:
        bench = Bench(arguments, Path(folder))
        try:
            build_tools()
            bench.run()
        except Trouble as trouble:
            bench.results.failures.append(str(trouble))
        finally:
            bench.stop_all()
    say(f"measured in {time.monotonic() - began:.0f} s\n")
    print(report.table(bench.results), file=sys.stderr if arguments.json else sys.stdout)
    if arguments.json:
        print(json.dumps(report.as_json(bench.results)))
    return 1 if bench.results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
