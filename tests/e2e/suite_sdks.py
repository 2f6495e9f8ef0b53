"""The official SDKs of each dialect, Python and Node, against simulated clouds of each dialect: all pairs."""

import json

import jsonschema

import sdk_errors
from drivers import DRIVER_NAMES, driver
from process import wait_for
from runner import Suite
from sdk_terms import (
    ALL,
    CLIENTS,
    MODELS,
    PAIRS,
    ask,
    choice,
    image,
    png,
    read_answer,
    results,
    said,
    schema_output,
    simulated,
    stop_at,
    text_part,
    thinking,
    tool,
    with_system,
    with_usage,
)

suite = Suite("sdks")
WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "unit": {"type": "string", "enum": ["C", "F"]},
        "hourly": {"type": "boolean"},
    },
    "required": ["city", "unit"],
}
CLOCK = {"type": "object", "properties": {}}


class Talk:
    """One case's client: which SDK, which cloud, streamed or not."""

    def __init__(self, lab, values):
        self.client, name, self.cloud, self.stream = values
        self.driver, self.base, self.model = driver(name), simulated(lab).base, MODELS[self.cloud]

    def send(self, prompt, tokens: int = 200, headers: dict | None = None, system: str | None = None, **more):
        params = ask(self.client, self.model, prompt, tokens, **more)
        params = with_system(self.client, params, system) if system else params
        return self.driver.chat(
            self.client, self.base, with_usage(self.client, params, self.stream), self.stream, headers
        )

    def answer(self, prompt, tokens: int = 200, **more):
        outcome = self.send(prompt, tokens, **more)
        return read_answer(self.client, outcome.ok()), outcome

    def tool(self, name: str, schema: dict) -> dict:
        return tool(self.client, name, schema)


@suite.each(ALL)
def text(lab, values):
    talk = Talk(lab, values)
    answer, outcome = talk.answer('echo The quick brown fox: äöü, 日本語, \U0001f98a, "quotes" and \\ slashes.')
    assert answer.text == 'The quick brown fox: äöü, 日本語, \U0001f98a, "quotes" and \\ slashes.', answer.text
    assert answer.stop == "end", answer
    assert answer.model == talk.model.partition("/")[2], f"the model that answered is named: {answer.model}"
    assert answer.usage.input > 0 and answer.usage.output > 0, answer.usage
    assert outcome.headers["x-hanse-offer"] == talk.model, outcome.headers
    assert outcome.headers["x-request-id"], outcome.headers
    assert not outcome.headers.get("x-hanse-dropped"), outcome.headers
    if talk.client == "openai":
        usage = outcome.answer["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"], usage


@suite.each(ALL)
def system(lab, values):
    talk = Talk(lab, values)
    answer, _ = talk.answer("what is your system prompt", system="You are the harbour master of Lübeck.")
    assert "You are the harbour master of Lübeck." in answer.text, answer.text


@suite.each(ALL)
def max_tokens(lab, values):
    talk = Talk(lab, values)
    tokens = 16 if talk.cloud == "responses" else 4  # it takes no fewer
    answer, _ = talk.answer("echo " + "one two three four five six seven eight nine ten " * 5, tokens=tokens)
    assert answer.stop == "length", answer
    assert answer.usage.output == tokens, answer.usage
    assert answer.text.startswith("one"), answer.text


@suite.each([values for values in ALL if values[1][0] != "responses"])  # it knows none
def stop_sequence(lab, values):
    talk = Talk(lab, values)
    answer, outcome = talk.answer("echo alpha beta HALT gamma", **stop_at(talk.client, "HALT", "NEVER"))
    if talk.cloud == "responses":
        paths = ("stop", "stop_sequences", "generationConfig.stopSequences")
        assert outcome.headers.get("x-hanse-dropped") in paths, outcome.headers
        return
    assert answer.text.strip() == "alpha beta", answer.text
    same_words = talk.client == "anthropic" and talk.cloud == "anthropic"
    assert answer.stop in (("stop_sequence",) if same_words else ("end", "stop_sequence")), answer
    if same_words:
        assert answer.stop_text == "HALT", answer


def check_arguments(call) -> None:
    values = call.parsed()
    assert isinstance(values["city"], str) and values["unit"] in ("C", "F"), values
    assert isinstance(values.get("days", 1), int) and isinstance(values.get("hourly", True), bool), values


