"""Errors: each class is raised as the right exception of the client's SDK, before and inside a stream, from the
provider and from Hanse itself."""

from drivers import driver
from provider import answer, answer_json
from runner import Suite
from sdk_terms import ALL, MODELS, ask, responses_only, simulated, with_usage

group = Suite("errors")

# What a provider says, and what the client's SDK must raise. The status that a client sees may be its own dialect's.
CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
    529: "InternalServerError",
}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    529: "overloaded_error",
}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def provider_error(dialect: str, status: int) -> dict:
    words = f"Sorry, {status} it is."
    if dialect == "google":
        return {"error": {"code": status, "message": words, "status": STATUSES.get(status, "INTERNAL")}}
    if dialect != "anthropic":
        return {"error": {"message": words, "type": ERROR_TYPES[status], "param": None, "code": None}}
    return {"type": "error", "error": {"type": ERROR_TYPES[status], "message": words}, "request_id": "req_1"}


def scripted(lab):
    """A Hanse with one scripted provider of each dialect."""

    def make():
        provider = lab.provider()
        hanse = lab.hanse(
            {
                "provider": {
                    "sim-openai": {"kind": "openai-compatible", "url": f"{provider.url}/v1", "key_env": "E2E_KEY"},
                    "sim-anthropic": {"kind": "anthropic", "url": provider.url, "key_env": "E2E_KEY"},
                    "sim-responses": responses_only(f"{provider.url}/v1"),
                    "sim-google": {"kind": "gemini", "url": f"{provider.url}/v1beta", "key_env": "E2E_KEY"},
                }
            }
        )
        return hanse, provider

    return lab.keep("scripted", make)


def send(lab, values, hanse, prompt: str = "hello"):
    client, name, cloud, stream = values
    params = with_usage(client, ask(client, MODELS[cloud], prompt), stream)
    return driver(name).chat(client, hanse.base, params, stream)


def check_shape(client: str, status: int, error: dict, words: str) -> None:
    assert words in error["message"], f"the provider's words are lost: {error}"
    body = error["body"]
    inner = body.get("error", body) if isinstance(body, dict) else None
    kind = inner and (inner.get("type") or inner.get("status"))
    assert kind and inner.get("message"), f"not the dialect's error object: {body}"
    if client == "anthropic" and status in (400, 401, 403, 404, 413, 429):
        assert inner["type"] == ERROR_TYPES[status], f"{status}: {inner}"


@group.each([(f"{status} {label}", (status, values)) for status in CLASSES for label, values in ALL])
def provider_refuses(lab, case):
    status, values = case
    hanse, provider = scripted(lab)
    provider.script = answer_json(status, provider_error(values[2], status))
    error = send(lab, values, hanse).raised(CLASSES[status])
    same = values[0] == values[2]
    # One dialect says overloaded with 503, the other with 529.
    overloaded = not same and status in (503, 529) and error["status"] in (503, 529)
    assert error["status"] == status or overloaded, error
    check_shape(values[0], status, error, f"Sorry, {status} it is.")


@group.each(ALL)
def provider_says_too_large(lab, values):
    hanse, provider = scripted(lab)
    provider.script = answer_json(413, provider_error(values[2], 413))
    error = send(lab, values, hanse).raised("APIError")
    assert error["status"] == 413, error


@group.each(ALL)
def retry_after_reaches_the_client(lab, values):
    hanse, provider = scripted(lab)
    provider.script = answer_json(429, provider_error(values[2], 429), {"retry-after": "17"})
    outcome = send(lab, values, hanse)
    outcome.raised("RateLimitError")
    assert outcome.headers.get("retry-after") == "17", outcome.headers


@group.each(ALL)
def html_is_no_answer(lab, values):
    hanse, provider = scripted(lab)
    provider.script = answer(200, b"<html><body>Login, please</body></html>", "text/html")
    send(lab, values, hanse).raised("InternalServerError")


@group.each(ALL)
def html_with_an_error_status(lab, values):
    hanse, provider = scripted(lab)
    provider.script = answer(503, b"<html><body>Bad day</body></html>", "text/html")
    error = send(lab, values, hanse).raised("InternalServerError")
    inner = error["body"].get("error", error["body"])
    assert 0 < len(inner["message"]) < 600, error


@group.each(ALL)
def the_simulated_cloud_refuses(lab, values):
    error = send(lab, values, simulated(lab), "fail 429").raised("RateLimitError")
    assert error["status"] == 429, error
    send(lab, values, simulated(lab), "fail 500").raised("InternalServerError")


STREAMED = [value for value in ALL if value[1][3]]


@group.each(STREAMED)
def an_error_inside_the_stream_is_raised(lab, values):
    outcome = send(lab, values, simulated(lab), "fail stream")
    outcome.raised("APIError")
    assert outcome.events > 0, f"the error came before the stream: {outcome}"


@group.each(STREAMED)
def a_stream_that_is_cut_is_raised(lab, values):
    outcome = send(lab, values, simulated(lab), "fail cut")
    outcome.raised("APIError")
