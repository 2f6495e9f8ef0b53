"""What an operator relies on: health, metrics, request ids, access log, reload, drain, and clean headers both ways."""

import json
import signal
import subprocess
import time

from http_lab import DIALECTS, PATHS, SECRET, body, check_error, neutral, providers, shared, start, with_keys
from lab import KEY
from process import wait_for
from provider import Call, answer, answer_stream, chunk, http, stream_head
from runner import Suite
from shapes import chat_chunk
from wire import Closed, request_bytes

group = Suite("service")
PROMPT = "the secret of the salt trade"
WORD = chat_chunk({"content": "w"})
END = chat_chunk({}, "stop") + b"data: [DONE]\n\n"


@group.case()
def health_and_readiness(lab):
    gateway, _ = with_keys(lab)
    for path in ("/healthz", "/readyz"):
        reply = gateway.call("GET", path)
        assert reply.status == 200 and reply.header("x-request-id"), reply  # no key asked
        check_error(gateway.call("POST", path, {}), 405, "openai")


@group.case()
def metrics_are_prometheus_text_and_count(lab):
    gateway, _ = start(lab)
    before = gateway.metrics()
    for dialect in DIALECTS:
        for _ in range(3):
            assert gateway.call("POST", PATHS[dialect], body(dialect)).status == 200
    gateway.call("POST", PATHS["openai"], b"{")
    after = gateway.metrics()
    reply = gateway.call("GET", "/metrics")
    assert (reply.header("content-type") or "").startswith("text/plain"), reply.headers

    def total(values: dict, *marks: str) -> float:
        return sum(value for name, value in values.items() if all(mark in name for mark in marks))

    ok = ("hanse_requests_total", 'status="200"')
    assert total(after, *ok) - total(before, *ok) == 6, {
        name: value for name, value in after.items() if "requests_total" in name
    }
    assert (
        total(after, "hanse_requests_total", 'status="400"') - total(before, "hanse_requests_total", 'status="400"')
        == 1
    )
    assert total(after, "hanse_errors_total", "bad_request") >= 1
    assert total(after, "token_usage", '"input"') == 18 and total(after, "token_usage", '"output"') == 12
    assert total(after, "time_to_first_token", "_count") == 6 and total(after, "request_duration_seconds_count") >= 6
    text = reply.text()
    assert "process_resident_memory_bytes" in text and "process_open_fds" in text
    gateway.wait_idle()


@group.case()
def every_answer_has_a_request_id_of_its_own(lab):
    gateway, _ = with_keys(lab)
    key = {"authorization": f"Bearer {SECRET}"}
    seen = []
    for method, path, data, headers in (
        ("GET", "/healthz", None, {}),
        ("GET", "/metrics", None, {}),
        ("GET", "/nothing", None, {}),
        ("POST", PATHS["openai"], b"{", key),
        ("POST", PATHS["openai"], body("openai"), {}),
        ("POST", PATHS["openai"], body("openai"), key),
        ("GET", "/v1/models", None, key),
        ("POST", PATHS["anthropic"], body("anthropic"), key),
        ("PUT", PATHS["anthropic"], {}, key),
    ):
        reply = gateway.call(method, path, data, headers)
        assert reply.header("x-request-id"), (method, path, reply.status, reply.headers)
        seen.append(reply.header("x-request-id"))
        if path == PATHS["anthropic"]:
            assert reply.header("request-id") == seen[-1], "Anthropic's SDK reads request-id"
    assert len(set(seen)) == len(seen), seen
    with gateway.wire() as wire:
        wire.send(b"GET / HTTP/1.1\r\nbad header\r\n\r\n")
        assert wire.read_reply().header("x-request-id"), "refused by the parser, and yet an answer"


# -- the access log
def logged(path, count: int) -> list[dict]:
    def read():
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        lines = [line for line in lines if line["path"] != "/metrics"]  # the harness itself looks there
        return lines if len(lines) >= count else None

    return wait_for(read, 5, f"{count} lines in the access log")


