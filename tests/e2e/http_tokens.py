"""Tokens that are fetched: what Google's servers are asked, judged by google-auth; when, how often, and what if not."""

import http.server
import json
import ssl
import subprocess
import threading
import time
from urllib.parse import parse_qsl, quote

from google.auth import jwt
from http_doors import CHAT, body
from http_google import ASKED
from process import wait_for
from provider import answer
from provider import http as reply_bytes
from runner import Suite
from token_server import KeyPair, Refused, TokenServer, form_of

group = Suite("tokens")
MODEL = "gemini-2.5-flash"
EMAIL = "robot@project-of-file.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TARGET = f"/v1beta/models/{MODEL}:generateContent"
AT_VERTEX = f"/v1/projects/project-of-file/locations/europe-west4/publishers/google/models/{MODEL}:generateContent"
ANSWER = {
    "candidates": [{"content": {"parts": [{"text": "Hello"}], "role": "model"}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 2, "totalTokenCount": 6},
    "modelVersion": MODEL,
}
PAIR = KeyPair()
REFRESH, CLIENT_SECRET, SUBJECT = "1//e2e-refresh-token", "GOCSPX-e2e-secret", "subject.e2e-token"


def judge_assertion(server, request) -> dict:
    form = form_of(request)
    assert set(form) == {"grant_type", "assertion"}, form
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer", form
    audience = f"{server.url}/token"
    claims = jwt.decode(form["assertion"], certs=PAIR.certificate_pem, audience=audience)
    assert set(claims) == {"iss", "scope", "aud", "iat", "exp"}, claims
    assert claims["iss"] == EMAIL and claims["scope"] == SCOPE, claims
    assert claims["exp"] - claims["iat"] == 3600 and abs(claims["iat"] - time.time()) < 30, claims
    header = jwt.decode_header(form["assertion"])
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "key-7"}, header
    return server.oauth()


def judge_refresh(server, request) -> dict:
    wanted = {"client_id": "client.e2e", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH}
    assert form_of(request) == {"grant_type": "refresh_token", **wanted}, request.body
    return server.oauth()


def judge_exchange(server, request) -> dict:
    form = form_of(request)
    assert form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "scope": SCOPE,
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "subject_token": SUBJECT,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    }, form
    return server.oauth()


def judge_impersonation(server, request) -> dict:
    assert request.header("authorization") == f"Bearer {server.granted[-1]}", request.headers
    assert request.json() == {"delegates": [], "scope": [SCOPE], "lifetime": "3600s"}, request.body
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + server.life_s))
    return {"accessToken": server.grant(), "expireTime": ends}


def judge_metadata(server, request) -> dict:
    assert request.method == "GET" and not request.body, request
    assert request.header("metadata-flavor") == "Google", request.headers
    return server.oauth()


IMPERSONATION = "/v1/projects/-/serviceAccounts/robot:generateAccessToken"
METADATA = "/computeMetadata/v1/instance/service-accounts/default/token"
JUDGES = {
    "/token": judge_assertion,
    "/user": judge_refresh,
    "/sts": judge_exchange,
    IMPERSONATION: judge_impersonation,
    METADATA: judge_metadata,
}


