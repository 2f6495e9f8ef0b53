#!/usr/bin/env python3
"""Runs unit test programs one after the other and closes with `N passed, N failed`.

    tools/unit.py BIN_FOLDER [NAME...] [--filter GTEST_FILTER] [--limit-s N]      NAME: net for net_test; default all
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LAST_LINES = 60


def run(program: Path, arguments: argparse.Namespace, folder: Path) -> tuple[int, int, int, str]:
    """Passed, failed and skipped tests, and what is worth printing. A crash counts as one failure."""
    report = folder / f"{program.name}.json"
    command = [str(program), f"--gtest_output=json:{report}", "--gtest_brief=1"]
    if arguments.filter:
        command.append(f"--gtest_filter={arguments.filter}")
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=arguments.limit_s)
        said, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace") + f"\nnot done after {arguments.limit_s} s\n"
        code = 124
    if not report.exists():
        return 0, 1, 0, said + f"\n{program.name} ended with {code} before it could report\n"
    counts = json.loads(report.read_text())
    failed = counts["failures"] + counts.get("errors", 0)
    skipped = sum(test.get("result") == "SKIPPED" for group in counts["testsuites"] for test in group["testsuite"])
    passed = counts["tests"] - failed - skipped
    if code and not failed:
        failed = 1                              # a sanitizer's finding after the last test
    return passed, failed, skipped, said if failed else "".join(worth_telling(said))


def worth_telling(said: str) -> list[str]:
    """Of tests that passed: what they counted, and why others were skipped (the line behind `FILE:LINE: Skipped`)."""
    lines = said.splitlines()
    reasons = [f"skipped: {after}" for line, after in zip(lines, lines[1:]) if line.endswith(": Skipped")]
    return [line + "\n" for line in dict.fromkeys([line for line in lines if line.startswith("counted: ")] + reasons)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--filter", metavar="GTEST_FILTER")
    parser.add_argument("--limit-s", type=int, default=300, help="for one program (default %(default)s)")
    arguments = parser.parse_args()
    programs = [arguments.folder / f"{name}_test" for name in arguments.names]
    programs = programs or sorted(arguments.folder.glob("*_test"))
    if not programs:
        print(f"no test program in {arguments.folder}", file=sys.stderr)
    total = [0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        for program in programs:
            *counts, said = run(program, arguments, Path(folder))
            total = [a + b for a, b in zip(total, counts)]
            print("".join(line + "\n" for line in said.splitlines()[-LAST_LINES:]), end="")
            print(f"{program.name}: {counts[0]} passed, {counts[1]} failed", flush=True)
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
