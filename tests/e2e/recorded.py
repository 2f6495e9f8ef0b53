"""The recordings: exchanges between real clients and real services, read in place, never copied.

Two families. Cassettes ({"interactions": [{request, response}]}) hold whole HTTP exchanges; the `lingua` folders hold a
request with its answer and its answer as a list of stream events. Both become Exchange objects with the bytes that a
provider would have put on the wire, as far as the recording still knows them.
"""

import base64
import gzip
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

ROOT = Path(__file__).resolve().parent.parent.parent
LINGUA_DIALECTS = {
    "chat-completions": "openai",
    "baseten": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "responses": "responses",
}

TARGETS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "cohere": "/v2/chat",
    "responses": "/v1/responses",
}


@dataclass
class Exchange:
    name: str
    dialect: str  # "openai", "anthropic", "cohere", "google", "responses", "bedrock" or "invoke"
    target: str  # the path the client of Hanse uses
    request: bytes  # as recorded, or as the recording's own JSON says
    status: int
    content_type: str
    reply: bytes  # decoded
    reply_gzip: bytes | None  # as it was on the wire, when the recording kept that
    stream: bool

    def asked(self) -> dict:
        return json.loads(self.request)

    def to_model(self, model: str) -> str:
        """The target, where that names the model."""
        if self.names_bedrock_model():
            return re.sub(r"^/model/.+/", f"/model/{quote(model, safe='')}/", self.target)
        return re.sub(r"/models/[^:]+", f"/models/{model}", self.target)

    def model(self) -> str:
        if self.names_bedrock_model():
            return unquote(re.search(r"^/model/(.+)/", self.target)[1])
        return re.search(r"/models/([^:]+)", self.target)[1]

    def names_bedrock_model(self) -> bool:
        return self.dialect in ("bedrock", "invoke")

    def model_in_path(self) -> bool:
        return self.dialect == "google" or self.names_bedrock_model()


def oracles() -> Path:
    return Path(os.environ.get("HANSE_ORACLES", ROOT / "../shared/oracles")).resolve()


def dialect_of(url: str) -> str | None:
    path = url.split("?")[0]
    if path.endswith("/chat/completions"):
        return "openai"
    if path.endswith("/v2/chat"):
        return "cohere"
    if path.endswith("/responses"):
        return "responses"
    if path.endswith((":generateContent", ":streamGenerateContent")):
        return "google"
    if "bedrock-runtime" in url and path.endswith(("/converse", "/converse-stream")):
        return "bedrock"
    if "bedrock-runtime" in url and path.endswith(("/invoke", "/invoke-with-response-stream")):
        return "invoke"
    return "anthropic" if path.endswith("/v1/messages") else None


