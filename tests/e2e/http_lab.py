"""What the http cases share: a Hanse with one scripted provider behind each dialect, and the shapes of errors."""

from provider import Call, answer_json
from replay import NEUTRAL_REPLY

PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
DIALECTS = list(PATHS)
OTHER = {"openai": "anthropic", "anthropic": "openai"}
SECRET = "sk-client-secret-9f8e7d"


async def neutral(call: Call) -> None:
    """A good answer in the dialect of the path that was asked."""
    dialect = "openai" if call.request.target.endswith("/chat/completions") else "anthropic"
    await answer_json(200, NEUTRAL_REPLY[dialect])(call)


def providers(provider) -> dict:
    return {
        "openai": {"kind": "openai-compatible", "url": f"{provider.url}/v1", "key_env": "E2E_KEY"},
        "anthropic": {"kind": "anthropic", "url": provider.url, "key_env": "E2E_KEY"},
    }


def start(lab, config: dict | None = None, **options):
    """(Hanse, scripted provider) of this case's own."""
    provider = lab.provider(neutral)
    return lab.hanse({"provider": providers(provider), **(config or {})}, **options), provider


def shared(lab):
    gateway, provider = lab.keep("shared", lambda: start(lab))
    if not gateway.alive():
        gateway, provider = lab._kept["shared"] = start(lab)
    provider.script = neutral
    provider.reset_log()
    return gateway, provider


def with_keys(lab):
    """The same, but clients need a key."""

    def make():
        return start(lab, {"client": {"alice": {"key_env": "ALICE_KEY"}}}, env={"ALICE_KEY": SECRET})

    gateway, provider = lab.keep("with-keys", make)
    provider.script = neutral
    provider.reset_log()
    return gateway, provider


def body(dialect: str, to: str | None = None, **more) -> dict:
    return {"model": f"{to or dialect}/m", "max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}], **more}


def check_error(reply, status: int | tuple, dialect: str, words: str = "") -> dict:
    """An error of Hanse's own, in the dialect's shape, with a request id."""
    wanted = status if isinstance(status, tuple) else (status,)
    assert reply.status in wanted, f"wanted {wanted}, got {reply.status}: {reply.text()[:300]}"
    assert "json" in (reply.header("content-type") or ""), reply.header("content-type")
    assert reply.header("x-request-id"), f"no x-request-id: {reply.headers}"
    error = reply.json()
    inner = error["error"]
    assert isinstance(inner["message"], str) and inner["message"] and isinstance(inner["type"], str), error
    if dialect == "anthropic":
        assert error["type"] == "error" and "code" not in inner, f"not Anthropic's shape: {error}"
    else:
        assert {"param", "code"} <= set(inner), f"not OpenAI's shape: {error}"
    text = inner["message"] + " " + str(inner.get("param") or "")
    assert words.lower() in text.lower(), f"the error must name {words!r}: {error}"
    return inner
