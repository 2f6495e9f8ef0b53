#!/usr/bin/env python3
"""h2spec's 146 cases against our HTTP/2 server, over cleartext (prior knowledge) and TLS.

    tests/http2/run.py --h2spec PROGRAM --hanse BINARY         starts `hanse sim --echo` and `hanse serve` with TLS
    tests/http2/run.py --h2spec PROGRAM --at HOST:PORT [--tls] [--path /]     one server that runs already

A deviation is named below with its reason, and what we do instead is checked here; a named one that h2spec doesn't
report any more fails, so the list can't grow stale.
"""

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

LIMIT_S = 120
START_LIMIT_S = 15


def plain_port_speaks_http1(host: str, port: int) -> str:
    """What went wrong, or nothing."""
    with socket.create_connection((host, port), timeout=5) as client:
        client.sendall(b"INVALID CONNECTION PREFACE\r\n\r\n")
        heard = b""
        while piece := client.recv(65536):
            heard += piece
    refused = re.match(rb"HTTP/1\.1 (400|505) ", heard)
    return "" if refused else f"wanted an HTTP/1.1 refusal and a close, heard {heard[:80]!r}"


# (transport, section, case): why, and the check of what we do instead.
DEVIATIONS = {
    ("plain", "http2/3.5", "Sends invalid connection preface"): (
        "HTTP/1.1 and HTTP/2 share the plain port: what is not HTTP/2's preface is a request of HTTP/1.1, and a "
        "malformed one gets a 400 in that language before the close; h2spec takes its bytes for a frame",
        plain_port_speaks_http1,
    ),
}


def cases_of(report: Path) -> list[tuple[str, str, str]]:
    """(section, case, what failed or nothing) of each case; skipped ones count as failed."""
    found = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        bad = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        said = "" if bad is None else (bad.text or bad.tag).strip()
        found.append((case.get("package"), case.get("classname"), said))
    return found


def judge(program: str, host: str, port: int, tls: bool, path: str) -> tuple[int, int]:
    transport = "TLS" if tls else "plain"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [program, "--strict", "-h", host, "-p", str(port), "-P", path, "-o", "10", "-j", str(report)]
        command += ["-t", "-k"] if tls else []
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S)
        if not report.exists():
            print(f"{transport}: h2spec could not run: {(done.stderr or done.stdout).strip()[-400:]}")
            return 0, 1
        cases = cases_of(report)
    failures = []
    named = {(section, case): row for (where, section, case), row in DEVIATIONS.items() if where == transport}
    for section, case, said in cases:
        why, check = named.pop((section, case), (None, None))
        if why and said:
            wrong = check(host, port)
            print(f"{transport}: {section} {case}: deviates on purpose: {why}")
            failures += [(section, case, wrong)] if wrong else []
        elif why:
            failures.append((section, case, "passes, though DEVIATIONS names it"))
        elif said:
            failures.append((section, case, said))
    failures += [(section, case, "is named in DEVIATIONS, but h2spec has no such case") for section, case in named]
    for section, case, said in failures:
        print(f"{transport}: {section} {case}: FAILED\n    " + said.replace("\n", "\n    "))
    print(f"{transport}: {len(cases)} cases, {len(failures)} failed")
    return max(len(cases) - len(failures), 0), len(failures)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command: list[str], port: int, log: Path) -> subprocess.Popen:
    """The server, once its port answers."""
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.05)
    stop(server)
    sys.exit(f"{' '.join(command)} did not start:\n{log.read_text()[-2000:]}")


def stop(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def judge_hanse(program: str, hanse: str) -> tuple[int, int]:
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-keyout", home / "key.pem", "-out", home / "cert.pem"],
            check=True, capture_output=True)
        plain, secure = free_port(), free_port()
        (home / "hanse.toml").write_text(
            f'[server]\nlisten = "127.0.0.1:{secure}"\nthreads = 1\n'
            f'tls_cert = "{home}/cert.pem"\ntls_key = "{home}/key.pem"\n'
            '[provider.nobody]\nkind = "openai-compatible"\nurl = "http://127.0.0.1:9/v1"\n'
            '[model.none]\noffers = ["nobody/none"]\n')
        servers = []
        try:
            servers.append(start([hanse, "sim", "--echo", str(plain)], plain, home / "sim.log"))
            servers.append(start([hanse, "serve", "--config", str(home / "hanse.toml")], secure, home / "serve.log"))
            for port, tls, path in ((plain, False, "/h2spec"), (secure, True, "/metrics")):
                good, bad = judge(program, "127.0.0.1", port, tls, path)
                passed, failed = passed + good, failed + bad
            if dead := [server.args[1] for server in servers if server.poll() is not None]:
                print(f"ended by itself: hanse {' and '.join(dead)}")
                failed += 1
        finally:
            for server in servers:
                stop(server)
    return passed, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--h2spec", default=".cache/bin/h2spec")
    parser.add_argument("--hanse")
    parser.add_argument("--at", metavar="HOST:PORT")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--path", default="/")
    arguments = parser.parse_args()
    if arguments.at:
        host, _, port = arguments.at.rpartition(":")
        passed, failed = judge(arguments.h2spec, host, int(port), arguments.tls, arguments.path)
    elif arguments.hanse:
        passed, failed = judge_hanse(arguments.h2spec, arguments.hanse)
    else:
        parser.error("wanted --hanse or --at")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
