"""Responses as a service: answers that are kept and gone on from, and what the public Open Responses suite asks of
a server, whatever language the provider speaks."""

import base64
import json
import time

import httpx
import openai

from drivers import driver
from provider import answer_json
from reading_responses import check_life, read_response, read_stream
from runner import Suite
from sdk_terms import MODELS, png, responses_only, simulated

suite = Suite("responses")
CLOUDS = sorted(MODELS)
EACH = [(f"to {cloud}", cloud) for cloud in CLOUDS]
PAIRS = [(f"{one} then {other}", (one, other)) for one in CLOUDS for other in CLOUDS]

# What a Response has, whatever was asked and whoever answered (the specification's required fields).
FIELDS = {
    "id": str,
    "object": str,
    "created_at": int,
    "completed_at": (int, type(None)),
    "status": str,
    "incomplete_details": (dict, type(None)),
    "model": str,
    "previous_response_id": (str, type(None)),
    "instructions": (str, type(None)),
    "output": list,
    "error": (dict, type(None)),
    "tools": list,
    "tool_choice": (str, dict),
    "truncation": str,
    "parallel_tool_calls": bool,
    "text": dict,
    "top_p": (int, float),
    "presence_penalty": (int, float),
    "frequency_penalty": (int, float),
    "top_logprobs": int,
    "temperature": (int, float),
    "reasoning": (dict, type(None)),
    "usage": (dict, type(None)),
    "max_output_tokens": (int, type(None)),
    "max_tool_calls": (int, type(None)),
    "store": bool,
    "background": bool,
    "service_tier": str,
    "metadata": dict,
    "safety_identifier": (str, type(None)),
    "prompt_cache_key": (str, type(None)),
}
USAGE = ("input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details")


def check_whole(response: dict) -> dict:
    for name, kinds in FIELDS.items():
        assert name in response, f"no {name}: {response}"
        assert isinstance(response[name], kinds), f"{name}: {response[name]!r}"
    assert response["object"] == "response" and response["output"], response
    if response["usage"] is not None:
        assert all(name in response["usage"] for name in USAGE), response["usage"]
    for item in response["output"]:
        assert item["id"] and item["type"], item
        assert item["type"] == "reasoning" or item["status"] == "completed", item
    return response


def post(lab, path: str, body: dict, status: int = 200, key: str = "sk-client") -> dict:
    answer = httpx.post(
        f"{simulated(lab).base}{path}", json=body, headers={"authorization": f"Bearer {key}"}, timeout=10
    )
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    return answer.json()


def create(lab, cloud: str, prompt, **more) -> dict:
    return check_whole(post(lab, "/v1/responses", {"model": MODELS[cloud], "input": prompt, **more}))


def text_of(response: dict) -> str:
    return read_response(response).text


def user(content) -> dict:
    return {"type": "message", "role": "user", "content": content}


# -- what the public suite asks
@suite.each(EACH)
def basic(lab, cloud):
    response = create(lab, cloud, [user("echo three words only")])
    assert response["status"] == "completed" and text_of(response) == "three words only", response


@suite.each(EACH)
def streaming(lab, cloud):
    body = {"model": MODELS[cloud], "input": [user("echo 1 2 3 4 5")], "stream": True}
    answer = httpx.post(f"{simulated(lab).base}/v1/responses", json=body, timeout=10)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream"), answer
    check_life(answer.content)
    read = read_stream(answer.content)
    assert read.whole and read.text == "1 2 3 4 5", read
    last = json.loads(answer.text.strip().rpartition("data: ")[2])
    check_whole(last["response"])


@suite.each(EACH)
def phases(lab, cloud):
    said = {"type": "message", "role": "assistant", "phase": "commentary", "content": "I look it up."}
    last = {"type": "message", "role": "assistant", "phase": "final_answer", "content": "It is salt."}
    response = create(lab, cloud, [user("What is it?"), said, last, user("echo thanks")])
    assert text_of(response) == "thanks", response


