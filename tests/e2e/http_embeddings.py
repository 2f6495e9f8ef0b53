"""Texts as vectors, from each client that asks for them to each cloud that has them: the same numbers arrive."""

import base64
import json
import struct
from urllib.parse import unquote

import cohere
import openai
from google import genai
from google.genai import types

from provider import http
from runner import Suite

group = Suite("embeddings")
KEY = {"key_env": "E2E_KEY"}
TEXTS = ["The league had no king.", 'Lübeck kept the "books"\n', "汉萨"]


def vector(text: str) -> list[float]:
    return [len(text), 0.5, -sum(text.encode()) / 1024, 1e-05]


def pack(numbers: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


class Cloud:
    """Answers in the language of the path, as the vendors do; `asked`: the last body. Refuses what they refuse."""

    def __init__(self, lab):
        self.provider = lab.provider(self.script)
        self.asked, self.path, self.broken = None, "", False

    async def script(self, call) -> None:
        self.path, self.asked = unquote(call.request.target), call.request.json()
        body = {"data": []} if self.broken else self.answer()
        await call.send(http(200, json.dumps(body).encode(), headers={"content-type": "application/json"}))

    def answer(self) -> dict:
        body = self.asked
        if self.path == "/v1/embeddings":
            texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
            packed = body.get("encoding_format") == "base64"  # from the client itself
            data = [{"object": "embedding", "index": i, "embedding": pack(vector(text)) if packed else vector(text)}
                    for i, text in enumerate(texts)]  # fmt: skip
            usage = {"prompt_tokens": 7, "total_tokens": 7}
            return {"object": "list", "data": data, "model": body["model"], "usage": usage}
        if self.path.endswith(":batchEmbedContents"):
            texts = [each["content"]["parts"][0]["text"] for each in body["requests"]]
            assert all(each.get("model", "models/e").endswith("/e") for each in body["requests"]), body
            return {"embeddings": [{"values": vector(text)} for text in texts]}
        if self.path == "/v2/embed":
            assert body["input_type"] and body["embedding_types"] == ["float"], body
            return {"id": "e-1", "embeddings": {"float": [vector(text) for text in body["texts"]]},
                    "texts": body["texts"], "meta": {"billed_units": {"input_tokens": 7}},
                    "response_type": "embeddings_by_type"}  # fmt: skip
        if self.path == "/model/amazon.titan-embed-text-v2:0/invoke":
            return {"embedding": vector(body["inputText"]), "inputTextTokenCount": 7}
        assert self.path == "/model/cohere.embed-v4:0/invoke" and "model" not in body, (self.path, body)
        return {"embeddings": {"float": [vector(text) for text in body["texts"]]}, "id": "x", "texts": body["texts"]}


MODELS = {
    "openai": "openai/e",
    "gemini": "gemini/e",
    "cohere": "cohere/e",
    "bedrock": "bedrock/cohere.embed-v4:0",
}


def scene(lab):
    def make():
        cloud = Cloud(lab)
        url = cloud.provider.url
        gateway = lab.hanse({
            "provider": {
                "openai": {"kind": "openai-compatible", "url": f"{url}/v1", **KEY},
                "gemini": {"kind": "gemini", "url": f"{url}/v1beta", **KEY},
                "cohere": {"kind": "cohere", "url": url, **KEY},
                "bedrock": {"kind": "bedrock", "url": url, "region": "eu-central-1", **KEY},
                "claude": {"kind": "anthropic", "url": url, **KEY},
                "dead": {"kind": "openai-compatible", "url": "http://127.0.0.1:9/v1", **KEY},
            },
            "model": {
                "same": {"offers": ["dead/e", "gemini/e"]},
                "mixed": {"offers": ["openai/e", "cohere/other"]},
            },
        })  # fmt: skip
        return gateway, cloud

    gateway, cloud = lab.keep("embeddings", make)
    cloud.broken = False
    return gateway, cloud


def near(mine, wanted) -> None:
    """As floats of 32 bits, which is what base64 holds."""
    assert len(mine) == len(wanted), (mine, wanted)
    assert all(abs(a - b) <= 1e-6 * max(1, abs(b)) for a, b in zip(mine, wanted, strict=True)), (mine, wanted)


def by_openai(base: str, model: str, texts):
    client = openai.OpenAI(base_url=f"{base}/v1", api_key="any", max_retries=0)
    answer = client.embeddings.create(model=model, input=texts, dimensions=4)  # the SDK asks for base64
    assert answer.usage.prompt_tokens > 0 and answer.model == model.partition("/")[2]
    assert [each.index for each in answer.data] == list(range(len(answer.data)))
    return [each.embedding for each in answer.data]


def by_google(base: str, model: str, texts):
    client = genai.Client(api_key="any", vertexai=False, http_options=types.HttpOptions(base_url=base))
    options = types.EmbedContentConfig(output_dimensionality=4, task_type="RETRIEVAL_QUERY")
    return [each.values for each in client.models.embed_content(model=model, contents=texts, config=options).embeddings]


def by_cohere(base: str, model: str, texts):
    client = cohere.ClientV2(api_key="any", base_url=base)
    texts = [texts] if isinstance(texts, str) else texts
    answer = client.embed(model=model, texts=texts, input_type="search_query", embedding_types=["float"],
                          output_dimension=4)  # fmt: skip
    assert answer.texts == texts
    return answer.embeddings.float_


CLIENTS = {"openai": by_openai, "gemini": by_google, "cohere": by_cohere}


@group.each([(f"{a} to {b}", (a, b)) for a in CLIENTS for b in MODELS])
def the_same_numbers_arrive(lab, pair):
    gateway, cloud = scene(lab)
    client, target = pair
    for texts in (TEXTS, TEXTS[:1]):
        for mine, text in zip(CLIENTS[client](gateway.base, MODELS[target], texts), texts, strict=True):
            near(mine, vector(text))
    purpose = {"cohere": "input_type", "bedrock": "input_type", "gemini": None, "openai": None}[target]
    if purpose:
        assert cloud.asked[purpose] == ("search_document" if client == "openai" else "search_query"), cloud.asked
    if target == "gemini":
        one = cloud.asked["requests"][0]
        assert one["outputDimensionality"] == 4, one
        assert one.get("taskType") == (None if client == "openai" else "RETRIEVAL_QUERY"), one


@group.each(list(CLIENTS))
def titan_takes_one_text(lab, client):
    gateway, cloud = scene(lab)
    titan = "bedrock/amazon.titan-embed-text-v2:0"
    near(CLIENTS[client](gateway.base, titan, TEXTS[:1])[0], vector(TEXTS[0]))
    assert cloud.asked == {"inputText": TEXTS[0], "dimensions": 4}, cloud.asked
    try:
        CLIENTS[client](gateway.base, titan, TEXTS)
    except Exception as error:
        assert "one text" in str(getattr(error, "body", error)) or "one text" in str(error), error
    else:
        raise AssertionError("three texts were taken")


@group.case()
def losses_are_named_or_refused(lab):
    gateway, _ = scene(lab)
    body = {"model": "cohere/e", "input": "Hi", "user": "u-1"}
    reply = gateway.call("POST", "/v1/embeddings", body)
    assert reply.status == 200 and reply.header("x-hanse-dropped") == "user", reply.headers
    reply = gateway.call("POST", "/v1/embeddings", body, {"x-hanse-strict": "true"})
    assert reply.status == 400 and "user" in reply.text(), reply.text()
    asked = {"content": {"parts": [{"text": "Hi"}]}, "taskType": "CLUSTERING", "title": "t"}
    reply = gateway.call("POST", "/v1beta/models/openai%2Fe:embedContent", asked)
    assert reply.status == 200 and reply.header("x-hanse-dropped") == "taskType, title", reply.headers
    near(reply.json()["embedding"]["values"], vector("Hi"))


@group.case()
def one_model_at_several_clouds_and_never_two_models(lab):
    gateway, cloud = scene(lab)
    reply = gateway.call("POST", "/v1/embeddings", {"model": "same", "input": ["Hi"]})
    assert reply.status == 200 and reply.header("x-hanse-offer") == "gemini/e", reply.headers
    near(reply.json()["data"][0]["embedding"], vector("Hi"))
    reply = gateway.call("POST", "/v1/embeddings", {"model": "mixed", "input": ["Hi"]})
    assert reply.status == 200 and "another model" in reply.header("x-hanse-skipped"), reply.headers
    cloud.broken = True
    reply = gateway.call("POST", "/v1/embeddings", {"model": "gemini/e", "input": ["Hi"]})
    assert reply.status == 502 and "0 vectors for 1 texts" in reply.text(), reply.text()


BAD = {
    "an empty list": ({"input": []}, "input"),
    "a number": ({"input": 7}, "input"),
    "a number in a list": ({"input": ["a", None]}, "input"),
    "tokens": ({"input": [1, 2, 3]}, "input"),
    "no dimensions": ({"input": "a", "dimensions": 0}, "dimensions"),
    "no encoding": ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    "too many": ({"input": ["a"] * 101}, None),
    "nothing": ({}, "input"),
}


@group.each(list(BAD.items()))
def bad_input_is_refused_by_name(lab, case):
    gateway, _ = scene(lab)
    more, param = case
    reply = gateway.call("POST", "/v1/embeddings", {"model": "gemini/e", **more})
    assert reply.status == 400, reply.text()
    error = reply.json()["error"]
    assert error["param"] == param and (param or "100 texts") in error["message"], error


@group.case()
def a_cloud_without_vectors_is_named(lab):
    gateway, _ = scene(lab)
    reply = gateway.call("POST", "/v1/embeddings", {"model": "claude/e", "input": "x"})
    assert reply.status == 400 and "embeddings" in reply.text(), reply.text()
    for more in ({"images": ["x"]}, {"texts": ["a"], "embedding_types": ["int8"]}):
        reply = gateway.call("POST", "/v2/embed", {"model": "openai/e", **more})
        assert reply.status == 400, reply.text()
