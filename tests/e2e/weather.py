"""Clouds whose weather changes: each answers for itself, by the fault that lies on it at the moment.

    clouds = Weather(lab, seed)           # one cloud a language; clouds.providers is their part of a config
    clouds.change()                       # a new weather: one cloud at least stays well, and stays so into the next

What a cloud does with a request is decided when the request comes, by the seed.
"""

import asyncio
import random
import re
import time

from provider import LAST_CHUNK, chunk, stream_head
from wall import LANGUAGES, STORY, WORDS, Wall

KEY = {"key_env": "E2E_KEY"}
FAULTS = ("down", "reset", "storm", "cut", "error", "stall", "mute", "slow", "brown")
# The wall's names for what is refused.
REFUSALS = {
    "down": (503, "overloaded", "The engine is overloaded."),
    "storm": (429, "rate_limit_exceeded", "Slow down."),
}


class Cloud(Wall):
    """One cloud of one language. `fault` is its weather: None is fair."""

    def __init__(self, lab, language: str, seed: int):
        super().__init__(lab)
        self.language, self.fault = language, None
        self.random = random.Random(f"{seed} {language}")
        self.asked = 0

    async def answer(self, call, language, model, said) -> None:
        self.asked += 1
        fault = self.fault
        if fault == "brown":  # half of the requests are well
            fault = self.random.choice((None, self.random.choice(FAULTS[:-1])))
        if fault in REFUSALS:
            headers = {"retry-after": "1"} if fault == "storm" and self.random.random() < 0.5 else {}
            return await self.refuse(call, language, *REFUSALS[fault], headers)
        if fault == "reset":
            return call.reset()
        if fault == "mute":
            await call.gone(60)
            return call.close()
        words = WORDS
        if said and STORY.startswith(said.rstrip()):
            words = re.findall(r"\s*\S+", STORY[len(said.rstrip()) :])
        await call.send(stream_head(content_type=language.content_type))
        await self.tell_until(call, language, model, words, fault)

    async def tell_until(self, call, language, model, words, fault) -> None:
        begin, middle, end = language.events(model, words)
        events = [*begin, *middle, *end]
        breaks_at = self.random.randrange(len(events)) if fault in ("cut", "error", "stall") else len(events)
        for event in events[:breaks_at]:
            await call.send(chunk(event))
            await asyncio.sleep(0.02 if fault == "slow" else 0.001)
        if breaks_at == len(events):
            for mark in language.end_mark:
                await call.send(chunk(mark))
            return await call.send(LAST_CHUNK)
        if fault == "stall":
            await call.gone(60)
            return call.close()
        if fault == "error":
            await call.send(chunk(language.failure))
            return await call.send(LAST_CHUNK)
        return call.reset() if self.random.random() < 0.5 else call.close()


class Weather:
    def __init__(self, lab, seed: int):
        self.random = random.Random(seed)
        self.clouds = {language: Cloud(lab, language, seed) for language in LANGUAGES}
        self.well = self.random.choice(list(LANGUAGES))
        self.changes = 0

    def change(self) -> None:
        """The cloud that was to be well stays so for this weather, and another one is well from now into the next."""
        staying, self.well = self.well, self.random.choice(list(LANGUAGES))
        for language, cloud in self.clouds.items():
            is_fair = language in (staying, self.well) or self.random.random() < 0.3
            cloud.fault = None if is_fair else self.random.choice(FAULTS)
        self.changes += 1

    def clear(self) -> None:
        for cloud in self.clouds.values():
            cloud.fault = None

    def run(self, until: float) -> None:
        while time.monotonic() < until:
            self.change()
            time.sleep(min(self.random.uniform(1, 6), max(until - time.monotonic(), 0)))
        self.clear()
