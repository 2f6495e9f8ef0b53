"""What the fault cases share: a Hanse and a scripted provider of the case's own, and the proof that nothing leaked."""

import json
import threading
import time
from contextlib import contextmanager

from http_lab import providers
from process import wait_for
from provider import answer
from shapes import PATHS, ask, whole
from wire import request_bytes

PAIRS = [(f"{client} client, {cloud} provider", (client, cloud)) for client in PATHS for cloud in PATHS]
ALL = [(f"{name}{', stream' if stream else ''}", (*pair, stream)) for name, pair in PAIRS for stream in (False, True)]
# Idle connections to providers go soon, so that descriptors can be counted.
LIMITS = {"connect": "2s", "first_byte": "5s", "between_bytes": "5s", "pool_idle": "300ms"}


class Scene:
    """One gateway before one scripted provider, with the counts of a quiet moment to come back to."""

    def __init__(self, lab, limits: dict | None = None, config: dict | None = None, provider=None, **options):
        self.provider = provider or lab.provider()
        self.gateway = lab.hanse(
            {"limits": {**LIMITS, **(limits or {})}, "provider": providers(self.provider), **(config or {})}, **options
        )
        self.lab = lab
        self.warm_up()
        self.fds, self.rss_kb = self.fds_without_pool(), self.gateway.rss_kb()

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

    def fds_without_pool(self) -> int:
        """Connections that are kept for the next request are no leak; check_pool_is_swept() sees that they go, too."""
        return self.gateway.fds() - int(self.gateway.metrics()["hanse_provider_connections"])

    def check_clean(self, rss_growth_kb: int = 8_000) -> None:
        """Gauges at zero, no more descriptors than in the quiet moment, and memory within bounds."""
        assert self.gateway.alive(), f"Hanse is gone\n{self.gateway.tail()}"
        self.gateway.wait_idle()
        wait_for(lambda: self.provider.busy == 0, 5, "the provider's calls to end")
        wait_for(
            lambda: self.fds_without_pool() <= self.fds,
            5,
            f"descriptors to be back at {self.fds}: {self.gateway.fds()}",
        )
        growth = self.gateway.rss_kb() - self.rss_kb
        assert growth <= rss_growth_kb, f"memory grew by {growth} kB"

    @contextmanager
    def memory_bounded(self, kb: int):
        """While something large goes on: the highest that is seen, not what is given back afterwards."""
        peak, done, begin = [0], threading.Event(), self.gateway.rss_kb()

        def watch() -> None:
            while not done.wait(0.01):
                peak[0] = max(peak[0], self.gateway.rss_kb() - begin)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join(5)
        assert peak[0] <= kb, f"memory grew by {peak[0]} kB at its highest"

    def check_pool_is_swept(self) -> None:
        """The kept connections go too, in a while."""
        wait_for(lambda: self.provider.open_connections == 0, 25, "the idle connections to be let go")
        wait_for(
            lambda: self.gateway.fds() <= self.fds, 5, f"descriptors to be back at {self.fds}: {self.gateway.fds()}"
        )

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