@suite.each(EACH)
def system_prompt(lab, cloud):
    system = {"type": "message", "role": "system", "content": "You are a pirate."}
    response = create(lab, cloud, [system, user("what is your system prompt")])
    assert "You are a pirate." in text_of(response), response


WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather at a place",
    "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
}


@suite.each(EACH)
def tool_calling(lab, cloud):
    response = create(lab, cloud, [user("call get_weather, please")], tools=[WEATHER])
    calls = [item for item in response["output"] if item["type"] == "function_call"]
    assert len(calls) == 1 and json.loads(calls[0]["arguments"])["location"], response
    assert response["tools"][0]["name"] == "get_weather", response["tools"]


@suite.each(EACH)
def function_call_round_trip(lab, cloud):
    forced = {"type": "function", "name": "get_weather"}
    prompt = [user("Is it warm?")]
    first = create(lab, cloud, prompt, tools=[WEATHER], tool_choice=forced)
    call = next(item for item in first["output"] if item["type"] == "function_call")
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "17 degrees"}
    second = create(lab, cloud, prompt + first["output"] + [result], tools=[WEATHER])
    assert "17 degrees" in text_of(second) and second["status"] == "completed", second


@suite.each(EACH)
def image_input(lab, cloud):
    picture = png(8, 8)
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    parts = [{"type": "input_text", "text": "describe the image"}, {"type": "input_image", "image_url": url}]
    response = create(lab, cloud, [user(parts)])
    assert "image/png" in text_of(response) and str(len(picture)) in text_of(response), response


@suite.each(EACH)
def file_input(lab, cloud):
    data = "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.1 fixture").decode()
    parts = [
        {"type": "input_text", "text": "echo read"},
        {"type": "input_file", "filename": "fixture.pdf", "file_data": data},
    ]
    assert text_of(create(lab, cloud, [user(parts)])) == "read"


@suite.each(EACH)
def multi_turn(lab, cloud):
    turns = [user("My name is Alice."), {"type": "message", "role": "assistant", "content": "Hello Alice!"}]
    assert text_of(create(lab, cloud, [*turns, user("echo Alice")])) == "Alice"


# -- compaction
@suite.each(EACH)
def compaction(lab, cloud):
    turns = [user("The code word is papaya."), {"type": "message", "role": "assistant", "content": "Noted."}]
    body = {"model": MODELS[cloud], "input": turns, "instructions": "Be brief."}
    compacted = post(lab, "/v1/responses/compact", body)
    assert compacted["object"] == "response.compaction" and compacted["id"], compacted
    assert isinstance(compacted["created_at"], int) and compacted["usage"]["total_tokens"] > 0, compacted
    kinds = [item["type"] for item in compacted["output"]]
    assert kinds == ["message", "compaction"], kinds
    assert compacted["output"][0]["content"] == [{"type": "input_text", "text": "The code word is papaya."}], compacted
    assert compacted["output"][1]["encrypted_content"], compacted
    # Any cloud goes on from it.
    said = {"type": "message", "role": "assistant", "content": "Ready."}
    for other in CLOUDS:
        assert text_of(create(lab, other, [*compacted["output"], said, user("echo on")])) == "on"


@suite.case()
def compaction_without_a_model(lab):
    error = post(lab, "/v1/responses/compact", {"input": "hello"}, 400)["error"]
    assert error["type"] == "invalid_request_error" and "model" in error["message"], error
    assert error["param"] == "model", error


@suite.case()
def a_summary_that_was_changed_is_refused(lab):
    item = {"type": "compaction", "id": "cmp_1", "encrypted_content": "hanse-summary:%%%"}
    error = post(lab, "/v1/responses", {"model": MODELS["openai"], "input": [item]}, 400)["error"]
    assert error["param"] == "input[0].encrypted_content", error


