"""A stream that breaks off after each of its events in turn, in four ways: of text, of a tool call, of thoughts and of
JSON; each client's official SDK, each language of the provider. A second offer would say the same.

What the client gets is the whole answer, exactly once, or an error that its SDK raises. Text and JSON are carried on
wherever they break, and anything is begun anew of which nothing was shown. Prints a table.

With HANSE_BRIEF=1 each place is cut in one way only for each pair, the ways in turn.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from runner import Suite
from suite_failover import rows
from suite_matrix import CLOUDS, SHIP, TONGUES
from tape import HOWS, Cut, Player, Tape
from tongue import User, Wants
from wall import LANGUAGES

suite = Suite("rescue")
STORY = 'Fog over Lübeck, 日本語, \U0001f98a, "quotes" and \\ slashes; the ships lie still, and nobody counts the bells.'
NOTE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city", "unit"],
}
ASKED = {
    "text": (f"echo {STORY}", {}),
    "tool": ("call get_weather for me", {"tools": {"get_weather": NOTE}}),
    "thought": ("echo The bells are still.", {"think": True}),
    "json": ("A ship, please.", {"schema": SHIP}),
}
STALL = "300ms"
AT_ONCE = 16
BRIEF = os.environ.get("HANSE_BRIEF") == "1"
table: dict = {}


class Scene:
    def __init__(self, lab):
        sim = lab.sim("--seed", "7", "--cohere", "0", "--bedrock", "0")
        urls = {
            "openai-chat": sim.openai,
            "openai-responses": sim.openai,
            "anthropic-messages": sim.anthropic,
            "bedrock-converse": sim.url("bedrock"),
            "google-gemini": sim.google,
            "cohere-chat": sim.url("cohere"),
        }
        ports = {language: int(url.split(":")[2].split("/")[0]) for language, url in urls.items()}
        self.tape = Tape(lab, ports)
        self.record(lab)
        self.player = Player(lab, self.tape)
        self.hanse = lab.hanse(self.config())

    def record(self, lab) -> None:
        providers = rows(self.tape.recorder.url)
        for language, row in providers.items():
            row["models"] = [CLOUDS[language].partition("/")[2]]
        hanse = lab.hanse({"provider": providers})
        for language in LANGUAGES:
            for name in ASKED:
                self.tape.name = name
                prompt, wants = ASKED[name]
                model = f"{language}/{CLOUDS[language].partition('/')[2]}"
                TONGUES[language].ask(hanse.base, model, [User(prompt)], Wants(stream=True, **wants)).ok()
        lab.stop(hanse)

    def cuts(self, language: str, name: str) -> list[Cut]:
        """After each event but the last, in each way."""
        events = self.tape.events[language, name]
        cuts = [Cut(name, place, how) for place in range(len(events)) for how in HOWS]
        if events[-1] == b"data: [DONE]\n\n":  # an error behind the end: whether that counts is the SDK's affair
            cuts.remove(Cut(name, len(events) - 1, "error"))
        return cuts

    def config(self) -> dict:
        providers, models = rows(self.player.provider.url), {}
        for language, row in providers.items():
            cuts = [cut.model for name in ASKED for cut in self.cuts(language, name)]
            row["models"] = [*ASKED, *cuts]
            for cut in cuts:
                models[f"{language}-{cut}"] = {"offers": [f"{language}/{cut}", f"{language}/{cut.split('_')[0]}"]}
        retry = {"stall": STALL, "first_content": STALL, "first_thought": STALL, "again": 0}
        return {"provider": providers, "model": models, "retry": retry}

    def ask(self, client: str, model: str, name: str):
        prompt, wants = ASKED[name]
        return TONGUES[client].ask(self.hanse.base, model, [User(prompt)], Wants(stream=True, **wants))


def scene(lab) -> Scene:
    return lab.keep("rescue", lambda: Scene(lab))


def same(said, whole) -> bool:
    """Ids and usage differ from one answer to the next."""
    plain = lambda one: (one.text, [(call.name, call.arguments) for call in one.calls], one.stop)  # noqa: E731
    return plain(said) == plain(whole) and (not said.reasoning or said.reasoning == whole.reasoning)


def verdict(heard, whole) -> str:
    if heard.error is not None:
        return "raised"
    return "whole" if same(heard.said, whole) else "WRONG"


@suite.each([(f"{a} to {b}", (a, b)) for a in TONGUES for b in LANGUAGES], limit_s=120)
def after_every_event(lab, pair):
    here, (client, cloud) = scene(lab), pair
    turn = list(TONGUES).index(client)
    wrong: list[str] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name in ASKED:
            whole = here.ask(client, f"{cloud}/{name}", name).ok()
            cuts = here.cuts(cloud, name)
            if BRIEF:
                cuts = [cut for cut in cuts if cut.how == HOWS[(cut.place + turn) % len(HOWS)]]
            heard = list(pool.map(lambda cut: here.ask(client, f"{cloud}-{cut.model}", cut.name), cuts))  # noqa: B023
            table[client, cloud, name] = Counter(verdict(each, whole) for each in heard)
            for cut, each in zip(cuts, heard, strict=True):
                found = verdict(each, whole)
                if found == "WRONG" or (found == "raised" and (name in ("text", "json") or cut.place == 0)):
                    wrong.append(f"{cut.model}: {found}: {each.error or each.said}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)


def notes() -> list[str]:
    if not table:
        return []
    head = f"{'client to provider':<40}" + "".join(f"{name:>14}" for name in ASKED)
    out = ["", "whole / raised of all places and ways", head]
    for client in TONGUES:
        for cloud in LANGUAGES:
            cells = [table.get((client, cloud, name), Counter()) for name in ASKED]
            row = "".join(f"{cell['whole']:>8} /{cell['raised']:>4}" for cell in cells)
            out.append(f"{client + ' to ' + cloud:<40}{row}")
    return out


suite.notes = notes
