"""Programs that a test starts, and what the kernel says of them. Each is stopped by its own pid, never by name."""

import ctypes
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path


def wait_for(condition, limit_s: float, what: str, every_s: float = 0.01):
    """Polls until `condition()` is truthy and returns that; raises when the time is up. Tests never sleep otherwise."""
    deadline = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit_s} s for: {what}; last seen: {value!r}")
        time.sleep(every_s)


PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """In the child: a test run that is killed leaves no program behind."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A child with its stdout read line by line and its stderr kept in a file."""

    def __init__(self, argv: list, folder: Path, name: str, env: dict | None = None, **options):
        self.name = name
        self.stderr_path = folder / f"{name}.stderr"
        self.lines: list[str] = []
        self._stderr = open(self.stderr_path, "wb")
        self.child = subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, **(env or {})},
            preexec_fn=die_with_parent,
            **options,
        )
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()

    def _read_lines(self) -> None:
        for line in self.child.stdout:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    @property
    def pid(self) -> int:
        return self.child.pid

    def wait_line(self, pattern: str, limit_s: float = 10) -> re.Match:
        def look():
            for line in list(self.lines):
                if found := re.search(pattern, line):
                    return found
            if self.child.poll() is not None and not self._reader.is_alive():
                raise AssertionError(
                    f"{self.name} ended with {self.child.returncode} before it was ready\n{self.tail()}"
                )
            return None

        return wait_for(look, limit_s, f"{self.name} to print {pattern!r}")

    def stderr_text(self) -> str:
        return self.stderr_path.read_text(errors="replace")

    def tail(self, lines: int = 15) -> str:
        return "\n".join([*self.lines[-5:], *self.stderr_text().splitlines()[-lines:]])

    def alive(self) -> bool:
        return self.child.poll() is None

    def signal(self, number: int) -> None:
        self.child.send_signal(number)

    def wait_end(self, limit_s: float) -> int:
        return self.child.wait(timeout=limit_s)

    def stop(self, limit_s: float = 5) -> int | None:
        """Asks nicely, then not. Returns the exit code, or None when it had to be killed."""
        if self.alive():
            self.signal(signal.SIGTERM)
        try:
            code = self.wait_end(limit_s)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.wait_end(5)
            code = None
        self._reader.join(5)
        self.child.stdout.close()
        self._stderr.close()
        return code

    # -- what the kernel says
    def fds(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def sockets(self) -> int:
        count = 0
        for name in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                count += os.readlink(f"/proc/{self.pid}/fd/{name}").startswith("socket:")
            except FileNotFoundError:
                pass
        return count

    def rss_kb(self) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1])

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