# -- what is kept
@suite.each(PAIRS)
def going_on_at_any_cloud(lab, clouds):
    one, other = clouds
    first = create(lab, one, "think, and remember the word papaya", instructions="You are a pirate.")
    second = create(lab, other, "what is your system prompt", previous_response_id=first["id"])
    assert "pirate" not in text_of(second), f"instructions are not carried over: {second}"
    third = create(lab, one, "echo three", previous_response_id=second["id"])
    assert text_of(third) == "three", third
    if "responses" not in clouds:
        assert second["previous_response_id"] == first["id"], second
    counts = [each["usage"]["input_tokens"] for each in (first, second, third)]
    assert counts[0] < counts[1] < counts[2], f"the conversation did not grow: {counts}"


@suite.each(PAIRS)
def tools_across_clouds(lab, clouds):
    one, other = clouds
    first = create(lab, one, "think, and call get_weather", tools=[WEATHER], reasoning={"effort": "high"})
    call = next(item for item in first["output"] if item["type"] == "function_call")
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "17 degrees, fog"}
    second = create(lab, other, [result], tools=[WEATHER], previous_response_id=first["id"])
    assert "17 degrees, fog" in text_of(second), second


SDKS = [
    (f"{name} to {cloud}{' stream' if stream else ''}", (name, cloud, stream))
    for name in ("python", "node")
    for cloud in CLOUDS
    for stream in (False, True)
]


@suite.each(SDKS)
def the_sdks_go_on(lab, values):
    name, cloud, stream = values
    base = simulated(lab).base

    def ask(**more) -> dict:
        return driver(name).chat("responses", base, {"model": MODELS[cloud], **more}, stream).ok()

    first = ask(input="echo one")
    second = ask(input="echo two", previous_response_id=first["id"])
    assert read_response(second).text == "two", second
    assert second["usage"]["input_tokens"] > first["usage"]["input_tokens"], (first["usage"], second["usage"])


@suite.each(EACH)
def asked_for_listed_and_deleted(lab, cloud):
    client = openai.OpenAI(base_url=f"{simulated(lab).base}/v1", api_key="sk-client", max_retries=0, timeout=10)
    first = client.responses.create(model=MODELS[cloud], input="echo one")
    again = client.responses.retrieve(first.id)
    assert again.output_text == "one" and again.id == first.id, again
    turns = [{"role": "user", "content": text} for text in ("a", "b", "echo c")]
    second = client.responses.create(model=MODELS[cloud], input=turns, previous_response_id=first.id)
    assert client.responses.retrieve(second.id).previous_response_id == first.id
    items = [item for item in client.responses.input_items.list(second.id)]
    assert [item.content[0].text for item in items] == ["echo c", "b", "a"], items
    assert all(item.id and item.type == "message" for item in items) and len({item.id for item in items}) == 3, items
    oldest = client.responses.input_items.list(second.id, order="asc", limit=2)
    assert [item.content[0].text for item in oldest.data] == ["a", "b"] and oldest.has_more, oldest
    client.responses.delete(first.id)
    for gone in (lambda: client.responses.retrieve(first.id), lambda: client.responses.delete(first.id)):
        try:
            gone()
        except openai.NotFoundError as error:
            assert f"Response with id '{first.id}' not found." in str(error), error
        else:
            raise AssertionError("what was deleted is still there")


@suite.each([(f"to {cloud}", cloud) for cloud in CLOUDS if cloud != "responses"])
def unknown_ids(lab, cloud):
    body = {"model": MODELS[cloud], "input": "x", "previous_response_id": "resp_nobody"}
    error = post(lab, "/v1/responses", body, 400)["error"]
    assert error["code"] == "previous_response_not_found" and error["param"] == "previous_response_id", error
    assert error["message"] == "Previous response with id 'resp_nobody' not found.", error