def compact(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def body_bytes(side: dict) -> tuple[bytes, bytes | None]:
    """(decoded, as it was when compressed or None). JSON that the recorder had parsed is written out again."""
    if "body_base64" in side:
        raw = base64.b64decode(side["body_base64"])
        return (gzip.decompress(raw), raw) if raw[:2] == b"\x1f\x8b" else (raw, None)
    body = side.get("body")
    if isinstance(body, str):
        return body.encode(), None
    return (b"" if body is None else compact(body)), None


def content_type_of(response: dict) -> str:
    for name, value in response["headers"].items():
        if name.lower() == "content-type":
            return value
    return "application/json"


def cassettes(folder: Path, out_of_scope: Counter) -> list[Exchange]:
    exchanges = []
    for path in sorted(folder.rglob("*.json")):
        cassette = json.loads(path.read_text())
        for number, one in enumerate(cassette.get("interactions", [])):
            url = one["request"].get("url") or ""
            dialect = dialect_of(url)
            if dialect is None:
                out_of_scope[kind_of(url)] += 1
                continue
            exchanges.append(from_cassette(f"{folder.name}/{path.stem}#{number}", dialect, one))
    return exchanges


def kind_of(url: str) -> str:
    """A path without its names and numbers, to count what is not ours by kind."""
    if not url:
        return "no HTTP exchange (web sockets, gRPC)"
    path = url.split("://")[-1].partition("/")[2].split("?")[0]
    for mark, kind in (
        ("/v1/messages/count_tokens", "count_tokens"),
        ("GenerateContent", "batches"),
        ("responses", "Responses"),
        ("embed", "embeddings"),
        ("model/", "Bedrock"),
        ("messages/batches", "batches"),
        ("models", "models"),
        ("files", "files"),
        ("token", "credentials"),
        ("threads", "assistants"),
        ("completions", "old completions"),
        ("audio", "audio"),
        ("images", "images"),
        ("batches", "batches"),
    ):
        if mark in path:
            return kind
    return "other"


def from_cassette(name: str, dialect: str, one: dict) -> Exchange:
    request, _ = body_bytes(one["request"])
    reply, compressed = body_bytes(one["response"])
    target = TARGETS.get(dialect) or recorded_target(one["request"]["url"])
    content_type = content_type_of(one["response"])
    return Exchange(
        name,
        dialect,
        target,
        request,
        one["response"]["status"],
        content_type,
        reply,
        compressed,
        "event-stream" in content_type or "vnd.amazon.eventstream" in content_type,
    )


def lingua(folder: Path, out_of_scope: Counter) -> list[Exchange]:
    exchanges = []
    for path in sorted(folder.glob("*/*")):
        dialect = LINGUA_DIALECTS.get(path.name)
        if dialect is None:
            out_of_scope[f"lingua {path.name}"] += len(list(path.glob("*request.json")))
            continue
        for turn in ("", "followup-"):
            if (path / f"{turn}request.json").exists():
                exchanges += from_lingua(path, dialect, turn)
    return exchanges


def from_lingua(path: Path, dialect: str, turn: str) -> list[Exchange]:
    base = f"lingua/{path.parent.name}/{path.name}/{turn or 'first-'}"
    request_raw = (path / f"{turn}request.json").read_bytes()
    request = json.loads(request_raw)
    exchanges = []

    def add(kind: str, body: bytes, status: int, content_type: str, reply: bytes, stream: bool) -> None:
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        target = TARGETS.get(dialect) or f"/v1beta/models/{request.get('model', 'gemini')}:{verb}"
        exchanges.append(Exchange(base + kind, dialect, target, body, status, content_type, reply, None, stream))

    if (answer := path / f"{turn}response.json").exists():
        plain = {key: value for key, value in request.items() if key not in ("stream", "stream_options")}
        body = request_raw if plain == request else compact(plain)
        add("json", body, 200, "application/json", answer.read_bytes(), False)
    if (events := path / f"{turn}response-streaming.json").exists():
        recorded = json.loads(events.read_text())
        if dialect == "responses" and not all("type" in event for event in recorded):
            return exchanges  # one of 2025-09, in a form of its own that the service has left since
        wanted = request if dialect == "google" else {**request, "stream": True}
        if dialect == "openai" and any(event.get("usage") for event in recorded):
            wanted["stream_options"] = {"include_usage": True}
        body = request_raw if wanted == request else compact(wanted)
        add("stream", body, 200, "text/event-stream; charset=utf-8", wire_of(dialect, recorded), True)
    if not turn and (error := path / "error.json").exists():
        add(
            "error",
            request_raw,
            400,
            "application/json",
            error_of(dialect, json.loads(error.read_text())["error"]),
            False,
        )
    return exchanges


def recorded_target(url: str) -> str:
    """As recorded, but for the key that may stand in it: which models there are is the path's to say."""
    path, _, query = url.split("://")[-1].partition("/")[2].partition("?")
    return f"/{path}?alt=sse" if "alt=sse" in query else f"/{path}"


def wire_of(dialect: str, events: list[dict]) -> bytes:
    """The recorder kept the events; this is how that vendor frames them (protocols, section 2)."""
    if dialect == "google":
        return b"".join(b"data: " + compact(event) + b"\r\n\r\n" for event in events)
    if dialect == "openai":
        return b"".join(b"data: " + compact(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    return b"".join(b"event: " + event["type"].encode() + b"\ndata: " + compact(event) + b"\n\n" for event in events)


def error_of(dialect: str, text: str) -> bytes:
    message = text.removeprefix("Error: 400 ")
    if dialect == "google":
        return compact(json.loads(text.removeprefix("Error: ApiError: ")))
    if dialect in ("openai", "responses"):
        return compact({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}})
    return compact({"type": "error", "error": {"type": "invalid_request_error", "message": message}})


def load() -> tuple[list[Exchange], Counter] | None:
    """Every exchange in scope and the counts of what is not; None when there are no recordings here."""
    folder = oracles() / "recordings"
    if not folder.is_dir():
        return None
    out_of_scope: Counter = Counter()
    exchanges = lingua(folder / "lingua", out_of_scope)
    for family in ("openllmetry", "pydantic-ai", "ruby_llm"):
        exchanges += cassettes(folder / family, out_of_scope)
    return exchanges, out_of_scope
