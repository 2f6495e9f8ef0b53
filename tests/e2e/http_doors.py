"""Doors: whose path a client may call, which one of a provider's is called, and where the model is named."""

import json

from http_lab import check_error, neutral
from process import wait_for
from provider import Call, answer
from runner import Suite

group = Suite("doors")
CHAT = "/v1/chat/completions"


def body(model: str) -> dict:
    return {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}]}


def azure(lab):
    """A Hanse with Azure's two kinds behind it, and one that speaks Anthropic's language."""

    def make():
        provider = lab.provider(neutral)
        of = {"url": provider.url, "key_env": "E2E_KEY"}
        gateway = lab.hanse(
            {
                "provider": {
                    "v1": {"kind": "azure-openai", **of, "url": f"{provider.url}/openai/v1", "models": ["gpt"]},
                    "dated": {"kind": "azure-openai-dated", **of, "models": ["my/gpt"]},
                    "claude": {"kind": "azure-anthropic", **of, "models": ["claude"]},
                }
            }
        )
        return gateway, provider

    gateway, provider = lab.keep("azure", make)
    provider.script = neutral
    provider.reset_log()
    return gateway, provider


@group.case()
def azures_doors_are_asked_as_azure_wants(lab):
    gateway, provider = azure(lab)
    for model, target in (
        ("v1/gpt", "/openai/v1/chat/completions"),
        ("dated/my/gpt", "/openai/deployments/my%2Fgpt/chat/completions?api-version=2024-10-21"),
    ):
        assert gateway.call("POST", CHAT, body(model)).status == 200
        sent = provider.last()
        assert sent.target == target and sent.header("api-key") and not sent.header("authorization"), sent.head
    assert gateway.call("POST", "/v1/messages", body("claude/claude")).status == 200
    assert provider.last().target == "/v1/messages" and provider.last().header("x-api-key")


@group.each(["/openai/deployments/dated%2Fmy%2Fgpt", "/openai/deployments/dated/my/gpt", "/deployments/my%2Fgpt"])
def azures_client_names_its_model_in_the_path(lab, start):
    gateway, provider = azure(lab)
    reply = gateway.call("POST", f"{start}/chat/completions?api-version=2025-01-01", body("anything"))
    assert reply.status == 200, reply.text()
    assert provider.last().target.startswith("/openai/deployments/my%2Fgpt/chat/completions?"), provider.last().target
    assert json.loads(provider.last().body)["model"] == "my/gpt"


@group.case()
def a_model_of_the_path_reaches_a_body_that_has_none(lab):
    gateway, provider = azure(lab)
    for content in ({"messages": [{"role": "user", "content": "x"}]}, {}):
        gateway.call("POST", "/openai/deployments/v1%2Fgpt/chat/completions", content)
        assert json.loads(provider.last().body) == {"model": "gpt", **content}, provider.last().body
    for nobody in (None, "", 7):
        asked = {"model": nobody, "messages": [{"role": "user", "content": "x"}]}
        for name in ("v1", "dated%2Fmy"):
            reply = gateway.call("POST", f"/openai/deployments/{name}%2Fgpt/chat/completions", asked)
            sent = provider.last().body.decode()
            assert reply.status == 200 and sent.count('"model"') == 1 and json.loads(sent)["model"], sent
    null = {"model": None, "messages": [{"role": "user", "content": "x"}]}
    reply = gateway.call("POST", "/openai/deployments/claude%2Fclaude/chat/completions", null)
    assert reply.status == 200 and json.loads(provider.last().body)["model"] == "claude", reply.text()
    reply = gateway.call("POST", "/openai/deployments/claude%2Fclaude/chat/completions", body("anything"))
    assert reply.status == 200 and json.loads(provider.last().body)["model"] == "claude", reply.text()


@group.each(["%zz", "..", "%2e%2e", "%2E", "nobody"])
def a_path_that_names_no_model_is_refused(lab, name):
    gateway, provider = azure(lab)
    path = f"/openai/deployments/{name}/chat/completions"
    check_error(gateway.call("POST", path, body("v1/gpt")), (400, 404), "openai")
    assert not provider.requests


@group.each(["openai", "anthropic"])
def vendors_paths_below_other_gateways_prefixes(lab, dialect):
    gateway, _ = azure(lab)
    for prefix in ("/openai", "/anthropic", "/genai", "/bedrock"):
        path = prefix + {"openai": CHAT, "anthropic": "/v1/messages"}[dialect]
        model = {"openai": "v1/gpt", "anthropic": "claude/claude"}[dialect]
        assert gateway.call("POST", path, body(model)).status == 200, path
    check_error(gateway.call("POST", "/other/v1/messages", {}), 404, "openai")


EMBEDDINGS = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.1]}], "model": "e",
              "usage": {"prompt_tokens": 3, "total_tokens": 3}}  # fmt: skip


@group.each(["embeddings", "completions"])
def what_stands_beside_the_chat_passes_untouched(lab, operation):
    gateway, provider = azure(lab)
    answered = json.dumps(EMBEDDINGS).encode()
    provider.script = answer(200, answered)
    for path, model, target in (
        (f"/v1/{operation}", "v1/gpt", f"/openai/v1/{operation}"),
        (f"/v1/{operation}", "dated/my/gpt", f"/openai/deployments/my%2Fgpt/{operation}?api-version=2024-10-21"),
        (f"/openai/deployments/dated%2Fmy%2Fgpt/{operation}?api-version=x", "anything",
         f"/openai/deployments/my%2Fgpt/{operation}?api-version=2024-10-21"),  # fmt: skip
    ):
        reply = gateway.call("POST", path, {"model": model, "input": "text", "new_field": [1]})
        assert reply.status == 200 and reply.body == answered, reply.text()
        sent = provider.last()
        assert sent.target == target, sent.target
        named = model.partition("/")[2] or "my/gpt"
        assert json.loads(sent.body) == {"model": named, "input": "text", "new_field": [1]}
    reply = gateway.call("POST", f"/v1/{operation}", {"model": "claude/claude", "input": "x"})
    check_error(reply, (400, 501), "openai")


