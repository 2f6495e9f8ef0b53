"""Ordered fallback: before the first byte, an offer that refuses, fails or can't be reached gives way to the next."""

import json
import socket

from fault_lab import LIMITS
from http_lab import check_error
from process import wait_for
from provider import Call, Provider, answer, answer_json, answer_raw, answer_stream, chunk, stream_head
from reading import read
from runner import Suite
from sdk_errors import provider_error
from shapes import PATHS, ask, beginning, data, one_word, stream, whole
from wire import request_bytes

group = Suite("fallback")


class Team:
    """Three offers in order: first, second, third; each its own scripted provider, dialects mixed."""

    def __init__(self, lab):
        self.dialects = {"first": "openai", "second": "anthropic", "third": "openai"}
        self.members: dict[str, Provider] = {name: lab.provider() for name in self.dialects}
        rows = {
            name: {
                "kind": "openai-compatible" if self.dialects[name] == "openai" else "anthropic",
                "key_env": "E2E_KEY",
                "url": member.url + ("/v1" if self.dialects[name] == "openai" else ""),
            }
            for name, member in self.members.items()
        }
        rows["nobody"] = {"kind": "openai-compatible", "url": f"http://127.0.0.1:{closed_port()}/v1"}
        self.gateway = lab.hanse(
            {
                "limits": {**LIMITS, "first_byte": "400ms", "connect": "400ms"},
                "provider": rows,
                "retry": {"again": 0},  # the order of offers is looked at here
                "health": {"on": False},
                "log": {"access": str(lab.folder / "team.log")},
                "model": {
                    "fast": {"offers": ["first/a", "second/b", "third/c"]},
                    "alone": {"offers": ["first/a"]},
                    "closed": {"offers": ["nobody/a", "second/b"]},
                },
            }
        )
        self.reset()

    def reset(self) -> "Team":
        for name, member in self.members.items():
            member.reset_log()
            self.script(name, good(self.dialects[name], name))
        return self

    def script(self, name: str, script) -> None:
        self.members[name].script = script

    def ask(self, client: str, is_stream: bool, model: str = "fast"):
        return self.gateway.call("POST", PATHS[client], ask(client, model, is_stream))

    def asked(self) -> list[str]:
        """Who was asked, in order of time. A second try at the same one, because a kept connection was closed under
        the request, counts once."""
        calls = [(request.at, name) for name, member in self.members.items() for request in member.requests]
        names = [name for _, name in sorted(calls)]
        assert len(names) <= len(set(names)) + 1, f"asked again and again: {names}"
        return list(dict.fromkeys(names))


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def good(dialect: str, text: str):
    async def script(call: Call) -> None:
        if call.request.json().get("stream"):
            await answer_stream(stream(dialect, [text]))(call)
        else:
            await answer(200, whole(dialect, text))(call)

    return script


def team(lab) -> Team:
    return lab.keep("team", lambda: Team(lab)).reset()