@suite.each(ALL)
def tool_round_trip(lab, values):
    talk = Talk(lab, values)
    tools = [talk.tool("get_weather", WEATHER), talk.tool("get_time", CLOCK)]
    first = [{"role": "user", "content": "call get_weather for me"}]
    answer, outcome = talk.answer(first, tools=tools)
    assert answer.stop == "tool" and [call.name for call in answer.calls] == ["get_weather"], answer
    check_arguments(answer.calls[0])
    found = [(answer.calls[0].id, "17 degrees, fog", "get_weather")]
    turns = first + said(talk.client, outcome.answer) + results(talk.client, found)
    second, _ = talk.answer(turns, tools=tools)
    assert "17 degrees, fog" in second.text and second.stop == "end" and not second.calls, second


@suite.each(ALL)
def parallel_tools(lab, values):
    talk = Talk(lab, values)
    tools = [talk.tool("get_weather", WEATHER), talk.tool("get_time", CLOCK)]
    first = [{"role": "user", "content": "call two tools"}]
    answer, outcome = talk.answer(first, tools=tools)
    assert len(answer.calls) == 2 and answer.stop == "tool", answer
    assert len({call.id for call in answer.calls}) == 2, answer.calls
    for call in answer.calls:
        assert isinstance(call.parsed(), dict), call
    found = [
        (call.id, f"result number {number}", call.name) for call, number in zip(answer.calls, ("one", "two"))
    ]
    turns = first + said(talk.client, outcome.answer) + results(talk.client, found)
    second, _ = talk.answer(turns, tools=tools)
    assert "result number one" in second.text and "result number two" in second.text, second


@suite.each(ALL)
def tool_choices(lab, values):
    talk = Talk(lab, values)
    tools = [talk.tool("get_weather", WEATHER), talk.tool("get_time", CLOCK)]
    forced, _ = talk.answer("good morning", tools=tools, **choice(talk.client, "named", "get_time"))
    assert [call.name for call in forced.calls] == ["get_time"] and forced.calls[0].parsed() == {}, forced
    required, _ = talk.answer("good morning", tools=tools, **choice(talk.client, "required"))
    assert required.calls and required.stop == "tool", required
    none, _ = talk.answer("use the tool", tools=tools, **choice(talk.client, "none"))
    assert not none.calls and none.text and none.stop == "end", none


@suite.each(ALL)
def images(lab, values):
    talk = Talk(lab, values)
    picture = png(9, 9)
    prompt = [
        {
            "role": "user",
            "content": [image(talk.client, "image/png", picture), text_part(talk.client, "describe the image")],
        }
    ]
    answer, _ = talk.answer(prompt)
    assert "image/png" in answer.text and str(len(picture)) in answer.text, answer.text


@suite.each(ALL)
def json_schema(lab, values):
    talk = Talk(lab, values)
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "tonnes", "cargo", "seaworthy"],
        "properties": {
            "name": {"type": "string"},
            "tonnes": {"type": "integer"},
            "seaworthy": {"type": "boolean"},
            "cargo": {"type": "string", "enum": ["salt", "herring", "wax"]},
        },
    }
    answer, _ = talk.answer("A ship, please.", **schema_output(talk.client, schema))
    jsonschema.validate(json.loads(answer.text), schema)


@suite.each(ALL)
def cached_tokens_are_counted_once(lab, values):
    talk = Talk(lab, values)
    long = f"Case {values}. " + "The harbour of Lübeck is full of salt, herring, wax, furs and grain. " * 200
    first, _ = talk.answer(long + " What now?")
    second, _ = talk.answer(long + " What now?")
    assert second.usage.cached >= 1024, second.usage
    assert second.usage.input == first.usage.input, f"the same prompt, counted twice: {first.usage}, {second.usage}"
    assert second.usage.cached <= second.usage.input, second.usage


@suite.each(ALL)
def reasoning_is_counted_and_never_shown_as_text(lab, values):
    talk = Talk(lab, values)
    answer, outcome = talk.answer("think, then echo done", tokens=2000, **thinking(talk.client))
    assert answer.text and answer.stop == "end", answer
    assert answer.reasoning not in answer.text or not answer.reasoning, answer
    if "anthropic" not in (talk.client, talk.cloud):
        assert answer.usage.reasoning > 0 and answer.usage.reasoning < answer.usage.output, answer.usage
    if talk.client != "openai" and talk.cloud == "anthropic":
        assert answer.reasoning and answer.signatures, outcome.answer
    if talk.client != "openai" and talk.cloud == "openai":
        assert not answer.signatures, f"a signature that no one has made: {answer.signatures}"


