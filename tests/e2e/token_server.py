"""A server of tokens as the clouds have them, on loopback: it looks at all that it gets, and counts what it grants.

    with_tokens = TokenServer(lab, {"/token": judge_of_assertions})     # a judge raises what is wrong
    with_tokens.granted                                                 # tokens, in the order in which they were given
"""

import asyncio
import base64
import ipaddress
import json
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from provider import http


class Refused(Exception):
    """What a judge raises to answer with an error of OAuth's."""

    def __init__(self, name: str, why: str, status: int = 400):
        super().__init__(why)
        self.body = {"error": name, "error_description": why}
        self.status = status


class KeyPair:
    """RSA, with a certificate of its own."""

    def __init__(self):
        self.key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "e2e")])
        now = datetime.now(timezone.utc)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        builder = builder.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        self.certificate = builder.sign(self.key, hashes.SHA256())

    @property
    def private_pem(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def form_of(request) -> dict[str, str]:
    """The fields of a form, each there once."""
    assert request.method == "POST", request.method
    assert request.header("content-type") == "application/x-www-form-urlencoded", request.headers
    fields = parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values()), fields
    return {name: values[0] for name, values in fields.items()}


def parts_of_jwt(token: str) -> list[dict]:
    """Header and claims, not verified."""
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


class TokenServer:
    def __init__(self, lab, judges: dict):
        self.judges = judges  # by path: judge(server, request) answers the body of a good answer
        self.granted: list[str] = []
        self.asked_at: list[float] = []
        self.life_s = 3600
        self.delay_s = 0.0
        self.broken: Refused | None = None
        self.refusal: tuple[int, bytes] | None = None  # answered as it is
        self.faults: list[str] = []
        self.provider = lab.provider(self._answer)

    @property
    def url(self) -> str:
        return self.provider.url

    def grant(self) -> str:
        self.granted.append(f"ya29.e2e-{len(self.granted)}-{time.monotonic_ns()}")
        return self.granted[-1]

    async def _answer(self, call) -> None:
        self.asked_at.append(time.monotonic())
        await asyncio.sleep(self.delay_s)
        path = call.request.target.split("?")[0]
        if self.refusal:
            return await call.send(http(*self.refusal, "text/xml"))
        try:
            if self.broken:
                raise self.broken
            said = self.judges[path](self, call.request)
        except Refused as refused:
            return await call.send(http(refused.status, json.dumps(refused.body).encode()))
        except Exception as error:  # what was sent is wrong
            self.faults.append(f"{path}: {error!r}")
            return await call.send(http(400, b'{"error":"invalid_request","error_description":"the judge refused"}'))
        await call.send(http(200, said if isinstance(said, bytes) else json.dumps(said).encode()))

    def oauth(self) -> dict:
        return {"access_token": self.grant(), "expires_in": self.life_s, "token_type": "Bearer"}
