"""What the clients suite runs on: Hanse with keys before a simulated cloud of each language, cut off from any network,
and programs of other makers that talk to it, two at once.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from process import die_with_parent
from sdk_terms import responses_only

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
NODE = ROOT / ".cache/node-frameworks"
NODE_LATEST = ROOT / ".cache/node-frameworks-latest"
PYTHON = ROOT / ".cache/venv-frameworks/bin/python"
SECRET = "wJalr/UtnFEMI+K7MDENG/bPxRfiCYEXAMPLEKEY"
CLIENT_KEY = "hanse-client-0123456789"
SIGNER = "AKIDROBOT"
CLOUDS = {
    "chat": "sim-gpt",
    "responses": "sim-gpt",
    "messages": "sim-claude",
    "gemini": "sim-gemini",
    "bedrock": "sim-claude",
    "cohere": "sim-command",
}
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def leave_the_network() -> str | None:
    """This thread and all that it starts have a loopback of their own from here on, no more; or says why not."""
    libc, uid = ctypes.CDLL(None, use_errno=True), os.getuid()
    if libc.unshare(CLONE_NEWNET) != 0:  # not root: as the root of a world of its own
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return os.strerror(ctypes.get_errno())
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        name = b"lo".ljust(16, b"\0")
        flags = struct.unpack("16sh", fcntl.ioctl(asker, SIOCGIFFLAGS, name + bytes(16))[:18])[1]
        fcntl.ioctl(asker, SIOCSIFFLAGS, struct.pack("16sh14x", name, flags | IFF_UP))
    return None


def clouds(lab):
    def make():
        sim = lab.keep("sim", lambda: lab.sim("--seed", "7", "--cohere", "0", "--bedrock", "0"))
        key = {"key_env": "E2E_KEY"}
        config = {
            "provider": {
                "chat": {"kind": "openai-compatible", "url": sim.openai, **key},
                "responses": responses_only(sim.openai),
                "messages": {"kind": "anthropic", "url": sim.anthropic, **key},
                "gemini": {"kind": "gemini", "url": sim.google, **key},
                "bedrock": {"kind": "bedrock", "url": sim.url("bedrock"), "region": "eu-central-1", **key},
                "cohere": {"kind": "cohere", "url": sim.url("cohere"), **key},
            },
            "model": {f"to-{cloud}": {"offers": [f"{cloud}/{model}"]} for cloud, model in CLOUDS.items()},
            "client": {
                "app": {"key_env": "CLIENT_KEY"},
                "robot": {"access_key_id": SIGNER, "key_env": "CLIENT_SECRET"},
            },
        }
        return lab.hanse(config, env={"CLIENT_KEY": CLIENT_KEY, "CLIENT_SECRET": SECRET})

    return lab.keep("clouds", make)


@dataclass
class Program:
    """A client that is a program of its own."""

    argv: list
    env: dict = field(default_factory=dict)
    folder: Path | None = None
    limit_s: float = 60


@dataclass
class Ended:
    code: int
    out: str
    err: str
    folder: Path | None  # that it worked in

    def ok(self) -> str:
        assert self.code == 0, f"it ended with {self.code}\n{self.out[-3000:]}\n{self.err[-3000:]}"
        return self.out


def run(program: Program) -> Ended:
    child = subprocess.Popen(
        [str(word) for word in program.argv],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb", **program.env},
        cwd=program.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        out, err = child.communicate(timeout=program.limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        return Ended(-1, out, f"{err}\nnot done after {program.limit_s} s", program.folder)
    return Ended(child.returncode, out, err, program.folder)


class Line:
    """Programs wait in it, and two run at once. Made at the first case, for all that this run is for."""

    def __init__(self, programs: dict):
        self._pool = ThreadPoolExecutor(2)
        self._ended: dict[str, Future] = {name: self._pool.submit(run, make()) for name, make in programs.items()}

    def ended(self, name: str) -> Ended:
        return self._ended[name].result()