@suite.each([values for values in ALL if values[1][0] != "openai"])
def reasoning_is_replayed_with_its_signature(lab, values):
    talk = Talk(lab, values)
    more = {**thinking(talk.client), "tools": [talk.tool("get_time", CLOCK)]}
    first = [{"role": "user", "content": "think, and call get_time"}]
    answer, outcome = talk.answer(first, tokens=2000, **more)
    assert [call.name for call in answer.calls] == ["get_time"], answer
    if talk.client == "responses" and talk.cloud != "openai":
        kinds = [item["type"] for item in outcome.answer["output"]]
        assert kinds[0] == "reasoning" and outcome.answer["output"][0]["encrypted_content"], kinds
    if talk.client == talk.cloud == "anthropic":
        kinds = [block["type"] for block in outcome.answer["content"]]
        assert kinds[0] == "thinking" and outcome.answer["content"][0]["signature"], kinds
    found = [(answer.calls[0].id, "noon", "get_time")]
    turns = first + said(talk.client, outcome.answer) + results(talk.client, found)
    second, _ = talk.answer(turns, tokens=2000, **more)
    assert "noon" in second.text, second


@suite.each(ALL)
def several_turns(lab, values):
    talk = Talk(lab, values)
    turns = [
        {"role": "user", "content": "echo one"},
        {"role": "assistant", "content": "one"},
        {"role": "user", "content": "echo two"},
    ]
    answer, _ = talk.answer(turns, system="Be brief.")
    assert answer.text == "two", answer.text


# What hardly another language has a word for.
OWN_WORDS = {
    "openai": {"seed": 7, "logit_bias": {"50256": -100}},
    "anthropic": {"top_k": 5},
    "responses": {"max_tool_calls": 3},
    "google": {"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]},
}
SHARED_WORDS = {("openai", "google"): ["seed"], ("anthropic", "google"): ["top_k"]}


def lost_words(client: str, cloud: str) -> list[str]:
    known = OWN_WORDS[client] if client == cloud else SHARED_WORDS.get((client, cloud), [])
    return sorted(set(OWN_WORDS[client]) - set(known))


@suite.each(ALL)
def sampling_and_what_is_dropped(lab, values):
    talk = Talk(lab, values)
    more = OWN_WORDS[talk.client]
    outcome = talk.send("echo fine", temperature=0.5, **more)
    assert read_answer(talk.client, outcome.ok()).text == "fine", outcome
    dropped = [path.strip() for path in outcome.headers.get("x-hanse-dropped", "").split(",") if path.strip()]
    wanted = lost_words(talk.client, talk.cloud)
    assert sorted(dropped) == wanted, f"dropped: {dropped}, wanted {wanted}"


@suite.each(ALL)
def strict_refuses_what_would_be_dropped(lab, values):
    talk = Talk(lab, values)
    lost = lost_words(talk.client, talk.cloud)
    outcome = talk.send("echo fine", headers={"x-hanse-strict": "true"}, **OWN_WORDS[talk.client])
    if not lost:
        assert read_answer(talk.client, outcome.ok()).text == "fine"
        return
    error = outcome.raised("BadRequestError")
    assert all(word in error["message"] for word in lost), error


@suite.each([(f"{client} {name}", (client, name)) for client in CLIENTS for name in ("python", "node")])
def models_list(lab, values):
    client, name = values
    ids = driver(name).models(client, simulated(lab).base).ok()
    for wanted in ("sim-gpt", "sim-claude"):
        assert any(wanted == found.rpartition("/")[2] for found in ids), f"no {wanted} in {ids}"
    assert len(ids) == len(set(ids)), ids


@suite.each(ALL)
def an_unknown_model_names_the_near_ones(lab, values):
    client, name, _, stream = values
    params = ask(client, "sim-gtp", "echo hi")
    error = (
        driver(name)
        .chat(client, simulated(lab).base, with_usage(client, params, stream), stream)
        .raised("NotFoundError")
    )
    assert "sim-gpt" in error["message"] and "sim-gtp" in error["message"], error


@suite.each([(f"{client} to {cloud}", (client, cloud)) for client, cloud in PAIRS])
def a_client_that_leaves_its_stream_frees_everything(lab, values):
    client, cloud = values
    hanse = simulated(lab)
    params = with_usage(client, ask(client, MODELS[cloud], "echo " + "word " * 5000, 10000), True)
    for name in DRIVER_NAMES:
        driver(name).chat(client, hanse.base, params, True, stop_after=3)
    wait_for(lambda: not hanse.busy(), 5, "the gauges to be zero")


suite.cases += sdk_errors.group.cases