@group.case()
def a_provider_is_asked_in_the_clients_own_language(lab):
    seen = []

    async def both(call: Call) -> None:
        seen.append(call.request.target)
        await neutral(call)

    provider = lab.provider(both)
    folder = lab.folder / "rows"
    folder.mkdir(exist_ok=True)
    row = f'dialect = "openai-chat"\nurl = "{provider.url}/v1"\nkey_optional = true\n'
    (folder / "two-tongues.toml").write_text(row + 'also = { anthropic-messages = "/messages" }\n')
    for narrowed in (None, ["openai-chat"], ["anthropic-messages"]):
        table = {"models": ["m"], **({"dialects": narrowed} if narrowed else {})}
        gateway = lab.hanse({"provider": {"two-tongues": table}}, args=["--catalog", str(folder)])
        for dialect, path in (("openai", CHAT), ("anthropic", "/v1/messages")):
            assert gateway.call("POST", path, body("m")).status == 200
            own = {"openai": "openai-chat", "anthropic": "anthropic-messages"}[dialect]
            spoken = own if not narrowed else narrowed[0]
            wanted = {"openai-chat": "/v1/chat/completions", "anthropic-messages": "/v1/messages"}[spoken]
            assert seen[-1] == wanted, (narrowed, dialect, seen[-1])
        lab.stop(gateway)


@group.case()
def tokens_are_counted_by_the_provider_or_guessed_and_said_so(lab):
    gateway, provider = azure(lab)
    provider.script = answer(200, b'{"input_tokens": 41}')
    question = {"model": "claude/claude", "messages": [{"role": "user", "content": "How many?"}]}
    reply = gateway.call("POST", "/v1/messages/count_tokens?beta=true", question)
    assert reply.json() == {"input_tokens": 41} and not reply.header("x-hanse-estimated"), reply.text()
    assert provider.last().target == "/v1/messages/count_tokens"
    assert json.loads(provider.last().body) == {**question, "model": "claude"}
    provider.script = answer(404, b'{"type":"error","error":{"type":"not_found_error","message":"no such path"}}')
    for model in ("claude/claude", "v1/gpt"):
        reply = gateway.call("POST", "/v1/messages/count_tokens", {**question, "model": model})
        assert reply.status == 200 and reply.header("x-hanse-estimated") == "input_tokens", reply.text()
        assert 3 < reply.json()["input_tokens"] < 30, reply.text()
    assert provider.last().target == "/v1/messages/count_tokens", "only who knows the path is asked"
    provider.script = answer(400, b'{"type":"error","error":{"type":"invalid_request_error","message":"no"}}')
    check_error(gateway.call("POST", "/v1/messages/count_tokens", question), 400, "anthropic")
    for wrong in (b"{", b"{}", b"[]"):
        check_error(gateway.call("POST", "/v1/messages/count_tokens", wrong), 400, "anthropic")


COHERE = {
    "id": "c1",
    "message": {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
    "finish_reason": "COMPLETE",
    "usage": {"tokens": {"input_tokens": 7, "output_tokens": 2}},
}


@group.each(
    [
        ("OpenAI's", {"object": "list", "data": [{"id": "one"}, {"id": "two"}]}),
        ("Google's", {"models": [{"name": "models/one"}, {"name": "models/two"}]}),
        ("Cohere's", {"models": [{"name": "one", "endpoints": ["chat"]}, {"name": "two"}]}),
    ]
)
def lists_of_models_are_understood(lab, listed):
    async def lists(call: Call) -> None:
        await answer(200, json.dumps(listed).encode())(call)

    provider = lab.provider(lists, models_too=True)
    gateway = lab.hanse({"provider": {"cohere": {"url": provider.url, "key_env": "E2E_KEY"}}})
    wait_for(lambda: len(gateway.call("GET", "/v1/models").json()["data"]) == 2, 5, "the list to be known")
    assert {model["id"] for model in gateway.call("GET", "/v1/models").json()["data"]} == {"one", "two"}


@group.case()
def coheres_clients_and_cohere_itself(lab):
    provider = lab.provider(neutral)
    tables = {
        "cohere": {"url": provider.url, "key_env": "E2E_KEY", "models": ["command"]},
        "chat": {"kind": "openai-compatible", "url": f"{provider.url}/v1", "key_env": "E2E_KEY", "models": ["gpt"]},
    }
    gateway = lab.hanse({"provider": tables})
    provider.script = answer(200, json.dumps(COHERE).encode())
    reply = gateway.call("POST", CHAT, body("cohere/command"))
    assert reply.status == 200 and reply.json()["choices"][0]["message"]["content"] == "Hello", reply.text()
    assert reply.json()["model"] == "command", "who answered, though this language doesn't say it"
    assert provider.last().target == "/v2/chat" and provider.last().header("authorization").startswith("Bearer ")
    reply = gateway.call("POST", "/v2/chat", body("command"))
    assert reply.json() == COHERE
    provider.script = neutral
    reply = gateway.call("POST", "/v2/chat", body("gpt"))
    assert reply.status == 200 and reply.json()["finish_reason"] == "COMPLETE", reply.text()
    assert reply.json()["message"]["content"][0]["text"], reply.text()
    assert "message" in gateway.call("POST", "/v2/chat", body("nobody")).json()
