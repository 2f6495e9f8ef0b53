"""What the fault cases share: a Hanse and a scripted provider of the case's own, and the proof that nothing leaked."""

import json
import time

from http_lab import providers
from process import wait_for
from provider import answer
from shapes import PATHS, ask, whole
from wire import request_bytes

PAIRS = [(f"{client} client, {cloud} provider", (client, cloud)) for client in PATHS for cloud in PATHS]
ALL = [(f"{name}{', stream' if stream else ''}", (*pair, stream)) for name, pair in PAIRS for stream in (False, True)]
LIMITS = {"connect": "2000ms", "first_byte": "5000ms", "between_bytes": "5000ms"}


class Scene:
    """One gateway before one scripted provider, with the counts of a quiet moment to come back to."""

    def __init__(self, lab, limits: dict | None = None, config: dict | None = None, provider=None, **options):
        self.provider = provider or lab.provider()
        self.gateway = lab.hanse(
            {"limits": {**LIMITS, **(limits or {})}, "provider": providers(self.provider), **(config or {})}, **options
        )
        self.lab = lab
        self.warm_up()
        self.fds, self.rss_kb = self.gateway.fds(), self.gateway.rss_kb()

    def warm_up(self) -> None:
        for dialect in PATHS:
            self.provider.script = answer(200, whole(dialect, "warm"))
            reply = self.ask(dialect, dialect)
            assert reply.status == 200, reply.text()
        self.gateway.wait_idle()
        self.provider.reset_log()

    def ask(self, client: str, cloud: str, stream: bool = False, **options):
        return self.gateway.call("POST", PATHS[client], ask(client, f"{cloud}/m", stream), **options)

    def open(self, client: str, cloud: str, stream: bool = False, **options):
        """A connection with its request sent, and nothing read."""
        wire = self.gateway.wire(**options)
        wire.send(request_bytes("POST", PATHS[client], json.dumps(ask(client, f"{cloud}/m", stream)).encode()))
        return wire

    def check_clean(self, rss_growth_kb: int = 8_000) -> None:
        """Gauges at zero, no more descriptors than in the quiet moment, and memory within bounds."""
        assert self.gateway.alive(), f"Hanse is gone\n{self.gateway.tail()}"
        self.gateway.wait_idle()
        wait_for(
            lambda: self.gateway.fds() <= self.fds, 5, f"descriptors to be back at {self.fds}, now {self.gateway.fds()}"
        )
        growth = self.gateway.rss_kb() - self.rss_kb
        assert growth <= rss_growth_kb, f"memory grew by {growth} kB"

    def end(self) -> None:
        assert self.lab.stop(self.gateway) == 0, self.gateway.tail()
        if self.provider in self.lab.providers:
            self.lab.providers.remove(self.provider)
            self.provider.close()
        assert not self.provider.troubles, self.provider.troubles


def shared(lab, name: str = "plain", limits: dict | None = None) -> Scene:
    """One scene for many cases; a new one if the last case broke it."""
    scene = lab.keep(f"scene-{name}", lambda: Scene(lab, limits))
    if not scene.gateway.alive():
        scene = lab._kept[f"scene-{name}"] = Scene(lab, limits)
    scene.provider.reset_log()
    return scene


def took(begin: float) -> float:
    return time.monotonic() - begin