@group.case()
def one_json_object_a_request_and_no_secret(lab):
    path = lab.folder / "access.log"
    gateway, provider = start(
        lab, {"log": {"access": str(path)}, "client": {"alice": {"key_env": "ALICE_KEY"}}}, env={"ALICE_KEY": SECRET}
    )
    key = {"authorization": f"Bearer {SECRET}"}
    asked = body("openai", messages=[{"role": "user", "content": PROMPT}])
    good = gateway.call("POST", PATHS["openai"], asked, key)
    gateway.call(
        "POST", PATHS["anthropic"], body("anthropic", "openai", messages=[{"role": "user", "content": PROMPT}]), key
    )
    gateway.call("POST", PATHS["openai"], b'{"' + PROMPT.encode(), key)
    gateway.call("POST", PATHS["openai"], asked, {"authorization": "Bearer sk-wrong-key"})
    gateway.call("GET", "/v1/nothing?token=" + SECRET + "&q=%0Ainjected", None, key)
    lines = logged(path, 5)
    by_status = {line["status"]: line for line in lines}
    assert sorted(line["status"] for line in lines) == [200, 200, 400, 401, 404], lines
    first = lines[0]
    assert first["request_id"] == good.header("x-request-id") and first["offer"] == "openai/m", first
    assert first["client"] == "alice" and first["method"] == "POST" and first["path"] == PATHS["openai"], first
    assert by_status[400]["error"] == "bad_request" and by_status[401]["error"] == "unauthenticated", lines
    text = path.read_text() + gateway.stderr_text() + "\n".join(gateway.lines)
    for secret in (PROMPT, SECRET, KEY, "sk-wrong-key", "Fine."):
        assert secret not in text, f"{secret!r} is in a log: ...{text[max(0, text.index(secret) - 100) :][:200]}"


@group.case()
def stderr_and_off(lab):
    for access in ("stderr", "off"):
        gateway, _ = start(lab, {"log": {"access": access}})
        reply = gateway.call("POST", PATHS["openai"], body("openai"))
        found = reply.header("x-request-id")
        if access == "stderr":
            wait_for(lambda: found in gateway.stderr_text(), 5, "the access line on stderr")
            line = next(line for line in gateway.stderr_text().splitlines() if found in line)
            assert json.loads(line)["status"] == 200
        lab.stop(gateway)
        assert access == "stderr" or found not in gateway.stderr_text()


# -- reload
def reloads(gateway) -> tuple[float, float]:
    values = gateway.metrics()
    return values.get("hanse_config_reloads_total", 0), values.get("hanse_config_reloads_refused_total", 0)


@group.case()
def a_good_config_is_taken_and_a_bad_one_refused(lab):
    gateway, provider = start(lab)
    listen = {"server": {"listen": f"127.0.0.1:{gateway.port}"}}
    config = {**listen, "provider": providers(provider)}
    assert gateway.chat({**body("openai"), "model": "fast"}).status == 404
    gateway.write_config({**config, "model": {"fast": {"offers": ["openai/m"]}}})
    gateway.signal(signal.SIGHUP)
    wait_for(
        lambda: gateway.chat({**body("openai"), "model": "fast"}).status == 200, 5, "the new config to be in force"
    )
    assert reloads(gateway)[0] >= 1
    for bad in ('[provider.openai]\nkind = "wizardry"\n', "[[[", '[model.fast]\nofers = ["openai/m"]\n'):
        refused = reloads(gateway)[1]
        gateway.write_config(bad)
        gateway.signal(signal.SIGHUP)
        wait_for(lambda: reloads(gateway)[1] > refused, 5, f"{bad!r} to be refused")
        assert gateway.chat({**body("openai"), "model": "fast"}).status == 200, "the old config must stay in force"
    assert "offers" in gateway.stderr_text() and "line" in gateway.stderr_text(), gateway.tail()


@group.case()
def a_reload_takes_the_limits_over(lab):
    gateway, provider = start(lab)
    config = {"server": {"listen": f"127.0.0.1:{gateway.port}"}, "provider": providers(provider)}
    long = "/nothing?" + "a" * 5000
    large = body("openai", messages=[{"role": "user", "content": "x" * 5000}])
    assert gateway.call("GET", long).status == 404 and gateway.chat(large).status == 200
    gateway.write_config({**config, "limits": {"target_bytes": 2000, "body_bytes": 4096}})
    gateway.signal(signal.SIGHUP)
    wait_for(lambda: gateway.call("GET", long).status == 414, 5, "the new limit of heads to be in force")
    wait_for(lambda: gateway.chat(large).status == 413, 5, "the new limit of bodies to be in force")


