"""The small runner under the end-to-end suites: named cases, each bounded in time, and one closing line.

    suite = Suite("http")

    @suite.case(limit_s=10)
    def refuses_a_bare_lf(lab): ...

    suite.add("recorded/chat/42", function, limit_s=5)      # cases that are made from data

A case gets the suite's Lab, which stops at the end what the cases started. It fails by raising, and skips by raising
Skip. Cases run one after the other: the machine is small, and a failure must not depend on its neighbours.
"""

import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

# When this many cases of a suite hang, the rest would hang too: a red run must end as well.
TOO_MANY_TIMEOUTS = 15


class Skip(Exception):
    """What the case needs is not here; the message says what."""


class OutOfTime(BaseException):
    """Not an Exception, so that no `except Exception` on the way up can swallow it."""


@dataclass
class Case:
    name: str
    run: Callable
    limit_s: float


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    out_of_time: int = 0

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def closing_line(self) -> str:
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


class Suite:
    def __init__(self, name: str):
        self.name = name
        self.cases: list[Case] = []
        self.chosen: list[str] = []  # the names of the cases that this run is for
        self.notes: Callable[[], list[str]] = list  # lines printed before the closing line: counts by kind

    def case(self, limit_s: float = 30, name: str | None = None):
        def register(function):
            self.add(name or function.__name__, function, limit_s)
            return function

        return register

    def each(self, values, limit_s: float = 30):
        """One case a value; the function gets (lab, value). A value is its own name, or (name, value)."""

        def register(function):
            for value in values:
                label, data = value if isinstance(value, tuple) and len(value) == 2 else (value, value)
                self.add(f"{function.__name__}[{label}]", lambda lab, data=data: function(lab, data), limit_s)
            return function

        return register

    def add(self, name: str, function: Callable, limit_s: float = 30) -> None:
        self.cases.append(Case(name, function, limit_s))


def run_case(case: Case, lab) -> str | None:
    """None when it passed, else what to print. Skip passes through."""

    def give_up(_signal, frame):
        raise OutOfTime(f"not done after {case.limit_s} s, at {frame.f_code.co_filename}:{frame.f_lineno}")

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, case.limit_s)
    try:
        case.run(lab)
        return None
    except Skip:
        raise
    except (Exception, OutOfTime):
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def run_suite(suite: Suite, make_lab: Callable, only: str | None, verbose: bool) -> Tally:
    tally, skips = Tally(), Counter()
    cases = [case for case in suite.cases if not only or only in case.name]
    suite.chosen = [case.name for case in cases]
    print(f"== {suite.name}: {len(cases)} cases", flush=True)
    lab = make_lab(suite.name)
    try:
        for case in cases:
            if tally.out_of_time < TOO_MANY_TIMEOUTS:
                run_and_count(suite, case, lab, tally, skips, verbose)
            else:
                tally.failed += 1
                tally.failures.append(f"{suite.name}: {case.name} (not run: too many cases ran out of time)")
    finally:
        leftovers = lab.close()
    if leftovers:
        tally.failed += 1
        tally.failures.append(f"{suite.name}: leftovers")
        print(f"FAIL {suite.name}: left behind after the suite: {'; '.join(leftovers)}", flush=True)
    for reason, count in skips.items():
        print(f"skipped {count}: {reason}", flush=True)
    for line in suite.notes():
        print(line, flush=True)
    return tally


def run_and_count(suite: Suite, case: Case, lab, tally: Tally, skips: Counter, verbose: bool) -> None:
    begin = time.monotonic()
    try:
        trouble = run_case(case, lab)
    except Skip as skip:
        tally.skipped += 1
        skips[str(skip)] += 1
        return
    took = time.monotonic() - begin
    if trouble is None:
        tally.passed += 1
        if verbose:
            print(f"ok   {case.name} ({took:.2f} s)", flush=True)
        return
    tally.failed += 1
    tally.out_of_time += "OutOfTime" in trouble
    tally.failures.append(f"{suite.name}: {case.name}")
    print(f"FAIL {case.name} ({took:.2f} s)\n{trouble}{lab.last_words()}", file=sys.stdout, flush=True)
