"""TLS and HTTP/2, with other people's clients: curl, h2load, httpx."""

import json
import ssl
import subprocess

import httpx

from http_lab import DIALECTS, PATHS, body, shared, start
from http_wire import GOOD
from process import wait_for
from provider import Call, answer_stream, chunk, stream_head
from runner import Suite
from shapes import chat_chunk

group = Suite("h2")


def certificate(lab) -> tuple[str, str]:
    cert, key = lab.folder / "cert.pem", lab.folder / "key.pem"
    if not cert.exists():
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-keyout",
                str(key),
                "-out",
                str(cert),
            ],
            check=True,
            capture_output=True,
        )
    return str(cert), str(key)


def secure(lab):
    cert, key = certificate(lab)
    return lab.keep("tls", lambda: start(lab, {"server": {"tls_cert": cert, "tls_key": key}}))


def stream_of(count: int):
    return [chat_chunk({"content": "w"})] * count + [chat_chunk({}, "stop"), b"data: [DONE]\n\n"]


@group.each([("HTTP/2 by ALPN", True), ("HTTP/1.1 on TLS", False)])
def tls(lab, http2):
    gateway, provider = secure(lab)
    context = ssl.create_default_context(cafile=certificate(lab)[0])
    with httpx.Client(http2=http2, verify=context, base_url=f"https://127.0.0.1:{gateway.port}") as client:
        for dialect in DIALECTS:
            reply = client.post(PATHS[dialect], json=body(dialect))
            assert reply.status_code == 200 and reply.http_version == ("HTTP/2" if http2 else "HTTP/1.1"), reply
            assert reply.headers["x-request-id"]
        provider.script = answer_stream(stream_of(500))
        with client.stream("POST", PATHS["openai"], json=body("openai", stream=True)) as reply:
            assert b"".join(reply.iter_bytes()) == b"".join(stream_of(500))
        check = client.post(PATHS["openai"], content=b"{")
        assert check.status_code == 400 and check.json()["error"]["message"]


@group.each(DIALECTS)
def h2c_by_prior_knowledge(lab, dialect):
    gateway, provider = shared(lab)
    answer = subprocess.run(
        [
            "curl",
            "-sS",
            "--http2-prior-knowledge",
            "-w",
            "\n%{http_code} %{http_version}",
            "-H",
            "content-type: application/json",
            "-d",
            json.dumps(body(dialect)),
            gateway.base + PATHS[dialect],
        ],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout
    text, _, status = answer.rpartition("\n")
    assert status == "200 2", status
    assert "Fine." in text, text


@group.case(limit_s=60)
def many_streams_on_one_connection(lab):
    gateway, provider = shared(lab)
    provider.script = answer_stream(stream_of(50))
    result = subprocess.run(
        [
            "h2load",
            "-n",
            "300",
            "-c",
            "2",
            "-m",
            "50",
            "-d",
            str(write(lab, "ask.json", GOOD[:-1] + b', "stream": true}')),
            "-H",
            "content-type: application/json",
            gateway.base + PATHS["openai"],
        ],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    ).stdout
    assert "300 succeeded, 0 failed" in result and "300 2xx" in result, result
    gateway.wait_idle()


@group.case()
def a_reset_stream_stops_the_provider_and_no_other(lab):
    gateway, provider = shared(lab)

    async def endless(call: Call) -> None:
        await call.send(stream_head())
        while not await call.gone(0.02):
            await call.send(chunk(stream_of(1)[0]))

    provider.script = endless
    with httpx.Client(http2=True, http1=False, base_url=gateway.base) as client:
        with client.stream("POST", PATHS["openai"], json=body("openai", stream=True)) as kept:
            lines = kept.iter_lines()
            next(lines)
            with client.stream("POST", PATHS["openai"], json=body("openai", stream=True)) as left:
                next(left.iter_lines())
            wait_for(lambda: provider.calls[1].is_gone(), 3, "the provider's call of the reset stream to end")
            assert not provider.calls[0].is_gone(), "the other stream was cut too"
            for _ in range(5):
                next(lines)
    gateway.wait_idle()


def write(lab, name: str, data: bytes):
    path = lab.folder / name
    path.write_bytes(data)
    return path