@group.case()
def a_reload_cuts_no_stream(lab):
    gateway, provider = start(lab)
    wire, head, pieces = endless_stream(gateway, provider)
    gateway.write_config(
        {
            "server": {"listen": f"127.0.0.1:{gateway.port}"},
            "provider": {"openai": {"kind": "openai-compatible", "url": "http://127.0.0.1:9/v1"}},
        }
    )
    gateway.signal(signal.SIGHUP)
    wait_for(lambda: reloads(gateway)[0] >= 1, 5, "the reload")
    for _ in range(10):
        assert WORD in next(pieces)
    wire.close()
    gateway.wait_idle()


def endless_stream(gateway, provider, words: int = 10**9):
    """A stream that goes on slowly, and its first word read."""

    async def endless(call: Call) -> None:
        await call.send(stream_head())
        for _ in range(words):
            await call.send(chunk(WORD))
            if await call.gone(0.02):
                return
        await call.send(chunk(END) + b"0\r\n\r\n")

    provider.script = endless
    wire, head = gateway.open_stream(PATHS["openai"], body("openai", stream=True))
    assert head.status == 200, head
    pieces = wire.chunks(head)
    assert WORD in next(pieces)
    return wire, head, pieces


# -- drain
@group.case()
def sigterm_finishes_what_has_begun(lab):
    gateway, provider = start(lab, {"limits": {"drain": "10000ms"}})
    wire, head, pieces = endless_stream(gateway, provider, 60)
    gateway.signal(signal.SIGTERM)
    wait_for(lambda: not accepts(gateway), 5, "new connections to be refused")
    assert gateway.alive(), "it ended with a stream open"
    rest = b"".join(pieces)
    assert head.complete and rest.endswith(END), f"the stream was cut: {rest[-200:]!r}"
    assert gateway.wait_end(5) == 0