class Scene:
    """A token server, a provider that takes only its tokens, and the files of Google's three kinds."""

    def __init__(self, lab):
        self.lab = lab
        self.tokens = TokenServer(lab, JUDGES)
        self.refuses: set[str] = set()
        self.provider = lab.provider(self._answer)
        self.env = {"HOME": str(lab.folder)}

    async def _answer(self, call) -> None:
        token = (call.request.header("authorization") or "").removeprefix("Bearer ")
        good = token in self.tokens.granted and token not in self.refuses
        said = ANSWER if good else {"error": {"code": 401, "message": "bad token", "status": "UNAUTHENTICATED"}}
        await call.send(reply_bytes(200 if good else 401, json.dumps(said).encode()))

    def file(self, kind: str, **more) -> str:
        source = self.lab.folder / "subject.json"
        source.write_text(json.dumps({"id_token": SUBJECT}))
        of = {
            "service_account": {
                "project_id": "project-of-file",
                "private_key_id": "key-7",
                "private_key": PAIR.private_pem,
                "client_email": EMAIL,
                "token_uri": f"{self.tokens.url}/token",
            },
            "authorized_user": {
                "client_id": "client.e2e",
                "client_secret": CLIENT_SECRET,
                "refresh_token": REFRESH,
                "token_uri": f"{self.tokens.url}/user",
            },
            "external_account": {
                "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "token_url": f"{self.tokens.url}/sts",
                "credential_source": {
                    "file": str(source),
                    "format": {"type": "json", "subject_token_field_name": "id_token"},
                },
            },
        }[kind]
        path = self.lab.folder / f"{kind}-{len(self.lab.programs)}.json"
        path.write_text(json.dumps({"type": kind, **of, **more}))
        return str(path)

    def vertex(self, **more) -> dict:
        of = {"kind": "vertex", "url": self.provider.url, "location": "europe-west4", "models": [MODEL]}
        return {**of, **more}

    def hanse(self, more: dict | None = None, env: dict | None = None, **tables):
        providers = {"vertex": self.vertex(**(more or {})), **tables.pop("provider", {})}
        return self.lab.hanse({"provider": providers, **tables}, env={**self.env, **(env or {})})

    def check_granted(self, gateway, count: int = 1) -> None:
        reply = gateway.call("POST", TARGET, ASKED)
        assert reply.status == 200 and reply.json() == ANSWER, f"{reply.text()} {self.tokens.faults}"
        assert not self.tokens.faults, self.tokens.faults
        assert len(self.tokens.granted) == count, self.tokens.granted


@group.case()
def a_service_account_signs_for_its_token(lab):
    scene = Scene(lab)
    path = scene.file("service_account")
    for more, env in (({"credentials_file": path}, {}), ({}, {"GOOGLE_APPLICATION_CREDENTIALS": path})):
        scene.tokens.granted.clear()
        gateway = scene.hanse(more, env)
        for _ in range(3):
            scene.check_granted(gateway)
        assert scene.provider.last().target == AT_VERTEX, scene.provider.last().target
        reply = gateway.call("POST", CHAT, body(f"vertex/{MODEL}"))
        assert reply.status == 200 and reply.json()["choices"][0]["message"]["content"] == "Hello", reply.text()
        assert len(scene.tokens.granted) == 1, "the token is kept"


