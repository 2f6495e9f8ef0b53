#!/usr/bin/env python3
"""The differential HTTP/1.1 test: our parsers beside h11 and llhttp, on requests good, odd and hostile.

    tests/http1_diff/run.py [--driver build/release/bin/http1_diff_driver] [--show]

The rule: what h11 or llhttp refuses we refuse, and what they read we read alike: the same requests on the connection,
with the same methods, targets, headers, bodies and persistence. Where we differ on purpose, deviations.py says so with
the reason; a deviation that no row names fails, and so does a row that names none. The judges are pinned in
requirements.txt and live in .cache/venv-http1, made when missing.
"""

import argparse
import json
import os
import re
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = ROOT / ".cache" / "venv-http1"


def enter_venv():
    """Runs this script again with the judges installed."""
    python = VENV / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = VENV / "installed.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run(install + [str(HERE / "requirements.txt")], check=True)
        stamp.write_text(wanted)
    if Path(sys.prefix) != VENV:
        os.execv(python, [str(python), __file__, *sys.argv[1:]])


def unescaped(text):
    marks = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0"}

    def replace(match):
        escape = match.group(1)
        if escape == b"$":
            return b"\r\n"
        return bytes([int(escape[2:], 16)]) if escape[1:2] == b"x" else marks[escape[1:].decode()]

    return re.sub(rb"(\$|\\x[0-9a-f]{2}|\\[nrt0])", replace, text)


def hand_written():
    for line in (HERE / "corpus.txt").read_bytes().split(b"\n"):
        match = re.fullmatch(rb"([a-z0-9-]+) +(.*)", line)
        if match and len(match.group(1)) < 28:
            # The bytes begin in column 29, so that they may begin with a blank.
            yield match.group(1).decode(), unescaped(line[28:])


def ask_driver(driver, inputs):
    packed = b"".join(struct.pack("<I", len(data)) + data for data in inputs)
    out = subprocess.run([driver], input=packed, stdout=subprocess.PIPE, check=True).stdout
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(inputs), "the driver did not answer every input"
    return answers


def normal(message):
    """Names in lower case, as h11 gives them, and Transfer-Encoding's value; values without the blanks llhttp keeps."""
    headers = [[name.lower(), value.strip(" \t")] for name, value in message["headers"]]
    return {**message, "headers": [[n, v.lower() if n == "transfer-encoding" else v] for n, v in headers]}


def differences(ours, judge):
    """Yields (kind, detail): how our reading of one input differs from a judge's."""
    mine, theirs = [normal(m) for m in ours["messages"]], [normal(m) for m in judge["messages"]]
    for a, b in zip(mine, theirs):
        for field in ("method", "target", "minor", "headers", "body", "keep_alive"):
            if a[field] != b[field]:
                yield field, f"{a[field]!r} / {b[field]!r}"
    mine_end, their_end = ours["end"], judge["end"]
    if len(mine) > len(theirs) or (their_end == "refused" and mine_end != "refused"):
        yield "looser", judge.get("message", "") or their_end
    elif len(mine) < len(theirs) or (mine_end == "refused" and their_end == "clean"):
        yield "stricter", ours["message"] or mine_end


def find_row(rows, judge, kind, name, detail):
    for row in rows:
        if (
            row["judge"] == judge
            and row["kind"] == kind
            and re.search(row["says"], detail)
            and re.fullmatch(row["cases"], name)
        ):
            return row
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--driver", default=str(ROOT / "build" / "release" / "bin" / "http1_diff_driver"))
    arguments.add_argument("--show", action="store_true", help="print every deviation with its reason")
    options = arguments.parse_args()

    from deviations import ROWS
    from generate import cases
    from judges import JUDGES

    corpus = {}
    for name, data in [*hand_written(), *cases()]:
        assert name not in corpus, f"two requests are called {name}"
        corpus[name] = data
    used, passed, failed, deviating, ends = set(), 0, 0, 0, Counter()
    for (name, data), ours in zip(corpus.items(), ask_driver(options.driver, list(corpus.values()))):
        fine = True
        ends[ours["end"]] += 1
        for judge, read in JUDGES.items():
            for kind, detail in differences(ours, read(data)):
                row = find_row(ROWS, judge, kind, name, detail)
                if row:
                    used.add(id(row))
                    deviating += 1
                if not row:
                    fine = False
                    print(f"FAIL {name}: {kind} than or unlike {judge}: {detail}\n     {data!r}")
                elif options.show:
                    print(f"{name}: {kind} [{judge}] {detail}\n     {row['why']}")
        passed, failed = passed + fine, failed + (not fine)
    for row in ROWS:
        if id(row) not in used:
            failed += 1
            print(f"FAIL no request deviates as this row says: {row}")
    counts = ", ".join(f"{n} {end}" for end, n in ends.items())
    print(f"{len(corpus)} requests ({counts}), {deviating} deviations under {len(ROWS)} rows")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    enter_venv()
    sys.exit(main())
