#!/usr/bin/env python3
"""Runs what README.md shows: the config by `hanse check`, the clients against `hanse serve` before a simulated cloud.

    tests/readme/run.py [--hanse build/release/bin/hanse]      closes with `N passed, N failed`
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/e2e"))
from process import Process  # noqa: E402

SHOWN_ADDRESS = "127.0.0.1:8080"
PROGRAMS = {"sh": ["bash", "-c"], "python": [str(ROOT / ".cache/venv/bin/python"), "-c"],
            "js": ["node", "--input-type=module", "-e"]}
KEYS = {"OPENAI_API_KEY": "sk-readme", "ANTHROPIC_API_KEY": "sk-readme"}
CONFIG = """[server]
listen = "127.0.0.1:0"
[provider.cloud]
kind = "openai-compatible"
url = "{url}"
[model.fast]
offers = ["cloud/sim-gpt"]
"""


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block that can be run."""
    found = re.findall(r"^```(\w+)\n(.*?)^```", text, re.M | re.S)
    return [(kind, block) for kind, block in found if kind in ("toml", "python", "js") or "curl" in block]


def run(command: list[str]) -> str:
    """Empty when it went well and said something, else what was wrong."""
    done = subprocess.run(command, cwd=ROOT / ".cache/node", env={**os.environ, **KEYS}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    if done.returncode == 0 and done.stdout.strip() and '"error"' not in done.stdout:
        return ""
    return f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hanse", default=str(ROOT / "build/release/bin/hanse"), metavar="PATH")
    hanse = str(Path(parser.parse_args().hanse).resolve())
    subprocess.run([str(ROOT / "tests/clients/install.sh")], check=True)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = []
        try:
            started.append(Process([hanse, "sim", "--openai", "0"], folder, "sim"))
            url = started[0].wait_line(r"sim: openai on (http://\S+)")[1]
            (folder / "serve.toml").write_text(CONFIG.format(url=url))
            started.append(Process([hanse, "serve", "--config", str(folder / "serve.toml")], folder, "hanse"))
            address = started[1].wait_line(r"hanse: listening on http://(\S+)")[1]
            shown = blocks((ROOT / "README.md").read_text())
            for kind, block in shown:
                if kind == "toml":
                    (folder / "shown.toml").write_text(block)
                    command = [hanse, "check", "--config", str(folder / "shown.toml")]
                else:
                    command = [*PROGRAMS[kind], block.replace(SHOWN_ADDRESS, address)]
                if trouble := run(command):
                    failed += 1
                    print(f"README.md, the {kind} block that begins {block.splitlines()[0]!r}: {trouble}")
        finally:
            for process in reversed(started):
                process.stop()
    print(f"{len(shown) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
