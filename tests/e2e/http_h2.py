"""TLS and HTTP/2, with other people's clients: curl, h2load, httpx."""

import json
import socket
import ssl
import subprocess

import h2.connection
import httpx
from h2.errors import ErrorCodes
from h2.events import DataReceived, StreamEnded

from http_lab import DIALECTS, PATHS, body, neutral, shared, start
from http_wire import GOOD
from process import wait_for
from provider import Call, answer_stream, chunk, stream_head
from runner import Suite
from shapes import chat_chunk

group = Suite("h2")


class H2Client:
    """By hand, because the usual clients never send RST_STREAM."""

    def __init__(self, port: int):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.connection = h2.connection.H2Connection()
        self.connection.initiate_connection()
        self.received: dict[int, bytes] = {}
        self.ended: set[int] = set()
        self._flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def _flush(self) -> None:
        self.sock.sendall(self.connection.data_to_send())

    def post(self, path: str, value: dict) -> int:
        stream = self.connection.get_next_available_stream_id()
        head = [(":method", "POST"), (":scheme", "http"), (":authority", "x"), (":path", path)]
        self.connection.send_headers(stream, [*head, ("content-type", "application/json")])
        self.connection.send_data(stream, json.dumps(value).encode(), end_stream=True)
        self.received[stream] = b""
        self._flush()
        return stream

    def reset(self, stream: int) -> None:
        self.connection.reset_stream(stream, ErrorCodes.CANCEL)
        self._flush()

    def read_until(self, done) -> None:
        while not done():
            data = self.sock.recv(65536)
            assert data, "the server closed the connection"
            for event in self.connection.receive_data(data):
                if isinstance(event, DataReceived):
                    self.received[event.stream_id] += event.data
                    self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, StreamEnded):
                    self.ended.add(event.stream_id)
            self._flush()


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
    provider.script = neutral
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
    with H2Client(gateway.port) as client:
        kept, left = (client.post(PATHS["openai"], body("openai", stream=True)) for _ in range(2))
        client.read_until(lambda: client.received[kept] and client.received[left])
        client.reset(left)
        wait_for(lambda: provider.calls[1].is_gone(), 3, "the provider's call of the reset stream to end")
        assert not provider.calls[0].is_gone(), "the other stream was cut too"
        before = len(client.received[kept])
        client.read_until(lambda: len(client.received[kept]) > before + 1000)
    gateway.wait_idle()


def write(lab, name: str, data: bytes):
    path = lab.folder / name
    path.write_bytes(data)
    return path
