"""Google's SDK for Python in the hands of drivers.py. Requests are given as the API's JSON has them, which is what the
SDK's types read; the pieces of a stream are put together as its chats do: part behind part."""

import json

from google import genai
from google.genai import errors, types

# It has one class for all that the client did wrong, and one for the rest; the others' names go by the code.
NAMES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
}


def make(base: str, key: str, timeout_s: float) -> genai.Client:
    options = {"base_url": base, "timeout": int(timeout_s * 1000), "retry_options": {"attempts": 1}}
    return genai.Client(api_key=key, http_options=options)


def arguments(params: dict, headers: dict | None) -> dict:
    config = types.GenerateContentConfig.model_validate_json(json.dumps(params["config"]))
    config.http_options = types.HttpOptions(headers=headers or {})
    contents = [types.Content.model_validate_json(json.dumps(each)) for each in params["contents"]]
    return {"model": params["model"], "contents": contents, "config": config}


def plain(answer) -> dict:
    return json.loads(
        answer.model_dump_json(by_alias=True, exclude_none=True, exclude={"sdk_http_response"}, warnings=False)
    )


def folded(pieces: list[dict]) -> dict:
    answer, parts = {}, []
    for piece in pieces:
        candidate = (piece.get("candidates") or [{}])[0]
        parts += (candidate.get("content") or {}).get("parts") or []
        answer.update(piece)
    last = (answer.get("candidates") or [{}])[0]
    return {**answer, "candidates": [{**last, "content": {"role": "model", "parts": parts}}]}


def note(outcome, response) -> None:
    if response is not None and getattr(response, "headers", None):
        outcome.headers = {name.lower(): value for name, value in dict(response.headers).items()}


def told(outcome, error: errors.APIError) -> None:
    wanted = errors.ServerError if error.code >= 500 else errors.ClientError
    assert isinstance(error, wanted), f"{error.code} is raised as {type(error).__name__}"
    name = "InternalServerError" if error.code >= 500 else NAMES.get(error.code, "APIError")
    outcome.error = {
        "classes": [*[base.__name__ for base in type(error).__mro__], name],
        "status": error.code,
        "message": str(error.message),
        "body": error.details,
    }
    note(outcome, error.response)


def chat(outcome, base, params, stream, headers, key, stop_after, timeout_s) -> None:
    client = make(base, key, timeout_s)
    try:
        if not stream:
            answer = client.models.generate_content(**arguments(params, headers))
            note(outcome, answer.sdk_http_response)
            outcome.answer = plain(answer)
            return
        pieces = []
        stream_of = client.models.generate_content_stream(**arguments(params, headers))
        for piece in stream_of:
            note(outcome, piece.sdk_http_response)
            pieces.append(plain(piece))
            outcome.events += 1
            if outcome.events == stop_after:
                return stream_of.close()
        outcome.answer = folded(pieces)
    except errors.APIError as error:
        told(outcome, error)
    finally:
        client.close()


async def chat_async(outcome, base, params, stream, headers, key, stop_after, timeout_s) -> None:
    client = make(base, key, timeout_s).aio
    try:
        if not stream:
            answer = await client.models.generate_content(**arguments(params, headers))
            note(outcome, answer.sdk_http_response)
            outcome.answer = plain(answer)
            return
        pieces = []
        stream_of = await client.models.generate_content_stream(**arguments(params, headers))
        async for piece in stream_of:
            note(outcome, piece.sdk_http_response)
            pieces.append(plain(piece))
            outcome.events += 1
            if outcome.events == stop_after:
                return await stream_of.aclose()
        outcome.answer = folded(pieces)
    except errors.APIError as error:
        told(outcome, error)
    finally:
        await client.aclose()


def models(outcome, base: str, key: str) -> None:
    client = make(base, key, 30)
    try:
        outcome.answer = [model.name for model in client.models.list()]
    except errors.APIError as error:
        told(outcome, error)
    finally:
        client.close()


def count_tokens(base: str, model: str, text: str) -> int:
    client = make(base, "k", 30)
    try:
        return client.models.count_tokens(model=model, contents=text).total_tokens
    finally:
        client.close()
