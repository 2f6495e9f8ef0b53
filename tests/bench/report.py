"""From slices to figures, and from figures to the table and the JSON."""

import statistics
from dataclasses import dataclass, field

EVENTS = 200      # of a stream
DISTURBED = 0.04  # as in cycle.cc: share of a slice lost to other work that spoils its round

TITLES = {
    "chat_2k": "2 kB request, 1 kB answer, 16 connections",
    "chat_32k": "32 kB request, 1 kB answer, 16 connections",
    "sse_burst": "200 events of 220 B in one burst, 16 connections",
    "sse_apart": "200 events of 220 B apart, 64 streams",
    "translate_2k": "OpenAI client, Anthropic provider: on top, a request",
    "translate_event": "OpenAI client, Anthropic provider: on top, an event",
}
# Figure -> (goal, stretch). CPU as a multiple of the named server's; us; MB; kB.
RATIO_GOALS = {
    "chat_2k": {"relay": (1.35, 1.20), "nginx": (0.85, 0.75), "haproxy": (1.00, 0.88)},
    "chat_32k": {"relay": (1.45, 1.30), "nginx": (1.00, 0.88), "haproxy": (0.60, 0.52)},
    "sse_burst": {"relay": (1.30, 1.15), "nginx": (0.35, 0.28), "haproxy": (0.65, 0.52)},
    "sse_apart": {"relay": (1.08, 1.00)},
}
ADDED_GOALS = {"translate_2k": (3.0, 1.5), "translate_event": (0.25, 0.15)}
MEMORY_GOALS = {"rss_mb": (15, 8), "idle_kb": (2, 1), "slow_stream_kb": (16, 10)}


@dataclass
class Slice:
    requests: int
    cpu_ns: int
    cpu_since_ns: int  # since the end of this server's slice before
    wall_ns: int
    load_cpu_ns: int
    waited_ns: int  # how long the server or the load (the worse) stood waiting for its core

    @property
    def us_a_request(self) -> float:
        return self.cpu_ns / self.requests / 1000

    @property
    def lost(self) -> float:
        """Share of the slice lost to other work on the machine."""
        return self.waited_ns / self.wall_ns


@dataclass
class Results:
    cases: dict[str, dict[str, dict[int, Slice]]] = field(default_factory=dict)  # case -> server -> round -> slice
    memory: dict[str, dict[str, float]] = field(default_factory=dict)            # server -> figure -> value
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def quietest_rounds(case: dict[str, dict[int, Slice]], wanted: int) -> tuple[dict[str, dict[int, Slice]], float]:
    """The wanted number of rounds that other work disturbed least, and the largest share lost in any of them."""
    rounds = set.intersection(*(set(slices) for slices in case.values()))
    lost = {n: max(slices[n].lost for slices in case.values()) for n in rounds}
    kept = sorted(rounds, key=lambda n: lost[n])[:wanted]
    return {server: {n: slices[n] for n in kept} for server, slices in case.items()}, max(lost[n] for n in kept)


@dataclass
class Figure:
    median: float
    low: float
    high: float


