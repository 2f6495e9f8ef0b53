"""Every client's official SDK to every cloud: 36 pairs, each with the same features. Prints a table.

The judge of each answer is the SDK that asked; what it can't say, or what no cloud of a kind can do, is named.
"""

import json
import re
from collections import defaultdict

import jsonschema

from botocore_judge import BotocoreJudge
from process import wait_for
from runner import Suite
from sdk_terms import png, responses_only
from tongue import Results, User, Wants
from tongue_anthropic import Messages
from tongue_bedrock import Converse
from tongue_cohere import CohereChat
from tongue_google import Gemini
from tongue_openai import Chat, Responses

suite = Suite("matrix")
TONGUES = {tongue.name: tongue for tongue in (Chat(), Responses(), Messages(), Converse(), Gemini(), CohereChat())}
CLOUDS = {
    "openai-chat": "chat/sim-gpt",
    "openai-responses": "responses/sim-gpt",
    "anthropic-messages": "messages/sim-claude",
    "bedrock-converse": "bedrock/sim-claude",
    "google-gemini": "google/sim-gemini",
    "cohere-chat": "cohere/sim-command",
}
PAIRS = [(client, cloud) for client in TONGUES for cloud in CLOUDS]
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]}},
    "required": ["city", "unit"],
}
CLOCK = {"type": "object", "properties": {}}
SHIP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "tonnes", "cargo"],
    "properties": {
        "name": {"type": "string"},
        "tonnes": {"type": "integer"},
        "cargo": {"type": "string", "enum": ["salt", "herring", "wax"]},
    },
}
TOOLS = {"get_weather": WEATHER, "get_time": CLOCK}
WORDS = 'Fog over Lübeck, 日本語, \U0001f98a, "quotes" and \\ slashes'
table: dict = defaultdict(dict)
JUDGED: dict = {}


def simulated(lab):
    def make():
        sim = lab.keep("sim", lambda: lab.sim("--seed", "7", "--cohere", "0", "--bedrock", "0"))
        key = {"key_env": "E2E_KEY"}
        judge = lab.keep("judge", lambda: BotocoreJudge(lab, sim.url("bedrock")))
        return lab.hanse(
            {
                "provider": {
                    "chat": {"kind": "openai-compatible", "url": sim.openai, **key},
                    "responses": responses_only(sim.openai),
                    "messages": {"kind": "anthropic", "url": sim.anthropic, **key},
                    "bedrock": {"kind": "bedrock", "url": judge.url, "region": "eu-central-1", **key},
                    "google": {"kind": "gemini", "url": sim.google, **key},
                    "cohere": {"kind": "cohere", "url": sim.url("cohere"), **key},
                }
            }
        )

    return lab.keep("simulated", make)


class Impossible(Exception):  # noqa: N818
    """What a pair can't do, and who says so."""


class Pair:
    def __init__(self, lab, client: str, cloud: str):
        self.tongue, self.cloud, self.hanse = TONGUES[client], cloud, simulated(lab)
        self.judge = lab.keep("judge", None)
        self.judge.faults.clear()

    def ask(self, turns, **wants):
        turns = [User(turns)] if isinstance(turns, str) else turns
        return self.tongue.ask(self.hanse.base, CLOUDS[self.cloud], turns, Wants(**wants))

    def both(self, turns, **wants):
        """The answers, streamed and not."""
        return [self.ask(turns, stream=stream, **wants).ok() for stream in (False, True)]


def feature(name: str):
    """A case a pair; its outcome is a cell of the table."""

    def register(function):
        for client, cloud in PAIRS:

            def run(lab, client=client, cloud=cloud):
                table[client, cloud][name] = "FAILED"
                pair = Pair(lab, client, cloud)
                try:
                    function(pair)
                except Impossible as why:
                    outcome = str(why)
                else:
                    outcome = "ok"
                assert not pair.judge.faults, pair.judge.faults
                table[client, cloud][name] = outcome

            suite.add(f"{name}[{client} to {cloud}]", run)
        return function

    return register


@feature("text")
def text(pair):
    said = pair.ask(f"echo {WORDS}").ok()
    assert said.text == WORDS and said.stop == "end", said
    assert said.input > 0 and said.output > 0, said


@feature("stream")
def stream(pair):
    said = pair.ask(f"echo {WORDS}", stream=True).ok()
    assert said.text == WORDS and said.stop == "end", said
    assert said.input > 0 and said.output > 0, said


@feature("tools")
def tools(pair):
    for said in pair.both("call get_weather for me", tools=TOOLS):
        assert [call.name for call in said.calls] == ["get_weather"] and said.stop == "tool", said
        jsonschema.validate(said.calls[0].arguments, WEATHER)


@feature("parallel tools")
def parallel_tools(pair):
    for said in pair.both("call two tools", tools=TOOLS):
        assert len(said.calls) == 2 and said.stop == "tool", said
        assert not pair.tongue.calls_have_ids or len({call.id for call in said.calls}) == 2, said


