"""Tokens of Microsoft Entra: what is posted is what azure-identity posts for the same credential."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

from azure.core.pipeline.transport import RequestsTransport
from azure.identity import CertificateCredential, ClientSecretCredential, WorkloadIdentityCredential
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from http_doors import CHAT
from http_tokens import PAIR, check
from provider import http
from replay import NEUTRAL_REPLY
from runner import Suite
from token_server import KeyPair, TokenServer, form_of, parts_of_jwt

group = Suite("entra")
TENANT, CLIENT = "11111111-aaaa-bbbb-cccc-222222222222", "33333333-dddd-eeee-ffff-444444444444"
SECRET, FEDERATED = "e2e~secret/+=&", "federated.e2e-token"
SCOPE = "https://cognitiveservices.azure.com/.default"
PATH = f"/{TENANT}/oauth2/v2.0/token"
IMDS, APP_SERVICE = "/metadata/identity/oauth2/token", "/msi/token"
ASKED = {"model": "azure/gpt", "messages": [{"role": "user", "content": "Hello"}]}


class Redirected(RequestsTransport):
    """To a server on loopback instead of Microsoft's."""

    def __init__(self, base: str):
        super().__init__()
        self.base = base

    def send(self, request, **options):
        request.url = self.base + "/" + request.url.partition("://")[2].partition("/")[2]
        return super().send(request, **options)