def accepts(gateway) -> bool:
    try:
        with gateway.wire(limit_s=2) as wire:
            wire.send(b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n")
            return wire.read_reply("GET").status == 200
    except (OSError, Closed):
        return False


@group.case()
def the_drain_limit_ends_what_does_not_end(lab):
    gateway, provider = start(lab, {"limits": {"drain": "500ms"}})
    wire, head, pieces = endless_stream(gateway, provider)
    begin = time.monotonic()
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_end(5) == 0
    assert 0.4 < time.monotonic() - begin < 3
    rest = b"".join(pieces)
    assert b"[DONE]" not in rest and b'"finish_reason": "stop"' not in rest, "a cut stream looks whole"


@group.case()
def an_idle_server_ends_at_once(lab):
    gateway, _ = start(lab)
    with gateway.wire() as wire:  # an idle connection must not hold the end up
        wire.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        wire.read_reply("GET")
        gateway.signal(signal.SIGTERM)
        assert gateway.wait_end(3) == 0


# -- headers that must not travel
@group.each([f"{dialect} to {to}" for dialect in DIALECTS for to in DIALECTS])
def nothing_of_the_clients_own_reaches_the_provider(lab, way):
    dialect, _, to = way.partition(" to ")
    gateway, provider = with_keys(lab)
    private = {
        "authorization": f"Bearer {SECRET}",
        "x-api-key": SECRET,
        "cookie": "private-cookie",
        "connection": "keep-alive, x-private",
        "x-private": "private-header",
        "keep-alive": "timeout=987",
        "te": "trailers",
        "proxy-authorization": "Basic private-proxy",
        "upgrade": "private-protocol",
        "x-forwarded-for": "10.98.76.54",
        "x-stainless-lang": "private-language",
        "x-hanse-strict": "false",
        "user-agent": "private-agent/1",
    }
    assert gateway.call("POST", PATHS[dialect], body(dialect, to), private).status == 200
    head = provider.last().head.decode("latin-1").lower()
    for name, value in private.items():
        allowed = name in ("authorization", "x-api-key", "connection", "user-agent")
        assert allowed or f"\r\n{name}:" not in head, f"'{name}' reached the provider:\n{head}"
        assert value.lower() not in head, f"{name}'s value reached the provider:\n{head}"
    assert SECRET.lower() not in head
    sent = provider.last().header("authorization") or provider.last().header("x-api-key")
    assert sent in (KEY, f"Bearer {KEY}"), head
    assert provider.last().header("host") == f"127.0.0.1:{provider.port}", head
    assert len(provider.last().header_all("content-length")) == 1 and not provider.last().header("transfer-encoding")


@group.case()
def the_vendors_switches_travel_in_their_dialect(lab):
    gateway, provider = shared(lab)
    switches = {"anthropic-version": "2026-10-21", "anthropic-beta": "context-1m-2025-08-07"}
    assert gateway.call("POST", PATHS["anthropic"], body("anthropic"), switches).status == 200
    for name, value in switches.items():
        assert provider.last().header_all(name) == [value], provider.last().headers
    assert gateway.call("POST", PATHS["openai"], body("openai", "anthropic")).status == 200
    assert provider.last().header("anthropic-version"), "Anthropic's API refuses a request without a version"


@group.case()
def nothing_private_of_the_provider_reaches_the_client(lab):
    gateway, provider = shared(lab)

    async def chatty(call: Call) -> None:
        plain = http(
            200,
            b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
            b'{"role":"assistant","content":"Fine."},"finish_reason":"stop"}]}',
            headers={
                "set-cookie": "a=b",
                "keep-alive": "timeout=5",
                "connection": "keep-alive, x-hop",
                "x-hop": "1",
                "server": "vendor/1",
                "x-request-id": "req-of-the-provider",
                "alt-svc": 'h3=":443"',
            },
        )
        await call.send(plain)

    provider.script = chatty
    reply = gateway.call("POST", PATHS["openai"], body("openai"))
    names = {name for name, _ in reply.headers}
    assert not names & {"set-cookie", "keep-alive", "x-hop", "alt-svc"}, names
    assert reply.header("x-request-id") != "req-of-the-provider", "Hanse's own id must stand there"


@group.each([301, 302, 303, 307, 308])
def redirects_are_not_followed(lab, status):
    gateway, provider = shared(lab)
    trap = lab.keep("trap", lambda: lab.provider(neutral))
    provider.script = answer(status, b"", headers={"location": f"{trap.url}/v1/chat/completions"})
    for dialect in DIALECTS:
        reply = gateway.call("POST", PATHS["openai"], body("openai", dialect))
        check_error(reply, (500, 502, 503), "openai")
        assert reply.header("location") is None, reply.headers
    assert not trap.requests, "the redirect was followed"


@group.case()
def a_stream_ends_with_its_framing(lab):
    """The last chunk must come with the last event, or clients wait for the connection to end."""
    gateway, provider = shared(lab)
    provider.script = answer_stream([WORD, END])
    with gateway.wire() as wire:
        for _ in range(3):
            wire.send(request_bytes("POST", PATHS["openai"], json.dumps(body("openai", stream=True)).encode()))
            reply = wire.read_reply()
            assert reply.complete and reply.body == WORD + END and "event-stream" in reply.header("content-type"), reply


@group.each(["chekc", "dance"])
def a_verb_that_is_none_is_named(lab, verb):
    hint = {"chekc": "did you mean 'check'", "dance": "serve, check, models, sim, docs, version"}[verb]
    done = subprocess.run([str(lab.binary), verb, "-c", "x"], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2 and f"no verb '{verb}'" in done.stderr and hint in done.stderr, done.stderr


@group.each(["serve", "sim"])
def a_port_that_is_taken_is_said_so(lab, verb):
    gateway, _ = shared(lab)
    port = str(gateway.port)
    arguments = {"serve": ["serve", "--listen", f"127.0.0.1:{port}"], "sim": ["sim", "--echo", port]}
    done = subprocess.run(
        [str(lab.binary), *arguments[verb]], capture_output=True, text=True, timeout=10, cwd=lab.folder, check=False
    )
    assert done.returncode == 1 and f"127.0.0.1:{gateway.port}" in done.stderr, done.stderr
    assert "already in use" in done.stderr, done.stderr
