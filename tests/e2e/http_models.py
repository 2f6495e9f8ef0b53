"""What the catalogue knows of models: their names at each cloud, what they can't do, what they refuse."""

import json
import subprocess

from http_lab import neutral
from runner import Suite

group = Suite("models")
CHAT = "/v1/chat/completions"
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA"
    "DUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
IMAGE = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]


def clouds(lab):
    """A Hanse whose models are sold by three clouds, which are one server."""

    def make():
        provider = lab.provider(neutral)
        of = {"url": provider.url, "key_env": "E2E_KEY"}
        gateway = lab.hanse(
            {
                "provider": {
                    "deepseek": of,
                    "openai": of,
                    "claude": {"kind": "azure-anthropic", **of},
                    "other": {"kind": "openai-compatible", **of},
                },
                "model": {
                    "fast": {"offers": ["deepseek/deepseek-v4-flash", "openai/gpt-5.6", "other/anything"]},
                    "blind": {"offers": ["deepseek/deepseek-v4-flash", "deepseek/deepseek-v4-pro"]},
                    "thinker": {"offers": ["claude/claude-opus-4-8"]},
                    "dated": {"offers": ["openai/gpt-5.6-sol"]},
                },
            }
        )
        return gateway, provider

    gateway, provider = lab.keep("models", make)
    provider.script = neutral
    provider.reset_log()
    return gateway, provider


def chat(model: str, content="Hello", **more) -> dict:
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


@group.each(["openai", "anthropic"])
def a_model_that_cannot_do_it_is_not_asked(lab, dialect):
    gateway, provider = clouds(lab)
    reply = gateway.call("POST", CHAT, chat("fast"))
    assert reply.header("x-hanse-offer") == "deepseek/deepseek-v4-flash", reply.headers
    assert reply.header("x-hanse-skipped") is None, reply.headers
    if dialect == "openai":
        reply = gateway.call("POST", CHAT, chat("fast", IMAGE))
    else:
        source = {"type": "base64", "media_type": "image/png", "data": PIXEL.partition(",")[2]}
        parts = [{"type": "image", "source": source}]
        reply = gateway.call("POST", "/v1/messages", chat("fast", parts, max_tokens=9))
    assert reply.status == 200 and reply.header("x-hanse-offer") == "openai/gpt-5.6", (reply.headers, reply.text())
    assert reply.header("x-hanse-skipped") == "deepseek/deepseek-v4-flash takes no images", reply.headers
    assert len(provider.requests) == 2


@group.case()
def where_no_model_can_the_provider_has_the_word(lab):
    gateway, provider = clouds(lab)
    reply = gateway.call("POST", CHAT, chat("blind", IMAGE))
    assert reply.header("x-hanse-offer") == "deepseek/deepseek-v4-flash", reply.headers
    assert reply.header("x-hanse-skipped") is None and len(provider.requests) == 1


@group.case()
def what_only_the_provider_understands_is_not_held_against_it(lab):
    gateway, provider = clouds(lab)
    odd = [{"type": "hologram", "hologram": {}}]
    assert gateway.call("POST", CHAT, chat("fast", odd)).status == 200
    assert json.loads(provider.last().body)["messages"][0]["content"] == odd


@group.case()
def refused_fields_are_left_out_of_a_translation_and_named(lab):
    gateway, provider = clouds(lab)
    asked = chat("thinker", temperature=0.5, top_p=0.9, max_tokens=50, stop=["END"])
    reply = gateway.call("POST", CHAT, asked)
    sent = json.loads(provider.last().body)
    assert reply.status == 200 and "temperature" not in sent and "top_p" not in sent, sent
    assert sent["stop_sequences"] == ["END"] and sent["model"] == "claude-opus-4-8", sent
    assert set(reply.header("x-hanse-dropped").split(", ")) == {"temperature", "top_p"}, reply.headers
    strict = gateway.call("POST", CHAT, asked, headers={"x-hanse-strict": "true"})
    assert strict.status == 400 and "temperature" in strict.text(), strict.text()


@group.case()
def in_its_own_language_nothing_is_left_out(lab):
    gateway, provider = clouds(lab)
    asked = chat("thinker", max_tokens=50, temperature=0.5)
    assert gateway.call("POST", "/v1/messages", asked).status == 200
    assert json.loads(provider.last().body) == {**asked, "model": "claude-opus-4-8"}


@group.each(["gpt-5.6-sol", "gpt-5.6"])
def a_cloud_is_asked_by_its_own_name(lab, name):
    gateway, provider = clouds(lab)
    assert gateway.call("POST", CHAT, chat(f"openai/{name}")).status == 200
    assert json.loads(provider.last().body)["model"] == name, "both are OpenAI's own"


MINE = """
title = "Mine"
maker = "Me"
abilities = ["tools"]
[at.openai]
names = ["mine-2026-01-01"]
input = 1.25
output = 10
[at.mistral]
names = ["me/mine"]
"""


@group.case()
def a_row_of_ones_own_serves_at_once(lab):
    folder = lab.folder / "rows"
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "models" / "mine.toml").write_text(MINE)
    provider = lab.provider(neutral)
    of = {"url": provider.url, "key_env": "E2E_KEY"}
    config = {"provider": {"openai": of, "mistral": {**of, "models": ["me/mine"]}}}
    gateway = lab.hanse(config, args=["--catalog", str(folder)])
    for model, sent in (("openai/mine", "mine-2026-01-01"), ("mistral/mine", "me/mine"), ("mine", "me/mine")):
        assert gateway.call("POST", CHAT, chat(model)).status == 200
        assert json.loads(provider.last().body)["model"] == sent, (model, provider.last().body)
    told = subprocess.run(
        [str(lab.binary), "models", "me/mine", "--catalog", str(folder)],
        capture_output=True, text=True, timeout=10, check=True,
    ).stdout  # fmt: skip
    assert "mine-2026-01-01" in told and "input 1.25, output 10" in told, told