@feature("tool results")
def tool_results(pair):
    first = User("call two tools")
    for said in pair.both([first], tools=TOOLS):
        found = Results([(call, f"result of {call.name} {n}") for n, call in enumerate(said.calls)])
        for then in pair.both([first, said, found], tools=TOOLS):
            assert all(text in then.text for _, text in found.answers) and then.stop == "end", then


@feature("image")
def image(pair):
    picture = png(9, 9)
    for said in pair.both([User("describe the image", picture)]):
        assert "image/png" in said.text and str(len(picture)) in said.text, said


@feature("system")
def system(pair):
    for said in pair.both("what is your system prompt", system="You are the harbour master of Lübeck."):
        assert "You are the harbour master of Lübeck." in said.text, said


@feature("JSON schema")
def json_schema(pair):
    for said in pair.both("A ship, please.", schema=SHIP):
        jsonschema.validate(json.loads(said.text), SHIP)


@feature("reasoning replay")
def reasoning_replay(pair):
    first = User("think, and call get_time")
    for said in pair.both([first], tools={"get_time": CLOCK}, think=True):
        assert [call.name for call in said.calls] == ["get_time"], said
        then = pair.ask([first, said, Results([(said.calls[0], "noon")])], tools={"get_time": CLOCK}, think=True).ok()
        assert "noon" in then.text, then


def refusal_of(error: Exception) -> str:
    """Hanse's own words in what an SDK makes of them."""
    found = re.search(r"the model that would answer can't take: [\w.\[\], ]+", str(error))
    assert found, error
    return found[0]


@feature("stop")
def stop(pair):
    if not pair.tongue.knows_stop:
        raise Impossible("the client's language has no word for it")
    wants = {"stop": ["HALT", "NEVER"]}
    if pair.cloud == "openai-responses":
        refused = pair.ask("echo alpha beta HALT gamma", strict=True, **wants)
        assert refused.error is not None and "stop" in str(refused.error).lower(), refused
        raise Impossible("named in x-hanse-dropped, and refused when strict: " + refusal_of(refused.error))
    for said in pair.both("echo alpha beta HALT gamma", **wants):
        assert said.text.strip() == "alpha beta" and said.stop == "end", said


@feature("max tokens")
def max_tokens(pair):
    tokens = 16  # Responses takes no fewer
    for said in pair.both("echo " + "one two three four five six seven eight nine ten " * 5, tokens=tokens):
        assert said.stop == "length" and said.output == tokens and said.text.startswith("one"), said


@feature("error")
def error(pair):
    for status, streamed in ((429, False), (400, True), (429, True)):
        heard = pair.ask(f"fail {status}", stream=streamed)
        assert heard.error is not None and heard.status == status, (heard, type(heard.error))


@feature("in-stream error")
def in_stream_error(pair):
    for fault in ("stream", "cut"):
        heard = pair.ask(f"fail {fault}", stream=True)
        assert heard.error is not None, f"fail {fault} looks like a whole answer: {heard.said}"


@feature("cancel")
def cancel(pair):
    heard = pair.ask("echo " + "word " * 5000, stream=True, tokens=10_000, leave_after=3)
    assert heard.said is None and heard.error is None, heard
    wait_for(lambda: not pair.hanse.busy(), 5, "the gauges to be zero")


@suite.case()
def what_bedrock_is_asked_is_as_botocore_models_it(lab):
    simulated(lab)
    judge = lab.keep("judge", None)
    good = {"modelId": "m", "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
    assert not judge.wrong_with("Converse", good)
    for more in ({"massages": []}, {"messages": [{"role": "harbour", "content": []}]}, {"messages": "Hi"},
                 {"inferenceConfig": {"maxTokens": 0}}, {"modelId": None}):  # fmt: skip
        assert judge.wrong_with("Converse", {**good, **more}), more
    JUDGED.update(judge.judged)
    whole = len(suite.chosen) == len(suite.cases)
    assert not whole or all(judge.judged[each] >= 60 for each in ("Converse", "ConverseStream")), judge.judged


def lines() -> list[str]:
    """The table, and what each word in it that isn't `ok` means."""
    if not table:
        return []
    names = list(dict.fromkeys(name for cells in table.values() for name in cells))
    notes: list[str] = []
    out = ["", f"{'client':<19}{'cloud':<20}" + " ".join(f"{name[:9]:<9}" for name in names)]
    for (client, cloud), cells in table.items():
        marks = []
        for name in names:
            cell = cells.get(name, "-")
            if cell not in ("ok", "FAILED", "-"):
                if cell not in notes:
                    notes.append(cell)
                cell = f"no ({notes.index(cell) + 1})"
            marks.append(f"{cell:<9}")
        out.append(f"{client:<19}{cloud:<20}" + " ".join(marks))
    judged = ", ".join(f"{count} {operation}" for operation, count in sorted(JUDGED.items()))
    return [*out, *[f"({number}) {note}" for number, note in enumerate(notes, 1)], f"held against botocore: {judged}"]


suite.notes = lines
