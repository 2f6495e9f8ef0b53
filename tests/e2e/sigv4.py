"""AWS Signature Version 4 in Python, written from AWS's text: a peer of the one in C++, with nothing in common."""

import hashlib
import hmac
import time
from urllib.parse import quote


def stamp_of(at: float | None = None) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def signature(
    method: str, target: str, signed: list[tuple[str, str]], body: bytes, secret: str, scope: list[str]
) -> str:
    """`signed`: names in lower case with values; `scope`: date, region, service. The stamp is among the signed."""
    path, _, query = target.partition("?")
    parts = sorted(part if "=" in part else part + "=" for part in query.split("&") if part)
    lines = [method, quote(path, safe="/-_.~"), "&".join(parts)]
    signed = sorted(signed)
    lines += [f"{name}:{' '.join(value.split())}" for name, value in signed]
    lines += ["", ";".join(name for name, _ in signed), hash_of(body)]
    stamp = dict(signed)["x-amz-date"]
    hashed = hash_of("\n".join(lines).encode())
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join([*scope, "aws4_request"]), hashed])
    key = ("AWS4" + secret).encode()
    for part in [*scope, "aws4_request", text]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def sign(
    method: str,
    target: str,
    host: str,
    body: bytes,
    key_id: str,
    secret: str,
    region: str = "eu-central-1",
    at: float | None = None,
    host_name: str = "host",
) -> dict:
    """The headers that a client adds."""
    stamp = stamp_of(at)
    scope = [stamp[:8], region, "bedrock"]
    signed = [("content-type", "application/json"), (host_name, host), ("x-amz-date", stamp)]
    value = signature(method, target, signed, body, secret, scope)
    names = ";".join(sorted(name for name, _ in signed))
    return {
        "content-type": "application/json",
        "x-amz-date": stamp,
        "authorization": f"AWS4-HMAC-SHA256 Credential={key_id}/{'/'.join(scope)}/aws4_request, "
        f"SignedHeaders={names}, Signature={value}",
    }


def check_signed(request, secret: str, key_id: str, region: str, service: str = "bedrock") -> None:
    """What came to a provider is signed as it should be."""
    value = request.header("authorization")
    assert value.startswith("AWS4-HMAC-SHA256 "), value
    parts = dict(part.strip().split("=", 1) for part in value.removeprefix("AWS4-HMAC-SHA256 ").split(","))
    who, *scope, end = parts["Credential"].split("/")
    stamp = request.header("x-amz-date")
    assert (who, scope, end) == (key_id, [stamp[:8], region, service], "aws4_request"), parts["Credential"]
    names = parts["SignedHeaders"].split(";")
    assert {"host", "x-amz-date", "content-type"} <= set(names), names
    signed = [(name, request.header(name)) for name in names]
    wanted = signature(request.method, request.target, signed, request.body, secret, scope)
    assert parts["Signature"] == wanted, "another signature than ours"
