"""Bodies that are wrong: the answer is in the dialect of the path, names what is wrong, and the program lives on."""

import json
import os
from pathlib import Path

from http_lab import DIALECTS, OTHER, PATHS, SECRET, body, check_error, shared, with_keys
from lab import missing
from recorded import oracles
from runner import Suite
from wire import Wire, request_bytes

group = Suite("bad input")

# (name, how the good body changes, what the message must name). Sent across dialects, where Hanse reads every field.
WRONG_FIELDS = [
    ("model is a number", {"model": 7}, "model"),
    ("model is empty", {"model": ""}, "model"),
    ("messages is a text", {"messages": "Hello"}, "messages"),
    ("messages is an object", {"messages": {"role": "user"}}, "messages"),
    ("a message is a text", {"messages": ["Hello"]}, "messages"),
    ("a message is null", {"messages": [None]}, "messages"),
    ("a role nobody knows", {"messages": [{"role": "wizard", "content": "x"}]}, "role"),
    ("a role is missing", {"messages": [{"content": "x"}]}, "role"),
    ("a role is a number", {"messages": [{"role": 3, "content": "x"}]}, "role"),
    ("content is a number", {"messages": [{"role": "user", "content": 5}]}, "content"),
    ("content has a number", {"messages": [{"role": "user", "content": [5]}]}, "content"),
    ("a part has no type", {"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "type"),
    ("a text part without text", {"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "text"),
    ("tools is a text", {"tools": "hammer"}, "tools"),
    ("a tool is a number", {"tools": [1]}, "tools"),
    ("stream is a text", {"stream": "yes"}, "stream"),
    ("max_tokens is a text", {"max_tokens": "many"}, "max_tokens"),
    ("max_tokens is negative", {"max_tokens": -1}, "max_tokens"),
    ("max_tokens has a fraction", {"max_tokens": 1.5}, "max_tokens"),
    ("temperature is a text", {"temperature": "hot"}, "temperature"),
]
# Whole bodies as bytes; these are refused whoever would answer.
BROKEN_JSON = [
    ("empty", b""),
    ("a space", b" "),
    ("cut", b'{"model": "openai/m", "messages": ['),
    ("not JSON", b"hello"),
    ("an array", b"[]"),
    ("a text", b'"hi"'),
    ("null", b"null"),
    ("a number", b"1"),
    ("trailing comma", b'{"model": "MODEL", "messages": [],}'),
    ("two values", b'{"model": "MODEL"} {}'),
    ("single quotes", b"{'model': 'MODEL'}"),
    ("a comment", b'{"model": "MODEL" /* x */, "messages": []}'),
    ("invalid UTF-8", b'{"model": "MODEL", "messages": [{"role": "user", "content": "\xff\xfe"}]}'),
    ("overlong UTF-8", b'{"model": "MODEL", "messages": [{"role": "user", "content": "\xc0\xaf"}]}'),
    ("a surrogate in UTF-8", b'{"model": "MODEL", "messages": [{"role": "user", "content": "\xed\xa0\x80"}]}'),
    ("a bare control byte", b'{"model": "MODEL", "messages": [{"role": "user", "content": "a\x01b"}]}'),
    ("a NUL byte", b'{"model": "MODEL", "messages": [{"role": "user", "content": "a\x00b"}]}'),
    ("a NUL behind", b'{"model": "MODEL", "messages": []}\x00'),
    ("deep arrays", b'{"model": "MODEL", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ("deep objects", b'{"model": "MODEL", "messages": [], "x": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"),
    ("deep and open", b'{"model": "MODEL", "messages": [], "x": ' + b"[" * 200_000),
    ("a bad number", b'{"model": "MODEL", "messages": [], "max_tokens": 01}'),
    ("NaN", b'{"model": "MODEL", "messages": [], "temperature": NaN}'),
    ("UTF-16", '{"model": "MODEL"}'.encode("utf-16")),
]


def both(values) -> list:
    return [(f"{dialect}: {name}", (dialect, *rest)) for dialect in DIALECTS for name, *rest in values]


def check_alive(gateway) -> None:
    assert gateway.alive() and gateway.call("GET", "/healthz").status == 200


@group.each(both(WRONG_FIELDS))
def wrong_field(lab, values):
    dialect, change, words = values
    gateway, provider = shared(lab)
    reply = gateway.call("POST", PATHS[dialect], {**body(dialect, OTHER[dialect]), **change})
    check_error(reply, (404, 400) if change.get("model") == "" else 400, dialect, words)
    assert not provider.requests, "refused, and yet sent"


@group.each(both([(name, name) for name in ("model", "messages")]))
def missing_field(lab, values):
    dialect, name = values
    gateway, _ = shared(lab)
    asked = body(dialect, OTHER[dialect])
    del asked[name]
    check_error(gateway.call("POST", PATHS[dialect], asked), 400, dialect, name)


@group.each(DIALECTS)
def no_messages_at_all(lab, dialect):
    gateway, _ = shared(lab)
    check_error(
        gateway.call("POST", PATHS[dialect], body(dialect, OTHER[dialect], messages=[])), 400, dialect, "messages"
    )


WAYS = [
    (f"{dialect} to {to}: {name}", (dialect, to, data))
    for dialect in DIALECTS
    for to in DIALECTS
    for name, data in BROKEN_JSON
]


@group.each(WAYS)
def broken_json(lab, values):
    dialect, to, data = values
    gateway, provider = shared(lab)
    reply = gateway.call("POST", PATHS[dialect], data.replace(b"MODEL", f"{to}/m".encode()))
    check_error(reply, 400, dialect)
    assert not provider.requests, "refused, and yet sent"
    check_alive(gateway)


@group.each([(f"{dialect} to {to}", (dialect, to)) for dialect in DIALECTS for to in DIALECTS], limit_s=120)
def public_json_suite(lab, values):
    dialect, to = values
    folder = oracles() / "vectors/json"
    if not folder.is_dir():
        missing(f"no JSON vectors at {folder}")
    check_vectors(lab, folder, dialect, to)


def check_vectors(lab, folder: Path, dialect: str, to: str) -> None:
    """Each vector is the value of a field that nobody knows. y_ must be accepted, n_ refused, i_ either."""
    gateway, _ = shared(lab)
    wrong, seen = [], 0
    start = json.dumps(body(dialect, to))[:-1].encode() + b', "x_vector": '
    for path in sorted(folder.rglob("*.json")):
        if path.name[:2] not in ("y_", "n_", "i_"):
            continue
        seen += 1
        reply = gateway.call("POST", PATHS[dialect], start + path.read_bytes() + b"}")
        allowed = {"y": (200,), "n": (400,), "i": (200, 400)}[path.name[0]]
        if reply.status not in allowed:
            wrong.append(f"{path.name}: {reply.status}")
    assert seen > 300, f"only {seen} vectors in {folder}"
    assert not wrong, f"{len(wrong)} of {seen}: {wrong[:12]}"


NUMBERS = [
    ("1e400", b"1e400"),
    ("20 digits", b"99999999999999999999"),
    ("400 digits", b"9" * 400),
    ("minus zero point", b"-0.0"),
    ("2^63", b"9223372036854775808"),
]


@group.each(both(NUMBERS))
def huge_number(lab, values):
    dialect, number = values
    gateway, _ = shared(lab)
    data = json.dumps(body(dialect, OTHER[dialect], max_tokens="NUMBER")).encode().replace(b'"NUMBER"', number)
    check_error(gateway.call("POST", PATHS[dialect], data), 400, dialect, "max_tokens")


@group.each([(f"{dialect} to {to}", (dialect, to)) for dialect in DIALECTS for to in DIALECTS])
def lone_surrogate(lab, values):
    dialect, to = values
    gateway, provider = shared(lab)
    data = json.dumps(body(dialect, to)).encode().replace(b"Hello", b"a\\ud83db")
    reply = gateway.call("POST", PATHS[dialect], data)
    if reply.status == 400:
        check_error(reply, 400, dialect)
        return
    assert reply.status == 200, reply.text()
    text = json.dumps(provider.last().json())  # still JSON, and neither half of it is lost
    assert "a\\ud83db" in text or "a\\ufffdb" in text, text


@group.each(DIALECTS)
def keys_that_come_twice(lab, dialect):
    gateway, provider = shared(lab)
    data = json.dumps(body(dialect)).encode()[:-1] + f', "model": "{OTHER[dialect]}/m"}}'.encode()
    reply = gateway.call("POST", PATHS[dialect], data)
    assert reply.status in (200, 400), reply.text()
    # Whoever is believed, the provider must not see another model than Hanse decided on.
    if reply.status == 200:
        sent = provider.last().body
        assert b"openai/m" not in sent and b"anthropic/m" not in sent, sent


@group.each(DIALECTS)
def a_body_that_ends_early(lab, dialect):
    gateway, provider = shared(lab)
    whole = request_bytes("POST", PATHS[dialect], json.dumps(body(dialect)).encode())
    for cut in (len(whole) - 1, len(whole) - 30, len(whole) // 2, 20):
        with Wire(gateway.port) as wire:
            wire.send(whole[:cut])
    gateway.wait_idle()
    assert not provider.requests, "half a request was sent on"
    check_alive(gateway)


@group.each(DIALECTS)
def random_bytes(lab, dialect):
    gateway, _ = shared(lab)
    for size in (1, 100, 10_000):
        check_error(gateway.call("POST", PATHS[dialect], os.urandom(size)), 400, dialect)


KEYS = [
    ("none", {}),
    ("a wrong Bearer", {"authorization": "Bearer sk-wrong"}),
    ("a wrong x-api-key", {"x-api-key": "sk-wrong"}),
    ("a wrong api-key", {"api-key": "sk-wrong"}),
    ("a wrong x-goog-api-key", {"x-goog-api-key": "sk-wrong"}),
    ("an empty Bearer", {"authorization": "Bearer "}),
    ("Basic", {"authorization": "Basic YTpi"}),
    ("a longer key", {"x-api-key": SECRET + "x"}),
    ("a shorter key", {"x-api-key": SECRET[:-1]}),
]


@group.each(both(KEYS))
def key_is_missing_or_wrong(lab, values):
    dialect, fields = values
    gateway, provider = with_keys(lab)
    inner = check_error(gateway.call("POST", PATHS[dialect], body(dialect), fields), 401, dialect)
    assert not provider.requests and SECRET not in str(inner) and "sk-wrong" not in str(inner), inner


@group.each(
    both(
        [
            ("Bearer", {"authorization": f"Bearer {SECRET}"}),
            ("bearer", {"authorization": f"bearer {SECRET}"}),
            ("x-api-key", {"x-api-key": SECRET}),
            ("api-key", {"api-key": SECRET}),
            ("x-goog-api-key", {"x-goog-api-key": SECRET}),
            ("a wrong one beside it", {"authorization": "Bearer sk-wrong", "x-api-key": SECRET}),
        ]
    )
)
def every_place_carries_the_key(lab, values):
    dialect, fields = values
    gateway, _ = with_keys(lab)
    assert gateway.call("POST", PATHS[dialect], body(dialect), fields).status == 200
    assert gateway.call("GET", "/v1/models", None, fields).status == 200


QUERIES = [
    ("good", f"key={SECRET}", 200),
    ("last", f"alt=sse&key={SECRET}", 200),
    ("wrong", "key=sk-wrong", 401),
    ("another name", f"apikey={SECRET}", 401),
    ("bad escape", f"key={SECRET}%zz", 401),
]


@group.each([(f"{dialect}: {name}", (dialect, *rest)) for dialect in DIALECTS for name, *rest in QUERIES])
def the_query_carries_the_key(lab, values):
    dialect, query, status = values
    gateway, _ = with_keys(lab)
    reply = gateway.call("POST", f"{PATHS[dialect]}?{query}", body(dialect))
    assert reply.status == status, reply.text()
    assert SECRET not in gateway.tail(), "the key stands in the log"


@group.case()
def models_need_a_key_too(lab):
    gateway, _ = with_keys(lab)
    check_error(gateway.call("GET", "/v1/models"), 401, "openai")
    check_error(gateway.call("GET", "/v1/models", None, {"anthropic-version": "2023-06-01"}), 401, "anthropic")