def figure(values: list[float]) -> Figure | None:
    if not values:
        return None
    if len(values) == 1:
        return Figure(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Figure(median, low, high)


def ratio(case: dict[str, dict[int, Slice]], of: str, to: str) -> Figure | None:
    """Median and quartiles of the ratios within each round: what drifts with the machine cancels out."""
    ours, theirs = case.get(of, {}), case.get(to, {})
    return figure([ours[n].us_a_request / theirs[n].us_a_request for n in ours if n in theirs])


def added_us(name: str, case: dict[str, dict[int, Slice]]) -> Figure | None:
    plain, translated = case.get("hanse", {}), case.get("translated", {})
    parts = EVENTS if name == "translate_event" else 1
    return figure([(translated[n].us_a_request - plain[n].us_a_request) / parts for n in plain if n in translated])


def as_json(results: Results) -> dict:
    def value(found: Figure | None) -> float | None:
        return round(found.median, 4) if found else None

    out: dict = {}
    for name in RATIO_GOALS:
        case = results.cases.get(name, {})
        out[name] = {other: value(ratio(case, "hanse", other)) for other in ("relay", "nginx", "haproxy")}
    for name in ADDED_GOALS:
        out[name] = {"added_us": value(added_us(name, results.cases.get(name, {})))}
    for name in MEMORY_GOALS:
        found = results.memory.get("hanse", {}).get(name)
        out[name] = None if found is None else round(found, 3)
    return out


def verdict(value: float, goal: tuple[float, float] | None) -> str:
    if goal is None:
        return ""
    met = "met, stretch too" if value <= goal[1] else "met" if value <= goal[0] else "MISSED"
    return f"{goal[0]:>6g} ({goal[1]:g})".ljust(15) + met


def _row(label: str, found: Figure | None, goal: tuple[float, float] | None, unit: str = "x") -> str:
    if not found:
        return f"  {label:<22}     -"
    spread = f"[{found.low:.2f} - {found.high:.2f}]"
    return f"  {label:<22}{found.median:>7.2f} {unit:<3}{spread:<18}{verdict(found.median, goal)}".rstrip()


def _ratio_rows(name: str, case: dict[str, dict[int, Slice]]) -> list[str]:
    rows = []
    if "hanse" in case:
        for other in ("relay", "nginx", "haproxy"):
            if other in case:
                rows.append(_row(f"hanse / {other}", ratio(case, "hanse", other), RATIO_GOALS[name].get(other)))
    for other in ("nginx", "haproxy"):
        if other in case and "relay" in case:
            rows.append(_row(f"  {other} / relay", ratio(case, other, "relay"), None))
    return rows


def _case_rows(name: str, case: dict[str, dict[int, Slice]]) -> list[str]:
    costs = []
    for server, slices in case.items():
        cost = statistics.median(one.us_a_request for one in slices.values())
        load = statistics.median(one.load_cpu_ns / one.wall_ns for one in slices.values())
        busy = statistics.median(one.cpu_ns / one.wall_ns for one in slices.values())
        costs.append(f"{server} {cost:.1f} us (core {busy:.0%}, load {load:.0%})")
    rounds = min(len(slices) for slices in case.values())
    rows = [f"{name}: {TITLES[name]}; {rounds} rounds", "    " + ", ".join(costs)]
    if name in ADDED_GOALS:
        return rows + [_row("added", added_us(name, case), ADDED_GOALS[name], "us")]
    return rows + _ratio_rows(name, case)


def background_notes(results: Results) -> list[str]:
    """CPU that a server spent outside its own slices would escape the figures: say so when it is more than a trace."""
    notes = []
    for name, case in results.cases.items():
        for server, slices in case.items():
            if server == "translated" or "translated" in case:
                continue  # one process under two names
            inside = sum(one.cpu_ns for one in slices.values())
            outside = sum(one.cpu_since_ns - one.cpu_ns for one in slices.values())
            if outside > 0.02 * inside:
                share = f"{outside / inside:.1%}"
                notes.append(f"{name}: {server} spent {share} on top outside its slices, not counted above")
    return notes


def table(results: Results) -> str:
    lines = ["CPU per request, median of per-round figures [quartiles]    goal (stretch)", ""]
    for name, case in results.cases.items():
        lines += _case_rows(name, case) + [""]
    if results.memory:
        lines.append("memory: at rest; each of the idle connections; each of the slow streams (both its sides)")
    for server, figures in results.memory.items():
        for name, value in figures.items():
            goal = verdict(value, MEMORY_GOALS[name]) if server == "hanse" else ""
            unit = name.rsplit("_", 1)[1].replace("mb", "MB").replace("kb", "kB")
            lines.append(f"  {server + ' ' + name.rsplit('_', 1)[0]:<22}{value:>7.2f} {unit:<21}{goal}".rstrip())
    lines += [""] + [f"note: {note}" for note in results.notes + background_notes(results)]
    lines += [f"FAILED: {failure}" for failure in results.failures]
    return "\n".join(lines).strip() + "\n"
