"""What one suite works with: a folder, the programs it started, and the duty to stop them all at the end."""

import os
import shutil
import tempfile
from pathlib import Path

from hanse import Hanse, Sim
from process import Process
from provider import Provider
from runner import Skip

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "sk-e2e-provider-0123456789abcdef"  # what providers are called with; no client may ever see it
SIGNS_OF_A_BUG = (
    "AddressSanitizer",
    "LeakSanitizer",
    "ThreadSanitizer",
    "runtime error:",
    "HANSE_ASSERT",
    "assertion failed",
)


class Lab:
    def __init__(self, suite: str, binary: Path):
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix=f"hanse-e2e-{suite}-"))
        self.programs: list[Process] = []
        self.providers: list[Provider] = []
        self._kept: dict = {}
        self._count = 0

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    def need_binary(self) -> None:
        if not self.binary.exists():
            raise AssertionError(f"no program at {self.binary}: build it first, or say --hanse PATH")

    def hanse(self, config: dict | str, env: dict | None = None, args: list | None = None, ready: bool = True) -> Hanse:
        self.need_binary()
        program = Hanse(
            self.binary, self.folder, self._name("hanse"), config, {"E2E_KEY": KEY, **(env or {})}, args, ready
        )
        self.programs.append(program)
        return program

    def sim(self, *args) -> Sim:
        self.need_binary()
        program = Sim(self.binary, self.folder, self._name("sim"), list(args))
        self.programs.append(program)
        return program

    def process(self, argv: list, kind: str, **options) -> Process:
        program = Process(argv, self.folder, self._name(kind), **options)
        self.programs.append(program)
        return program

    def provider(self, script=None, **options) -> Provider:
        provider = Provider(script, **options)
        self.providers.append(provider)
        return provider

    def keep(self, name: str, make):
        """One for the whole suite: made at the first call, and again if it is a program that has ended."""
        kept = self._kept.get(name)
        if kept is None or (isinstance(kept, Process) and not kept.alive()):
            kept = self._kept[name] = make()
        return kept

    def stop(self, program: Process) -> int | None:
        self.programs.remove(program)
        return program.stop()

    def last_words(self) -> str:
        """The ends of the logs of what has died, and of the newest program, for a failure's report."""
        shown = [program for program in self.programs[-12:] if not program.alive()] + self.programs[-1:]
        return "".join(
            f"-- {program.name}{'' if program.alive() else f' (ended: {program.child.returncode})'}:\n"
            f"{program.tail()}\n"
            for program in dict.fromkeys(shown)
        )

    def close(self) -> list[str]:
        """Stops everything; returns what was wrong with how it stopped."""
        leftovers = []
        for provider in self.providers:
            provider.close()
            leftovers += [f"a scripted provider broke: {trouble!r}" for trouble in provider.troubles]
        for program in reversed(self.programs):
            was_alive = program.alive()
            code = program.stop()
            if was_alive and code is None:
                leftovers.append(f"{program.name} did not stop at SIGTERM")
            if isinstance(program, Hanse | Sim) and code not in (0, None, -15, -9):
                leftovers.append(f"{program.name} ended with {code}: {program.tail(5)}")
            text = program.stderr_text()
            leftovers += [
                f"{program.name} says {sign}: {self._around(text, sign)}" for sign in SIGNS_OF_A_BUG if sign in text
            ]
        for pid in {program.pid for program in self.programs}:
            if os.path.exists(f"/proc/{pid}"):
                leftovers.append(f"process {pid} is still there")
        if os.environ.get("HANSE_E2E_KEEP"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        return leftovers

    @staticmethod
    def _around(text: str, sign: str) -> str:
        at = text.find(sign)
        return text[max(0, at - 200) : at + 1500]


def missing(reason: str):
    """With CI=true what is missing fails; elsewhere it is skipped, by one clear line."""
    if os.environ.get("CI") == "true":
        raise AssertionError(f"{reason} (CI=true: this must be here)")
    raise Skip(reason)
