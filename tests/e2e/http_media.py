"""Media that can't be read, and names that are no names: refused with the field's name before a provider is asked."""

from http_lab import check_error
from provider import answer_json
from runner import Suite

group = Suite("bad media")

PNG = "iVBORw0KGgoAAAANSUhEUg=="
JPEG = "/9j/4AAQSkZJRgABAQ=="
CLOUDS = ["openai", "anthropic", "bedrock", "gemini", "cohere"]
# By the client's dialect: where an image stands, and its name.
PATHS = {
    "openai": ("/v1/chat/completions", "messages[0].content[0]"),
    "anthropic": ("/v1/messages", "messages[0].content[0]"),
    "gemini": ("/v1beta/models/{model}:generateContent", "contents[0].parts[0]"),
    "cohere": ("/v2/chat", "messages[0].content[0]"),
}


def providers(url: str) -> dict:
    key = {"key_env": "E2E_KEY"}
    return {
        "openai": {"kind": "openai-compatible", "url": f"{url}/v1", **key},
        "anthropic": {"url": url, **key},
        "bedrock": {"url": url, "region": "eu-west-1", **key},
        "gemini": {"url": f"{url}/v1beta", **key},
        "cohere": {"url": url, **key},
        "dated": {"kind": "azure-openai-dated", "url": url, **key},
    }


def scene(lab):
    def make():
        provider = lab.provider(answer_json(200, {}))
        return lab.hanse({"provider": providers(provider.url)}, env={"E2E_KEY": "sk-provider"}), provider

    gateway, provider = lab.keep("media", make)
    provider.reset_log()
    return gateway, provider


def inlined(client: str, media_type: str, data: str) -> dict:
    if client == "anthropic":
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}
    if client == "gemini":
        return {"inlineData": {"mimeType": media_type, "data": data}}
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}


def asked(client: str, model: str, part: dict) -> dict:
    if client == "gemini":
        return {"contents": [{"role": "user", "parts": [part]}]}
    return {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": [part]}]}


def check_refused(lab, client: str, cloud: str, part: dict, *words: str) -> None:
    gateway, provider = scene(lab)
    path, field = PATHS[client]
    reply = gateway.call("POST", path.format(model=f"{cloud}/m"), asked(client, f"{cloud}/m", part))
    assert reply.status == 400, (reply.status, reply.text())
    for word in (field, *words):
        assert word in reply.text(), f"'{word}' isn't in {reply.text()}"
    assert not provider.requests, "refused, and yet sent"


PAIRS = [(f"{client} to {cloud}", (client, cloud)) for client in PATHS for cloud in CLOUDS if client != cloud]


@group.each(PAIRS)
def data_that_is_not_base64(lab, values):
    for data in ("!!!!", "AAA=A", "A", "<svg/>"):
        check_refused(lab, *values, inlined(values[0], "image/png", data), "base64")


@group.each(PAIRS)
def bytes_of_another_type(lab, values):
    check_refused(lab, *values, inlined(values[0], "image/jpeg", PNG), "image/jpeg", "image/png")
    check_refused(lab, *values, inlined(values[0], "image/png", JPEG), "image/jpeg", "image/png")


@group.each([cloud for cloud in CLOUDS if cloud != "openai"])
def a_file_that_openai_keeps(lab, cloud):
    check_refused(lab, "openai", cloud, {"type": "file", "file": {"file_id": "file-1"}}, "send the file itself")


@group.each(["openai", "anthropic", "cohere"])
def a_file_that_google_keeps(lab, cloud):
    part = {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://bucket/a.pdf"}}
    check_refused(lab, "gemini", cloud, part, "send the file itself")


@group.each(["openai", "anthropic", "cohere"])
def an_address_that_bedrock_takes_not(lab, client):
    """And that is not fetched either: the provider under test is what it names."""
    _, provider = scene(lab)
    url = f"{provider.url}/a.png"
    part = {"type": "image_url", "image_url": {"url": url}}
    if client == "anthropic":
        part = {"type": "image", "source": {"type": "url", "url": url}}
    check_refused(lab, client, "bedrock", part, "send the bytes")


HOSTILE = ["..", "../../admin", "a/../../b", "%2e%2e", "a\r\nx-evil: 1", "a b", "a?x=1", "a#b", "a\\b", "\u202e", "é"]


@group.each([(f"{cloud}: {name!r}", (cloud, name)) for cloud in ("bedrock", "gemini", "dated") for name in HOSTILE])
def a_name_that_would_change_the_path(lab, values):
    """Where the model stands in the provider's path it stays one segment of it, and never becomes a header."""
    cloud, name = values
    gateway, provider = scene(lab)
    body = {"model": f"{cloud}/{name}", "messages": [{"role": "user", "content": "Hello"}]}
    reply = gateway.call("POST", "/v1/chat/completions", body)
    if not provider.requests:
        check_error(reply, (400, 404), "openai")
        return
    seen = provider.last()
    path = seen.target.split("?")[0]
    assert ".." not in path.split("/") and "%2e%2e" not in path.lower().split("/"), seen.target
    slashes = {"bedrock": 3, "gemini": 3, "dated": 5}[cloud]
    assert path.count("/") == slashes, f"{seen.target} has other segments"
    assert not seen.header("x-evil"), seen.headers
    assert all(0x20 < ord(c) < 0x7F for c in seen.target), seen.target
