"""Gemini's doors: the model and the verb in the path, streams in either frame, Vertex AI's paths, counts."""

import json

import google.auth.credentials
import google_sdk
import reading_google
from google import genai
from http_doors import CHAT, body
from http_lab import neutral
from provider import answer, answer_json, answer_raw, chunk, stream_head
from reading import read
from runner import Suite
from shapes import chat_stream

group = Suite("google")
ASKED = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


def piece(text: str, **more) -> dict:
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **more}
    return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r1", "unheardOf": {"a": [1]}}


USAGE = {"promptTokenCount": 4, "candidatesTokenCount": 2, "totalTokenCount": 6}
CHUNKS = [piece("Good "), piece('d"a}y]', finishReason="STOP") | {"usageMetadata": USAGE}]
EVENTS = b"".join(b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in CHUNKS)
ARRAY = b"[" + b",\r\n".join(json.dumps(each).encode() for each in CHUNKS) + b"\n]"


def lab_of(lab):
    """A Hanse with a Gemini provider and a server of Chat Completions behind it."""

    def make():
        provider = lab.provider(neutral)
        of = {"url": provider.url, "key_env": "E2E_KEY"}
        tables = {
            "gemini": {**of, "url": f"{provider.url}/v1beta", "models": ["gemini-x"]},
            "chat": {"kind": "openai-compatible", **of, "url": f"{provider.url}/v1", "models": ["gpt"]},
        }
        return lab.hanse({"provider": tables}), provider

    gateway, provider = lab.keep("google", make)
    provider.script = neutral
    provider.reset_log()
    return gateway, provider


def in_pieces(content: bytes, kind: str, size: int = 7):
    pieces = [chunk(content[at : at + size]) for at in range(0, len(content), size)]
    return answer_raw(stream_head(200, kind) + b"".join(pieces) + b"0\r\n\r\n")


@group.case()
def each_path_reaches_the_model_that_it_names(lab):
    gateway, provider = lab_of(lab)
    whole = {**CHUNKS[1], "usageMetadata": USAGE}
    provider.script = answer_json(200, whole)
    for path in (
        "/v1beta/models/",
        "/v1/models/",
        "/genai/v1beta/models/",
        "/v1/publishers/google/models/",
        "/v1beta1/publishers/google/models/",
        "/v1/projects/p-1/locations/europe-west4/publishers/google/models/",
        "/v1beta1/projects/p-1/locations/global/publishers/google/models/",
    ):
        for name in ("gemini-x", "gemini/gemini-x"):
            reply = gateway.call("POST", f"{path}{name}:generateContent", ASKED)
            assert reply.status == 200 and reply.json() == whole, f"{path}{name}: {reply.text()[:300]}"
            seen = provider.last()
            assert seen.target == "/v1beta/models/gemini-x:generateContent", seen.target
            assert seen.header("x-goog-api-key") and not seen.header("authorization"), "its own key, in its own place"
            assert seen.json() == ASKED, "untouched"


@group.case()
def a_clients_frame_passes_untouched(lab):
    gateway, provider = lab_of(lab)
    for query, content, kind in (("?alt=sse", EVENTS, "text/event-stream"), ("", ARRAY, "application/json")):
        for size in (1, 7, 1000):
            provider.script = in_pieces(content, kind, size)
            reply = gateway.call("POST", f"/v1beta/models/gemini-x:streamGenerateContent{query}", ASKED)
            assert reply.status == 200 and reply.body == content, f"{query} {size}: {reply.text()[:300]}"
            assert reply.header("content-type").startswith(kind), reply.header("content-type")
            assert provider.last().target == f"/v1beta/models/gemini-x:streamGenerateContent{query}"


@group.case()
def either_frame_tells_what_another_language_says(lab):
    gateway, provider = lab_of(lab)
    provider.script = in_pieces(b"".join(chat_stream(["Good ", "day"])), "text/event-stream")
    for query, kind in (("?alt=sse", "text/event-stream"), ("?key=k", "application/json")):
        reply = gateway.call("POST", f"/v1beta/models/chat/gpt:streamGenerateContent{query}", ASKED)
        assert reply.status == 200 and reply.header("content-type").startswith(kind), reply.text()[:300]
        if "sse" in query:
            reading_google.check_stream(reply.body)
        got = read("google", True, reply.body)
        assert got.whole and got.text == "Good day" and got.stop == "end" and got.usage.output == 2, got


