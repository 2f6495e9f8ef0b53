"""The real program under test: `hanse serve` with a config made for the test, and `hanse sim` beside it."""

import json
import re
from pathlib import Path

from process import Process, wait_for
from wire import Reply, Wire, call, request_bytes

# Gauges that say how many requests, streams or bytes are held now. They must come back when all is quiet.
BUSY = re.compile(r"in_flight|inflight|active|buffered|open_streams|queued")
COUNTER = re.compile(r"_(total|sum|count|bucket)(\{|$)")


def toml_value(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(value) if isinstance(value, str) else str(value)


def to_toml(config: dict) -> str:
    """{"server": {...}, "provider": {"a": {...}}} as a person would write it."""
    lines = []

    def table(path: list[str], values: dict) -> None:
        plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
        if path and (plain or not values):
            lines.append(f"[{'.'.join(json.dumps(p) if re.search(r'[^A-Za-z0-9_-]', p) else p for p in path)}]")
        lines.extend(f"{key} = {toml_value(value)}" for key, value in plain.items())
        for key, value in values.items():
            if isinstance(value, dict):
                table([*path, key], value)

    table([], config)
    return "\n".join(lines) + "\n"


def with_defaults(config: dict) -> dict:
    config = dict(config)
    config["server"] = {"listen": "127.0.0.1:0", "threads": 1, **config.get("server", {})}
    return config


class Hanse(Process):
    def __init__(
        self,
        binary: Path,
        folder: Path,
        name: str,
        config: dict | str,
        env: dict | None = None,
        args: list | None = None,
        ready: bool = True,
    ):
        self.config_path = folder / f"{name}.toml"
        self.write_config(config)
        super().__init__([binary, "serve", "--config", self.config_path, *(args or [])], folder, name, env)
        self.port, self._quiet = 0, {}
        if ready:
            where = self.wait_line(r"hanse: listening on (https?)://[\d.]+:(\d+)")
            self.port = int(where[2])
            self._quiet = self.gauges() if where[1] == "http" else {}

    def write_config(self, config: dict | str) -> None:
        self.config_path.write_text(config if isinstance(config, str) else to_toml(with_defaults(config)))

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- requests without an SDK
    def call(self, method: str, target: str, body=None, headers: dict | None = None, limit_s: float = 20) -> Reply:
        return call(self.port, method, target, body, headers, limit_s)

    def chat(self, body, headers: dict | None = None, limit_s: float = 20) -> Reply:
        return self.call("POST", "/v1/chat/completions", body, headers, limit_s)

    def messages(self, body, headers: dict | None = None, limit_s: float = 20) -> Reply:
        return self.call("POST", "/v1/messages", body, headers, limit_s)

    def wire(self, **options) -> Wire:
        return Wire(self.port, **options)

    def open_stream(self, path: str, body: dict, headers: dict | None = None, **options) -> tuple[Wire, Reply]:
        """A connection whose request is sent and whose answer's head has been read."""
        wire = self.wire(**options)
        wire.send(request_bytes("POST", path, json.dumps(body).encode(), headers))
        return wire, wire.read_head()

    # -- what it says of itself
    def metrics(self) -> dict[str, float]:
        reply = self.call("GET", "/metrics")
        assert reply.status == 200, f"/metrics answered {reply.status}"
        return parse_metrics(reply.text())

    def gauges(self) -> dict[str, float]:
        return {name: value for name, value in self.metrics().items() if BUSY.search(name) and not COUNTER.search(name)}

    def busy(self) -> dict[str, float]:
        """What is above the quiet moment at the start. A scrape may count itself, as it did then."""
        return {name: value for name, value in self.gauges().items() if value > self._quiet.get(name, 0)}

    def wait_idle(self, limit_s: float = 5) -> None:
        wait_for(lambda: not self.busy(), limit_s, f"{self.name}'s gauges to be zero ({self.busy()})", 0.05)

    def wait_sockets(self, at_most: int, limit_s: float = 5) -> None:
        wait_for(
            lambda: self.sockets() <= at_most,
            limit_s,
            f"{self.name} to hold no more than {at_most} sockets ({self.sockets()} now)",
            0.05,
        )


class Sim(Process):
    """`hanse sim`: one simulated cloud of each dialect on free ports."""

    def __init__(self, binary: Path, folder: Path, name: str, args: list | None = None):
        clouds = [word for name in ("openai", "anthropic", "google") for word in (f"--{name}", "0")]
        super().__init__([binary, "sim", *clouds, *(args or [])], folder, name)
        self.openai = self.wait_line(r"sim: openai on (http://\S+)")[1]
        self.anthropic = self.wait_line(r"sim: anthropic on (http://\S+)")[1]
        self.google = self.wait_line(r"sim: google on (http://\S+)")[1]

    def url(self, site: str) -> str:
        return self.wait_line(rf"sim: {site} on (http://\S+)")[1]


def parse_metrics(text: str) -> dict[str, float]:
    """Strict reading of the Prometheus text format; raises on a line that is not of it."""
    values = {}
    label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(
        rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{{(?:{label}(?:,{label})*,?)?\}})? "
        r"(NaN|[+-]?Inf|[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?: -?\d+)?"
    )
    for line in text.splitlines():
        if not line or line.startswith("#"):
            assert re.fullmatch(r"(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*|#( .*)?|)", line), f"comment: {line!r}"
            continue
        found = sample.fullmatch(line)
        assert found, f"not a sample: {line!r}"
        key = found[1] + (found[2] or "")
        assert key not in values, f"twice: {line!r}"
        values[key] = float(found[3].replace("Inf", "inf"))
    return values