@suite.case()
def an_id_that_only_the_provider_may_know_is_its_own_affair(lab):
    body = {"model": MODELS["responses"], "input": "x", "previous_response_id": "resp_theirs"}
    error = post(lab, "/v1/responses", body, 400)["error"]  # the simulated one knows none
    assert error["code"] == "previous_response_not_found", error


@suite.each(EACH)
def what_is_not_to_be_stored_is_not(lab, cloud):
    first = create(lab, cloud, "echo nothing of this", store=False)
    answer = httpx.get(f"{simulated(lab).base}/v1/responses/{first['id']}", timeout=10)
    assert answer.status_code == 404, answer.text


@suite.each(EACH)
def input_tokens(lab, cloud):
    counted = post(lab, "/v1/responses/input_tokens", {"model": MODELS[cloud], "input": "one two three four"})
    assert counted["object"] == "response.input_tokens" and counted["input_tokens"] > 0, counted


def guarded(lab):
    """Clients with keys of their own, and room for few answers."""

    def make():
        sim = lab.keep("sim", lambda: lab.sim("--seed", "7"))
        clients = {name: {"key_env": f"KEY_{name.upper()}"} for name in ("anna", "otto")}
        return lab.hanse(
            {
                "limits": {"kept_answers": 3, "kept_answer_life": "2s"},
                "provider": {"sim-responses": responses_only(sim.openai)},
                "client": clients,
            },
            env={"KEY_ANNA": "sk-anna-0123456789", "KEY_OTTO": "sk-otto-0123456789"},
        )

    return lab.keep("guarded", make)


def owned(lab, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{guarded(lab).base}/v1", api_key=key, max_retries=0, timeout=10)


def is_known(client: openai.OpenAI, name: str) -> bool:
    try:
        return client.responses.retrieve(name).id == name
    except openai.NotFoundError:
        return False


@suite.case()
def each_client_has_its_own(lab):
    anna, otto = owned(lab, "sk-anna-0123456789"), owned(lab, "sk-otto-0123456789")
    first = anna.responses.create(model=MODELS["responses"], input="echo secret")
    assert is_known(anna, first.id) and not is_known(otto, first.id)
    try:
        otto.responses.delete(first.id)
        raise AssertionError("deleted what is another's")
    except openai.NotFoundError:
        pass
    try:
        owned(lab, "sk-nobody-01234567").responses.retrieve(first.id)
        raise AssertionError("shown to nobody's key")
    except openai.AuthenticationError:
        pass


@suite.case()
def room_and_time_are_bounded(lab):
    anna = owned(lab, "sk-anna-0123456789")
    names = [anna.responses.create(model=MODELS["responses"], input=f"echo {i}").id for i in range(4)]
    assert not is_known(anna, names[0]) and all(is_known(anna, name) for name in names[1:])
    time.sleep(2.2)  # the time itself is what is tested
    assert not any(is_known(anna, name) for name in names)


@suite.case()
def a_provider_that_refuses_leaves_nothing(lab):
    def make():
        provider = lab.provider()
        return lab.hanse({"provider": {"sim-responses": responses_only(f"{provider.url}/v1")}}), provider

    hanse, provider = lab.keep("refusing", make)
    failed = {"id": "resp_f", "object": "response", "status": "failed", "output": [], "error": {"code": "server_error"}}
    provider.script = answer_json(200, failed)
    httpx.post(f"{hanse.base}/v1/responses", json={"model": MODELS["responses"], "input": "x"}, timeout=10)
    assert httpx.get(f"{hanse.base}/v1/responses/resp_f", timeout=10).status_code == 404


@suite.case()
def methods(lab):
    base = simulated(lab).base
    answer = httpx.put(f"{base}/v1/responses/resp_1", timeout=10)
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, DELETE", answer.headers
    assert httpx.get(f"{base}/v1/responses", timeout=10).status_code == 405
    assert httpx.get(f"{base}/openai/v1/responses/resp_1", timeout=10).json()["error"]["message"], "Azure's path"