SERVERS_FAULT = [
    (
        str(status),
        answer_json(status, provider_error("openai", status) if status in (401, 403, 404, 429, 500, 503, 529) else {}),
    )
    for status in (401, 403, 404, 408, 429, 500, 502, 503, 504, 529)
]
FAULTS = SERVERS_FAULT + [
    ("HTML", answer(200, b"<html>no</html>", "text/html")),
    ("HTML 503", answer(503, b"<html>no</html>", "text/html")),
    ("a close", answer_raw()),
    ("a reset", answer_raw(then="reset")),
    ("silence", answer_raw(then="hang")),
    ("no HTTP", answer_raw(b"hello\r\n\r\n")),
    ("a redirect", answer(302, b"", headers={"location": "http://127.0.0.1:9/"})),
    ("an empty 200", answer(200, b"")),
    ("a cut body", answer_raw(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{")),
]
KINDS = [(f"{client}{', stream' if s else ''}", (client, s)) for client in PATHS for s in (False, True)]


@group.each([(f"{name}: {fault}", (*values, script)) for name, values in KINDS for fault, script in FAULTS])
def the_next_offer_answers(lab, values):
    client, is_stream, script = values
    t = team(lab)
    t.script("first", script)
    reply = t.ask(client, is_stream)
    assert reply.status == 200, reply.text()
    assert read(client, is_stream, reply.body).text == "second", reply.text()
    assert reply.header("x-hanse-offer") == "second/b", reply.headers
    assert t.asked() == ["first", "second"], t.asked()
    assert t.members["second"].last().json()["model"] == "b"
    t.gateway.wait_idle()


@group.each(KINDS)
def nobody_listens_there(lab, values):
    client, is_stream = values
    t = team(lab)
    reply = t.ask(client, is_stream, "closed")
    assert reply.status == 200 and reply.header("x-hanse-offer") == "second/b", reply


@group.each(KINDS)
def the_first_that_can_answers(lab, values):
    client, is_stream = values
    t = team(lab)
    assert t.ask(client, is_stream).header("x-hanse-offer") == "first/a"
    assert t.asked() == ["first"]


@group.each(KINDS)
def the_third_when_two_fail(lab, values):
    client, is_stream = values
    t = team(lab)
    t.script("first", answer_json(500, {}))
    t.script("second", answer_raw(then="reset"))
    reply = t.ask(client, is_stream)
    assert reply.header("x-hanse-offer") == "third/c" and t.asked() == ["first", "second", "third"], t.asked()
    log = lab.folder / "team.log"
    line = wait_for(
        lambda: next((line for line in log.read_text().splitlines() if reply.header("x-request-id") in line), None),
        5,
        "the line in the access log",
    )
    assert json.loads(line)["attempts"] == 3, line


@group.each(KINDS)
def when_all_fail_the_client_hears_why(lab, values):
    client, is_stream = values
    t = team(lab)
    t.script("first", answer_json(500, {}))
    t.script("second", answer_raw(then="reset"))
    t.script("third", answer_json(429, provider_error("openai", 429), {"retry-after": "3"}))
    reply = t.ask(client, is_stream)
    check_error(reply, (429, 500, 502, 503), client)
    assert t.asked() == ["first", "second", "third"], t.asked()


@group.each([(f"{name}: {status}", (*values, status)) for name, values in KINDS for status in (400, 413)])
def a_bad_request_is_not_tried_elsewhere(lab, values):
    client, is_stream, status = values
    t = team(lab)
    t.script("first", answer_json(status, provider_error("openai", status)))
    reply = t.ask(client, is_stream)
    check_error(reply, status, client, f"Sorry, {status} it is.")
    assert t.asked() == ["first"], t.asked()


@group.each(["openai", "anthropic"])
def after_the_first_word_another_goes_on(lab, client):
    t = team(lab)
    t.script("first", answer_raw(stream_head() + chunk(beginning("openai") + one_word("openai", "begun "))))
    reply = t.ask(client, True)
    got = read(client, True, reply.body)
    assert reply.status == 200 and got.text == "begun second" and got.whole and not got.error, reply.text()
    assert t.asked() == ["first", "second"], t.asked()


@group.each(["openai", "anthropic"])
def after_the_first_word_of_the_only_offer_it_fails(lab, client):
    t = team(lab)
    t.script("first", answer_raw(stream_head() + chunk(beginning("openai") + one_word("openai", "begun "))))
    reply = t.ask(client, True, "alone")
    got = read(client, True, reply.body)
    assert reply.status == 200 and got.text == "begun " and got.error and not got.whole, reply.text()
    assert t.asked() == ["first"], t.asked()


@group.each(["openai", "anthropic"])
def an_error_as_the_first_event_gives_way(lab, client):
    t = team(lab)
    t.script("first", answer_stream([data({"error": {"message": "Overloaded", "type": "server_error"}})]))
    reply = t.ask(client, True)
    assert read(client, True, reply.body).text == "second", reply.text()
    assert t.asked() == ["first", "second"], t.asked()


@group.each(["openai", "anthropic"])
def a_client_that_leaves_ends_the_round(lab, client):
    t = team(lab)
    t.script("first", answer_raw(then="hang"))
    with t.gateway.wire() as wire:
        wire.send(request_bytes("POST", PATHS[client], json.dumps(ask(client, "fast")).encode()))
        wait_for(lambda: t.asked() == ["first"], 3, "the first to be asked")
    t.gateway.wait_idle()
    assert t.asked() == ["first"], f"others were asked for a client that is gone: {t.asked()}"
