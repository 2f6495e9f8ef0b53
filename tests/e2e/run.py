#!/usr/bin/env python3
"""Runs end-to-end suites against the real program, and closes with the line `N passed, N failed`.

    run.py NAME... [--hanse PATH] [--only PART] [-v]      NAME: see SUITES, or `all`

The clients are installed on demand (tests/clients/install.sh), into the repository's .cache/.
"""

import argparse
import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUITES = {
    "real-model": "official SDKs stream real answers from a small language model",
    "sdks": "official SDKs, all pairs, on simulated clouds",
    "responses": "Responses as a service: answers that are kept, and the public Open Responses cases",
    "matrix": "each client's official SDK to each cloud: every pair, the same features, a table",
    "recordings": "recorded traffic of the real services, replayed",
    "fidelity": "every field of the vendors' specs stands in docs/reference/fidelity.md",
    "faults": "providers and clients that break, stall, leave or flood",
    "http": "bad input, HTTP's rules, limits, logs, reload and drain",
    "failover": "sixteen faults of a primary with a fallback behind it: the whole answer, exactly once",
    "rescue": "streams cut after every event, in four ways, of text, tools, thoughts and JSON: whole or raised",
    "newcomer": "a new provider is one row of data",
    "chaos": "random weather over six clouds, with every SDK under it",
    "clients": "classes of the SDKs, frameworks and agents of other makers, without network: a table",
}


def parse_arguments() -> argparse.Namespace:
    listing = "\n".join(f"  {name:<12} {what}" for name, what in SUITES.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"suites:\n{listing}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="suites to run, or all")
    parser.add_argument(
        "--hanse", default=os.environ.get("HANSE", str(ROOT / "build/release/bin/hanse")), metavar="PATH"
    )
    parser.add_argument("--only", metavar="PART", help="only cases whose name contains PART")
    parser.add_argument("-v", "--verbose", action="store_true", help="name the cases that pass, too")
    arguments = parser.parse_args()
    if arguments.names == ["all"]:
        arguments.names = list(SUITES)
    for name in arguments.names:
        if name not in SUITES:
            parser.error(f"no suite '{name}'; there are {', '.join(SUITES)}")
    return arguments


def enter_venv(names: list[str]) -> None:
    """Installs what is missing and goes on inside the venv, which the system's Python knows nothing of."""
    python = ROOT / ".cache/venv/bin/python"
    if sys.prefix == str(ROOT / ".cache/venv"):
        return
    install = [str(ROOT / "tests/clients/install.sh")]
    options = {"real-model": "--model", "clients": "--frameworks"}
    subprocess.run(install + [options[name] for name in names if name in options], check=True)
    os.execv(python, [str(python), *sys.argv])


def main() -> int:
    arguments = parse_arguments()
    enter_venv(arguments.names)
    sys.path.insert(0, str(HERE))
    sys.dont_write_bytecode = True
    from lab import Lab
    from runner import Tally, run_suite

    binary = Path(arguments.hanse).resolve()
    # Stopped from outside, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    total = Tally()
    for name in arguments.names:
        suite = importlib.import_module("suite_" + name.replace("-", "_")).suite
        total.add(run_suite(suite, lambda folder: Lab(folder, binary), arguments.only, arguments.verbose))
    for failure in total.failures:
        print(f"failed: {failure}")
    print(total.closing_line(), flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