def peers_server(lab):
    """Answers azure-identity well, and keeps what it posts."""

    async def script(call) -> None:
        where = f"https://login.microsoftonline.com/{TENANT}"
        found = {"issuer": f"{where}/v2.0", "token_endpoint": f"{where}/oauth2/v2.0/token"}
        found["authorization_endpoint"] = f"{where}/oauth2/v2.0/authorize"
        token = {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
        await call.send(http(200, json.dumps(found if call.request.method == "GET" else token).encode()))

    return lab.provider(script)


def of_peer(server, make) -> dict:
    """What azure-identity posts for the credential that make(transport=...) is."""
    server.peer.reset_log()
    credential = make(transport=Redirected(server.peer.url), disable_instance_discovery=True)
    assert credential.get_token(SCOPE).token == "t"
    posted = [request for request in server.peer.requests if request.method == "POST"]
    assert [request.target for request in posted] == [PATH], posted
    return form_of(posted[0])


def same_as_peer(server, form: dict, make) -> tuple[dict, dict] | None:
    """Where both send an assertion, theirs and ours are compared by the caller."""
    data = of_peer(server, make)
    differ = {name for name in {*form, *data} if form.get(name) != data.get(name)} - {"client_info"}
    assert differ <= {"client_assertion"}, f"ours {form}, azure-identity's {data}"
    return (form, data) if differ else None


def judge_secret(server, request) -> dict:
    form = form_of(request)
    assert form["client_secret"] == SECRET and form["scope"] == SCOPE, form
    same_as_peer(server, form, lambda **how: ClientSecretCredential(TENANT, CLIENT, SECRET, **how))
    return server.oauth()


def verified(token: str, pair: KeyPair) -> dict:
    text, _, signature = token.rpartition(".")
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    key = pair.certificate.public_key()
    key.verify(base64.urlsafe_b64decode(signature + "=="), text.encode(), pss, hashes.SHA256())
    header, claims = parts_of_jwt(token)
    thumbprint = base64.urlsafe_b64encode(pair.certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    assert header == {"typ": "JWT", "alg": "PS256", "x5t#S256": thumbprint}, header
    return claims


def judge_certificate(server, request) -> dict:
    form = form_of(request)
    claims = verified(form["client_assertion"], PAIR)
    assert claims["aud"] == server.url + PATH and claims["iss"] == claims["sub"] == CLIENT, claims
    assert abs(claims["nbf"] - time.time()) < 30 and claims["exp"] - claims["nbf"] == 600, claims
    pem = (PAIR.certificate_pem + PAIR.private_pem).encode()
    both = same_as_peer(server, form, lambda **how: CertificateCredential(TENANT, CLIENT, certificate_data=pem, **how))
    _, peers = parts_of_jwt(both[1]["client_assertion"])  # its header is the older kind, which Entra still takes
    assert set(peers) | {"nbf"} == set(claims), f"ours {claims}, azure-identity's {peers}"
    assert claims["jti"] not in server.seen, "a token's id is used once"
    server.seen.add(claims["jti"])
    return server.oauth()


def judge_workload(server, request) -> dict:
    form = form_of(request)
    assert form["client_assertion"] == FEDERATED, form

    def make(**how):
        return WorkloadIdentityCredential(tenant_id=TENANT, client_id=CLIENT, token_file_path=server.file, **how)

    same_as_peer(server, form, make)
    return server.oauth()


def judge_machine(server, request) -> dict:
    parts = urlsplit(request.target)
    query = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
    assert query.pop("resource") == "https://cognitiveservices.azure.com" and request.method == "GET", request.target
    hosted = parts.path == APP_SERVICE
    assert request.header("x-identity-header" if hosted else "metadata") == ("e2e-header" if hosted else "true")
    assert query.pop("api-version") == ("2019-08-01" if hosted else "2018-02-01"), request.target
    assert query == ({"client_id": CLIENT} if server.named else {}), query
    ends = str(int(time.time()) + server.life_s)
    return {"access_token": server.grant(), "expires_on": ends, "resource": "r", "token_type": "Bearer"}


class Scene:
    def __init__(self, lab, judge=None):
        self.lab = lab
        self.tokens = TokenServer(lab, {PATH: judge, IMDS: judge_machine, APP_SERVICE: judge_machine})
        self.tokens.seen, self.tokens.named, self.tokens.peer = set(), False, peers_server(lab)
        self.provider = lab.provider(self._answer)
        self.env = {"HOME": "/nowhere", "AZURE_AUTHORITY_HOST": self.tokens.url}

    async def _answer(self, call) -> None:
        good = call.request.header("authorization") == f"Bearer {(self.tokens.granted or ['none'])[-1]}"
        good = good and call.request.header("api-key") is None
        said = NEUTRAL_REPLY["openai"] if good else {"error": {"message": "no", "code": "401"}}
        await call.send(http(200 if good else 401, json.dumps(said).encode()))

    def hanse(self, env: dict, **more):
        of = {"kind": "azure-openai", "url": f"{self.provider.url}/openai/v1", "models": ["gpt"], **more}
        return self.lab.hanse({"provider": {"azure": of}}, env={**self.env, **env})

    def check_granted(self, env: dict, **more):
        gateway = self.hanse(env, **more)
        for _ in range(2):
            reply = gateway.call("POST", CHAT, ASKED)
            assert reply.status == 200, f"{reply.text()} {self.tokens.faults}"
        assert not self.tokens.faults and len(self.tokens.asked_at) == 1, (self.tokens.faults, self.tokens.asked_at)
        shown = gateway.call("GET", "/metrics").text() + gateway.stderr_text()
        secrets = [SECRET, FEDERATED, "e2e-header", PAIR.private_pem.split("\n")[3], *self.tokens.granted]
        assert not [each for each in secrets if each in shown], shown
        self.lab.stop(gateway)
        return gateway


IDS = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT}


@group.case()
def a_client_secret_is_posted_as_azure_identity_does(lab):
    Scene(lab, judge_secret).check_granted({**IDS, "AZURE_CLIENT_SECRET": SECRET})


@group.case()
def a_certificate_signs_as_azure_identity_does(lab):
    path = lab.folder / "entra.pem"
    path.write_text(PAIR.private_pem + PAIR.certificate_pem)
    Scene(lab, judge_certificate).check_granted({**IDS, "AZURE_CLIENT_CERTIFICATE_PATH": str(path)})
    Scene(lab, judge_certificate).check_granted(IDS, credentials_file=str(path))


@group.case()
def a_workload_identity_sends_its_file(lab):
    scene = Scene(lab, judge_workload)
    path = lab.folder / "federated"
    path.write_text(FEDERATED + "\n")
    scene.tokens.file = str(path)
    scene.check_granted({**IDS, "AZURE_FEDERATED_TOKEN_FILE": str(path)})


@group.case()
def a_managed_identity_is_asked_only_when_the_config_says_so(lab):
    for hosted in (False, True):
        for named in (False, True):
            scene = Scene(lab)
            scene.tokens.named = named
            env = {"AZURE_CLIENT_ID": CLIENT} if named else {}
            env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:1" if hosted else scene.tokens.url
            if hosted:
                env |= {"IDENTITY_ENDPOINT": scene.tokens.url + APP_SERVICE, "IDENTITY_HEADER": "e2e-header"}
            scene.check_granted(env, metadata=True)
            gateway = scene.hanse(env)
            assert gateway.call("POST", CHAT, ASKED).status == 401
            assert len(scene.tokens.asked_at) == 1, "it was asked without leave"


@group.case()
def the_list_of_models_is_asked_for_with_a_token(lab):
    scene = Scene(lab, judge_secret)

    async def script(call) -> None:
        good = call.request.header("authorization") == f"Bearer {(scene.tokens.granted or ['none'])[-1]}"
        await call.send(http(200, b'{"data":[{"id":"my-gpt"}]}') if good else http(401, b"{}"))

    scene.provider.models_too, scene.provider.script = True, script
    of = {"kind": "azure-openai", "url": f"{scene.provider.url}/openai/v1"}
    env = {**scene.env, **IDS, "AZURE_CLIENT_SECRET": SECRET}
    gateway = lab.hanse({"provider": {"azure": of}}, env=env)
    listed = gateway.call("GET", "/v1/models").json()["data"]
    assert [model["id"] for model in listed] == ["my-gpt"], listed
    assert len(scene.tokens.asked_at) == 1


@group.case()
def an_api_key_is_preferred(lab):
    scene = Scene(lab, judge_secret)
    gateway = scene.hanse({**IDS, "AZURE_CLIENT_SECRET": SECRET, "AZURE_OPENAI_API_KEY": "e2e-azure-key"})
    gateway.call("POST", CHAT, ASKED)
    assert scene.provider.last().header("api-key") == "e2e-azure-key"
    assert scene.provider.last().header("authorization") is None and not scene.tokens.asked_at


@group.case()
def check_names_the_source_of_entras_tokens(lab):
    table = '[provider.azure-openai]\nresource = "r"\n'
    full = {**IDS, "AZURE_CLIENT_SECRET": SECRET}
    code, said = check(lab, table, full)
    assert code == 0 and "tokens of Entra by AZURE_CLIENT_SECRET" in said and SECRET not in said, said
    code, said = check(lab, table, {**IDS, "AZURE_FEDERATED_TOKEN_FILE": "/var/token"})
    assert code == 0 and "tokens of Entra by the workload identity in /var/token" in said, said
    code, said = check(lab, table + "metadata = true\n")
    assert code == 0 and "tokens of Entra by the machine's managed identity" in said, said
    code, said = check(lab, table)
    assert "neither a key (AZURE_OPENAI_API_KEY is not set) nor Entra's credentials" in said, said
    for env, words in (
        ({**full, "AZURE_TENANT_ID": ""}, "AZURE_CLIENT_SECRET is set, and AZURE_TENANT_ID is not"),
        ({**full, "AZURE_CLIENT_ID": ""}, "AZURE_CLIENT_SECRET is set, and AZURE_CLIENT_ID is not"),
        ({**full, "AZURE_TENANT_ID": "../x"}, "AZURE_TENANT_ID: wanted letters"),
        ({**full, "AZURE_AUTHORITY_HOST": "http://login.example"}, "has no TLS"),
        ({**IDS, "AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere/c.pem"}, "/nowhere/c.pem: "),
    ):
        code, said = check(lab, table, env)
        assert code != 0 and words in said and SECRET not in said, said
    path = lab.folder / "half.pem"
    for text, words in ((PAIR.private_pem, "no PEM CERTIFICATE"), (PAIR.certificate_pem, "no PEM PRIVATE KEY")):
        path.write_text(text)
        code, said = check(lab, f'{table}credentials_file = "{path}"\n', IDS)
        assert code != 0 and words in said, said