@group.case()
def a_stream_that_is_cut_ends_with_an_error_in_its_frame(lab):
    gateway, provider = lab_of(lab)
    for query, content, kind in (("?alt=sse", EVENTS, "text/event-stream"), ("", ARRAY, "application/json")):
        cut = content[: content.index(b"unheardOf", 200) - 20]
        provider.script = answer_raw(stream_head(200, kind) + chunk(cut), then="reset")
        reply = gateway.call("POST", f"/v1beta/models/gemini-x:streamGenerateContent{query}", ASKED)
        got = read("google", True, reply.body)
        assert reply.status == 200 and got.error and not got.whole, f"{query}: {reply.text()[-300:]}"
        assert got.text == "Good " and got.error["code"] >= 500, got


@group.case()
def clients_of_another_language_at_gemini(lab):
    gateway, provider = lab_of(lab)
    provider.script = answer_json(200, {**CHUNKS[1]})
    reply = gateway.call("POST", CHAT, body("gemini-x"))
    assert reply.status == 200 and reply.json()["choices"][0]["message"]["content"] == 'd"a}y]', reply.text()
    assert provider.last().target == "/v1beta/models/gemini-x:generateContent"
    provider.script = in_pieces(EVENTS, "text/event-stream")
    reply = gateway.call("POST", CHAT, {**body("gemini-x"), "stream": True})
    assert provider.last().target == "/v1beta/models/gemini-x:streamGenerateContent?alt=sse"
    assert read("openai", True, reply.body).text == 'Good d"a}y]', reply.text()


@group.case()
def tokens_are_counted_by_gemini_and_estimated_for_others(lab):
    gateway, provider = lab_of(lab)
    provider.script = answer_json(200, {"totalTokens": 31})
    assert google_sdk.count_tokens(gateway.base, "gemini-x", "Hello") == 31
    assert provider.last().target == "/v1beta/models/gemini-x:countTokens"
    reply = gateway.call("POST", "/v1beta/models/chat/gpt:countTokens", ASKED)
    assert reply.json()["totalTokens"] > 0 and reply.header("x-hanse-estimated") == "input_tokens", reply.text()


@group.case()
def embeddings_pass_to_gemini(lab):
    gateway, provider = lab_of(lab)
    vectors = {"embeddings": [{"values": [0.5, -1]}]}
    provider.script = answer_json(200, vectors)
    asked = {"requests": [{"model": "models/gemini-x", "content": {"parts": [{"text": "Hello"}]}}]}
    reply = gateway.call("POST", "/v1beta/models/gemini-x:batchEmbedContents", asked)
    assert reply.status == 200 and reply.json() == vectors, reply.text()
    assert provider.last().target == "/v1beta/models/gemini-x:batchEmbedContents"
    assert provider.last().json() == asked, "untouched"


class Credentials(google.auth.credentials.Credentials):
    def refresh(self, request):
        self.token = "of-the-client"


@group.case()
def vertex_ais_clients_with_a_project_and_without(lab):
    gateway, provider = lab_of(lab)
    provider.script = answer(200, json.dumps(CHUNKS[1]).encode())
    options = {"base_url": gateway.base}
    where = {"project": "p-1", "location": "europe-west4", "credentials": Credentials()}
    for client in (
        genai.Client(vertexai=True, api_key="k", http_options=options),
        genai.Client(vertexai=True, http_options=options, **where),
    ):
        answered = client.models.generate_content(model="gemini-x", contents="Hello")
        assert answered.text == 'd"a}y]', answered
        assert "of-the-client" not in str(provider.last().headers), "a client's key stays here"
        client.close()


@group.case()
def wrong_paths_and_bodies_are_told_in_its_words(lab):
    gateway, provider = lab_of(lab)
    for verb, asked, status, words in (
        (":generateContent", b"{", 400, "JSON"),
        (":generateContent", b"[]", 400, "object"),
        (":streamGenerateContent", {"contents": "x"}, 400, "contents"),
        (":generateContent", {"contents": [{"role": "robot", "parts": []}]}, 400, "contents[0].role"),
        (":nothing", ASKED, 405, "takes GET"),
    ):
        reply = gateway.call("POST", f"/v1beta/models/chat/gpt{verb}", asked, headers={"x-goog-api-key": "k"})
        error = reply.json()["error"]
        assert (reply.status, error["code"]) == (status, status) and words in error["message"], reply.text()
        assert error["status"] == "INVALID_ARGUMENT", error
    for name in ("..", "%2e%2e", "a%2f..%2fb", "gpt%0d%0ax:y"):
        reply = gateway.call("POST", f"/v1beta/models/{name}:generateContent", ASKED)
        assert reply.status in (400, 404), f"{name}: {reply.status} {reply.text()[:200]}"
    assert not provider.requests, "none of these reached a provider"