class TlsTokens(http.server.BaseHTTPRequestHandler):
    """Grants to whoever comes by TLS."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
        jwt.decode(form["assertion"], certs=PAIR.certificate_pem, audience=self.server.audience)
        said = json.dumps(self.server.tokens.oauth()).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


@group.case()
def a_token_is_fetched_by_tls_from_a_server_that_is_verified(lab):
    scene = Scene(lab)
    pem = lab.folder / "token-server.pem"
    pem.write_text(PAIR.private_pem + PAIR.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), TlsTokens) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.tokens, server.audience = scene.tokens, f"https://127.0.0.1:{server.server_address[1]}/token"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        path = scene.file("service_account", token_uri=server.audience)
        scene.check_granted(scene.hanse({"credentials_file": path}, {"SSL_CERT_FILE": str(pem)}))
        stranger = scene.hanse({"credentials_file": path}, {"SSL_CERT_FILE": "/dev/null"})
        reply = stranger.call("POST", TARGET, ASKED)
        assert reply.status == 502 and "certificate" in reply.text(), reply.text()
        server.shutdown()


@group.case()
def a_user_and_a_federated_workload_get_theirs(lab):
    scene = Scene(lab)
    user = scene.file("authorized_user", quota_project_id="project-of-quota")
    scene.check_granted(scene.hanse({"credentials_file": user}))
    assert scene.provider.last().header("x-goog-user-project") == "project-of-quota"
    assert scene.provider.last().target.startswith("/v1/projects/project-of-quota/")
    external = scene.file("external_account")
    scene.tokens.granted.clear()
    scene.check_granted(scene.hanse({"credentials_file": external, "project": "p"}))
    scene.tokens.granted.clear()
    acting = scene.file("external_account", service_account_impersonation_url=scene.tokens.url + IMPERSONATION)
    scene.check_granted(scene.hanse({"credentials_file": acting, "project": "p"}), count=2)
    assert scene.provider.last().header("authorization") == f"Bearer {scene.tokens.granted[-1]}"


@group.case()
def the_metadata_server_is_asked_only_when_the_config_says_so(lab):
    scene = Scene(lab)
    host = {"GCE_METADATA_HOST": scene.tokens.url.removeprefix("http://")}
    scene.check_granted(scene.hanse({"metadata": True, "project": "p"}, host))
    asked = len(scene.tokens.asked_at)
    gateway = scene.hanse({"project": "p"}, host)
    assert gateway.call("POST", TARGET, ASKED).status == 401
    assert len(scene.tokens.asked_at) == asked, "it was asked without leave"


def at_once(gateway, count: int, target: str = TARGET, asked: dict = ASKED) -> list[int]:
    statuses: list[int] = []

    def ask():
        statuses.append(gateway.call("POST", target, asked).status)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return statuses


@group.case()
def fifty_requests_on_two_cores_wait_for_one_token(lab):
    scene = Scene(lab)
    scene.tokens.delay_s = 0.5
    path = scene.file("service_account")
    gateway = scene.hanse({"credentials_file": path}, server={"threads": 2})
    assert at_once(gateway, 50) == [200] * 50
    assert len(scene.tokens.asked_at) == 1, f"asked {len(scene.tokens.asked_at)} times"
    gateway.signal(1)  # the config is read anew, and the token stays
    wait_for(lambda: "the new config is in force" in gateway.stderr_text(), 5, "the reload")
    scene.check_granted(gateway)


@group.case()
def a_token_is_renewed_before_it_ends(lab):
    scene = Scene(lab)
    scene.tokens.life_s, scene.tokens.delay_s = 2, 0.2
    gateway = scene.hanse({"credentials_file": scene.file("service_account")})
    until, slowest, first = time.monotonic() + 5, 0.0, True
    while time.monotonic() < until:
        began = time.monotonic()
        assert gateway.call("POST", TARGET, ASKED).status == 200
        slowest = slowest if first else max(slowest, time.monotonic() - began)
        first = False
        time.sleep(0.02)
    assert not scene.tokens.faults, scene.tokens.faults
    assert 3 <= len(scene.tokens.granted) <= 6, scene.tokens.granted
    assert slowest < 0.15, f"a request waited {slowest:.3f} s for a renewal"


@group.case()
def a_token_that_is_refused_is_replaced(lab):
    scene = Scene(lab)
    gateway = scene.hanse({"credentials_file": scene.file("service_account")})
    scene.check_granted(gateway)
    time.sleep(1.1)
    scene.refuses.add(scene.tokens.granted[-1])
    assert gateway.call("POST", TARGET, ASKED).status == 401
    scene.check_granted(gateway, count=2)


def spare(lab) -> dict:
    provider = lab.provider(answer(200, json.dumps({**ANSWER, "modelVersion": "spare"}).encode()))
    return {"spare": {"kind": "gemini", "url": f"{provider.url}/v1beta", "key_env": "E2E_KEY", "models": [MODEL]}}


@group.case()
def a_fetch_that_fails_goes_to_the_next_offer_with_its_reason(lab):
    scene = Scene(lab)
    scene.tokens.broken = Refused("invalid_grant", "account not found")
    path = scene.file("service_account")
    alone = scene.hanse({"credentials_file": path})
    reply = alone.call("POST", TARGET, ASKED)
    assert reply.status == 502 and "invalid_grant: account not found" in reply.text(), reply.text()
    assert path not in reply.text(), "names of files are not for clients"
    assert f"no token of the service account in {path}: 127.0.0.1: status 400: invalid_grant" in alone.stderr_text()
    asked, until = len(scene.tokens.asked_at), time.monotonic() + 2.5
    while time.monotonic() < until:
        assert alone.call("POST", TARGET, ASKED).status == 502
        time.sleep(0.02)
    assert 1 <= len(scene.tokens.asked_at) - asked <= 3, "a pause of a second lies between tries"
    scene.tokens.broken = None
    time.sleep(1.1)
    scene.check_granted(alone)
    scene.tokens.broken = Refused("server_error", "out", 500)
    both = scene.hanse({"credentials_file": path}, provider=spare(lab))
    reply = both.call("POST", TARGET, ASKED)
    assert reply.status == 200 and reply.json()["modelVersion"] == "spare", reply.text()


@group.case()
def a_token_server_that_hangs_holds_nobody(lab):
    scene = Scene(lab)
    scene.tokens.delay_s = 60
    more = {"credentials_file": scene.file("service_account"), "first_byte": "400ms"}
    gateway = scene.hanse(more, provider=spare(lab))
    began = time.monotonic()
    assert at_once(gateway, 10) == [200] * 10
    assert time.monotonic() - began < 5 and len(scene.tokens.asked_at) == 1
    for broken in (b"", b"<html>", b"[]", b'{"access_token":"t"}', b'{"access_token":"a\\r\\nb: c","expires_in":9}'):
        scene.tokens.delay_s = 0
        scene.tokens.judges = {"/token": lambda *_, said=broken: said}
        alone = scene.hanse({"credentials_file": scene.file("service_account")})
        reply = alone.call("POST", TARGET, ASKED)
        assert reply.status == 502 and "no token" in reply.text(), f"{broken}: {reply.status} {reply.text()}"


@group.case()
def an_old_token_is_used_while_its_renewal_fails(lab):
    scene = Scene(lab)
    scene.tokens.life_s = 6
    gateway = scene.hanse({"credentials_file": scene.file("service_account")})
    scene.check_granted(gateway)
    scene.tokens.broken = Refused("server_error", "out", 500)
    until = time.monotonic() + 4.5  # it is due at three seconds, and ends at five and a half
    while time.monotonic() < until:
        assert gateway.call("POST", TARGET, ASKED).status == 200
        time.sleep(0.05)
    assert len(scene.tokens.asked_at) > 1, "no renewal was tried"


@group.case()
def a_renewal_that_hangs_does_not_hold_up_the_end(lab):
    scene = Scene(lab)
    scene.tokens.life_s = 4
    gateway = scene.hanse({"credentials_file": scene.file("service_account")})
    scene.check_granted(gateway)
    scene.tokens.delay_s = 30
    time.sleep(2.2)
    assert gateway.call("POST", TARGET, ASKED).status == 200
    wait_for(lambda: len(scene.tokens.asked_at) == 2, 2, "the renewal")
    began = time.monotonic()
    assert lab.stop(gateway) == 0 and time.monotonic() - began < 2, "it waited for a token that nobody needs"


@group.case()
def no_secret_is_shown_anywhere(lab):
    scene = Scene(lab)
    secrets = [PAIR.private_pem.split("\n")[3], REFRESH, CLIENT_SECRET, SUBJECT]
    for kind in ("service_account", "authorized_user", "external_account"):
        scene.tokens.granted.clear()
        gateway = scene.hanse({"credentials_file": scene.file(kind), "project": "p"})
        scene.check_granted(gateway)
        shown = gateway.call("GET", "/metrics").text() + gateway.stderr_text()
        assert not [each for each in [*secrets, *scene.tokens.granted] if each in shown], kind


def judge_who_talks(server, request):
    told = request.body.decode()
    raise Refused("invalid_grant", f"I was told {'.' * server.dots} {told} and {parse_qsl(told)}")


@group.case()
def a_token_server_that_says_secrets_again_is_not_believed(lab):
    scene = Scene(lab)
    scene.tokens.judges = {"/user": judge_who_talks, "/sts": judge_who_talks}
    for kind, dots in [("external_account", 0), *(("authorized_user", 150 + 5 * step) for step in range(12))]:
        scene.tokens.dots = dots  # what is said is cut short, here and there
        gateway = scene.hanse({"credentials_file": scene.file(kind), "project": "p"})
        reply = gateway.call("POST", TARGET, ASKED)
        lab.stop(gateway)
        shown = reply.text() + gateway.stderr_text()
        assert reply.status == 502 and "invalid_grant" in shown and "I was told" in shown, shown
        said = [each[:8] for each in (REFRESH, CLIENT_SECRET, SUBJECT, quote(REFRESH, safe=""))]
        assert not [each for each in said if each in shown], shown


def check(lab, config: str, env: dict | None = None) -> tuple[int, str]:
    path = lab.folder / "check.toml"
    path.write_text(config)
    argv = [str(lab.binary), "check", "--config", str(path)]
    env = {"HOME": "/nowhere", **(env or {})}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout + done.stderr


@group.case()
def check_names_the_source_of_a_token(lab):
    scene = Scene(lab)
    table = '[provider.vertex]\nlocation = "global"\n'
    path = scene.file("service_account")
    code, said = check(lab, f'{table}credentials_file = "{path}"\n')
    assert code == 0 and f"tokens of the service account in {path}" in said, said
    assert "https://aiplatform.googleapis.com" in said and "PRIVATE" not in said, said
    code, said = check(lab, table + 'project = "p"\n', {"GOOGLE_APPLICATION_CREDENTIALS": path})
    assert code == 0 and f"tokens of the service account in {path}" in said, said
    code, said = check(lab, table + 'project = "p"\nmetadata = true\n')
    assert code == 0 and "tokens of Google's metadata server" in said, said
    code, said = check(lab, table + 'project = "p"\n')
    assert "neither a key (VERTEX_ACCESS_TOKEN is not set) nor" in said, said
    code, said = check(lab, table + 'project = "p"\n', {"VERTEX_ACCESS_TOKEN": "ya29.of-gcloud"})
    assert code == 0 and "key from VERTEX_ACCESS_TOKEN" in said and "ya29" not in said, said
    ambient = {"VERTEX_ACCESS_TOKEN": "ya29.of-gcloud"}
    code, said = check(lab, f'{table}credentials_file = "{path}"\n', ambient)
    assert code == 0 and f"tokens of the service account in {path}" in said, f"the config counts more: {said}"
    for more, words in (
        (f'credentials_file = "{path}"\nmetadata = true\n', "wanted one of credentials_file and metadata"),
        (f'key_env = "K"\ncredentials_file = "{path}"\n', "wanted one of key_env and credentials_file"),
        ('key_env = "K"\nkey_file = "k"\n', "wanted one of key_env and key_file"),
    ):
        code, said = check(lab, table + more)
        assert code != 0 and words in said, said
    file = 'credentials_file = "x"'
    for kind, option in (("openai", "metadata = true"), ("bedrock", file), ("openai", file)):
        code, said = check(lab, f"[provider.{kind}]\nregion = \"r\"\n{option}\n")
        assert code != 0 and f"the kind '{kind}' has no use for it" in said, said
    code, said = check(lab, table + 'project = "p/../x"\n')
    assert code != 0 and "'project'" in said, said
    for more, words in (
        ({"private_key": "none"}, "no PEM PRIVATE KEY"),
        ({"private_key": PAIR.private_pem.replace("MII", "MIA", 1)}, "private key can't be read"),
        ({"client_email": ""}, "'client_email' is missing"),
        ({"token_uri": "http://token.example/"}, "has no TLS"),
        ({"type": "gdch_service_account"}, "'type' is not supported"),
    ):
        bad = scene.file("service_account", **more)
        code, said = check(lab, f'{table}credentials_file = "{bad}"\n')
        assert code != 0 and words in said and "'credentials_file'" in said, said
        assert PAIR.private_pem.split("\n")[3] not in said, said
    code, said = check(lab, f'{table}credentials_file = "/nowhere/at-all.json"\n')
    assert code != 0 and "/nowhere/at-all.json: " in said, said
