"""AWS credentials that end: roles by STS, containers, instances. What STS is asked is what botocore asks it."""

import json
import os
import time
from urllib.parse import parse_qs

import botocore.session
from botocore.config import Config
from http_bedrock import ANSWER, ASKED
from http_signed import MODEL, NO_FILES, REGION, SECRET, TARGET, check
from http_tokens import at_once
from process import wait_for
from provider import http
from runner import Suite
from sigv4 import check_signed
from token_server import TokenServer

group = Suite("aws")
ROLE, INNER = "arn:aws:iam::123456789012:role/e2e", "arn:aws:iam::123456789012:role/inner"
SUBJECT = "web.identity+token/="


class Keys:
    """Key pairs that a server has granted, by access key id."""

    def __init__(self):
        self.secrets: dict[str, tuple[str, str]] = {}

    def grant(self, server) -> dict:
        count = len(self.secrets) + 1
        key_id, secret, token = f"ASIAE2E{count}", f"s3cr3t/{count}+e2e", f"FwoG{count}//e2e+token=="
        self.secrets[key_id] = (secret, token)
        server.granted.append(token)
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + server.life_s))
        return {"AccessKeyId": key_id, "SecretAccessKey": secret, "Token": token, "Expiration": ends}

    def check(self, request, service: str = "bedrock") -> None:
        """Signed with one of them, and its session token signed along."""
        key_id = request.header("authorization").partition("Credential=")[2].partition("/")[0]
        secret, token = self.secrets[key_id]
        assert request.header("x-amz-security-token") == token, request.headers
        assert "x-amz-security-token" in request.header("authorization"), "not signed"
        check_signed(request, secret, key_id, REGION, service)


def sts_answer(server, action: str) -> bytes:
    keys = server.keys.grant(server)
    names = {"AccessKeyId": "AccessKeyId", "SecretAccessKey": "SecretAccessKey", "SessionToken": "Token"}
    names["Expiration"] = "Expiration"
    inner = "".join(f"<{name}>{keys[of]}</{name}>" for name, of in names.items())
    inner = f"<{action}Result><Credentials>{inner}</Credentials></{action}Result>"
    space = "https://sts.amazonaws.com/doc/2011-06-15/"
    return f'<{action}Response xmlns="{space}">{inner}</{action}Response>'.encode()


def plain_form(request) -> dict:
    kind = request.header("content-type").partition(";")[0]
    assert kind == "application/x-www-form-urlencoded", kind
    return {name: values[0] for name, values in parse_qs(request.body.decode(), strict_parsing=True).items()}


def judge_sts(server, request) -> bytes:
    form = plain_form(request)
    assert form["Version"] == "2011-06-15", form
    server.forms.append(form)
    if form["Action"] == "AssumeRoleWithWebIdentity":
        assert request.header("authorization") is None and form["WebIdentityToken"] == SUBJECT, request.headers
    else:
        who = request.header("authorization").partition("Credential=")[2].partition("/")[0]
        if who == "AKIDBASE":
            check_signed(request, SECRET, "AKIDBASE", REGION, "sts")
        else:
            server.keys.check(request, "sts")
    return sts_answer(server, form["Action"])


def judge_container(server, request) -> dict:
    assert request.method == "GET" and request.header("authorization") == "Bearer pod-token", request.headers
    assert request.target == "/v1/credentials?a=b", request.target
    return server.keys.grant(server) | {"RoleArn": "r"}


SESSION = "AQAE2Esession=="


def judge_session(server, request) -> bytes:
    assert request.method == "PUT" and request.header("x-aws-ec2-metadata-token-ttl-seconds"), request.headers
    return SESSION.encode()


def judge_instance(server, request) -> bytes | dict:
    assert request.method == "GET" and request.header("x-aws-ec2-metadata-token") == SESSION, request.headers
    return b"my-role" if request.target.endswith("/") else server.keys.grant(server) | {"Code": "Success"}


IAM = "/latest/meta-data/iam/security-credentials/"
JUDGES = {
    "/": judge_sts,
    "/v1/credentials": judge_container,
    "/latest/api/token": judge_session,
    IAM: judge_instance,
    IAM + "my-role": judge_instance,
}


class Scene:
    def __init__(self, lab):
        self.lab = lab
        self.tokens = TokenServer(lab, JUDGES)
        self.tokens.keys, self.tokens.forms = Keys(), []
        self.bad: list[str] = []
        self.expired = False
        self.provider = lab.provider(self._answer)
        self.env = {**NO_FILES, "HOME": "/nowhere", "AWS_ENDPOINT_URL_STS": self.tokens.url}

    async def _answer(self, call) -> None:
        kind = {"x-amzn-errortype": "ExpiredTokenException"} if self.expired else {}
        try:
            self.tokens.keys.check(call.request)
        except Exception as error:
            self.bad.append(repr(error))
            kind = kind or {"x-amzn-errortype": "InvalidSignatureException"}
        said = {"message": "no"} if kind else ANSWER
        await call.send(http(403 if kind else 200, json.dumps(said).encode(), headers=kind))

    def config(self, text: str) -> dict:
        path = self.lab.folder / f"aws-config-{len(self.lab.programs)}"
        path.write_text(text)
        return {"AWS_CONFIG_FILE": str(path)}

    def hanse(self, env: dict, server: dict | None = None, **more):
        of = {"url": self.provider.url, "region": REGION, "models": [MODEL], **more}
        tables = {"provider": {"bedrock": of}, **({"server": server} if server else {})}
        return self.lab.hanse(tables, env={**self.env, **env})

    def check_granted(self, env: dict, asked: int = 1, **more):
        gateway = self.hanse(env, **more)
        before = len(self.tokens.asked_at)
        for _ in range(3):
            reply = gateway.call("POST", TARGET, ASKED)
            assert reply.status == 200, f"{reply.text()} {self.tokens.faults} {self.bad}"
        assert len(self.tokens.asked_at) - before == asked, "the keys are kept"
        shown = gateway.call("GET", "/metrics").text() + gateway.stderr_text()
        secrets = [SECRET, SUBJECT, "pod-token", SESSION]
        secrets += [each for pair in self.tokens.keys.secrets.values() for each in pair]
        assert not [each for each in secrets if each in shown], shown
        return gateway


def forms_of_botocore(lab, env: dict, profile: str | None = None) -> list[dict]:
    """What botocore asks of STS in the same surroundings."""
    peer = TokenServer(lab, JUDGES)
    peer.keys, peer.forms = Keys(), []
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({**NO_FILES, **env, "AWS_ENDPOINT_URL_STS": peer.url, "AWS_DEFAULT_REGION": REGION})
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    try:
        session = botocore.session.Session(profile=profile)
        session.set_default_client_config(Config(connect_timeout=5, read_timeout=5))
        keys = session.get_credentials().get_frozen_credentials()
        assert keys.access_key in peer.keys.secrets, keys.access_key
    finally:
        os.environ.clear()
        os.environ.update(kept)
    assert not peer.faults, peer.faults
    return peer.forms


def same(ours: list[dict], theirs: list[dict]) -> None:
    """But for the names of sessions, which each makes up where none is given."""

    def without(form: dict) -> dict:
        made_up = form["RoleSessionName"] == "hanse" or form["RoleSessionName"].startswith("botocore-session-")
        return {name: value for name, value in form.items() if not (made_up and name == "RoleSessionName")}

    assert [without(each) for each in ours] == [without(each) for each in theirs], f"{ours}\n{theirs}"


@group.case()
def a_web_identity_becomes_a_role(lab):
    scene = Scene(lab)
    path = lab.folder / "web-identity"
    path.write_text(SUBJECT)
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "e2e-session"}
    scene.check_granted(env)
    same(scene.tokens.forms, forms_of_botocore(lab, env))
    scene.tokens.forms.clear()
    profile = f"[profile work]\nrole_arn = {ROLE}\nweb_identity_token_file = {path}\n"
    env = scene.config(profile)
    scene.check_granted(env, profile="work")
    same(scene.tokens.forms, forms_of_botocore(lab, env, "work"))


BASE = f"[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = {SECRET}\n"


@group.case()
def a_role_is_assumed_with_the_keys_of_another_profile(lab):
    scene = Scene(lab)
    shared = lab.folder / "aws-shared"
    shared.write_text(BASE)
    role = f"[profile work]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = x/1\nduration_seconds = 900\n"
    inner = f"[profile deep]\nrole_arn = {INNER}\nsource_profile = work\nrole_session_name = e2e\n"
    for text, profile, count in ((role, "work", 1), (role + inner, "deep", 2)):
        scene.tokens.forms.clear()
        env = {**scene.config(text), "AWS_SHARED_CREDENTIALS_FILE": str(shared)}
        scene.check_granted(env, asked=count, profile=profile)
        same(scene.tokens.forms, forms_of_botocore(lab, env, profile))
        scene.tokens.forms.clear()
        scene.check_granted({**env, "AWS_PROFILE": profile}, asked=count)
        assert scene.tokens.forms[-1]["RoleArn"] == (ROLE if profile == "work" else INNER)


@group.case()
def keys_of_the_environment_assume_a_role_where_its_profile_says_so(lab):
    scene = Scene(lab)
    env = scene.config(f"[profile work]\nrole_arn = {ROLE}\ncredential_source = Environment\n")
    env |= {"AWS_ACCESS_KEY_ID": "AKIDBASE", "AWS_SECRET_ACCESS_KEY": SECRET}
    scene.check_granted(env, profile="work")
    same(scene.tokens.forms, forms_of_botocore(lab, env, "work"))


@group.case()
def a_containers_credentials_are_fetched(lab):
    scene = Scene(lab)
    path = lab.folder / "pod-token"
    path.write_text("Bearer pod-token\n")
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{scene.tokens.url}/v1/credentials?a=b"}
    scene.check_granted({**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer pod-token"})
    scene.check_granted({**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path)})


@group.case()
def an_instances_metadata_is_asked_only_when_the_config_says_so(lab):
    scene = Scene(lab)
    env = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": scene.tokens.url}
    scene.check_granted(env, asked=3, metadata=True)
    asked = len(scene.tokens.asked_at)
    assert scene.hanse(env).call("POST", TARGET, ASKED).status == 403
    assert len(scene.tokens.asked_at) == asked, "it was asked without leave"
    text = f"[profile work]\nrole_arn = {ROLE}\ncredential_source = Ec2InstanceMetadata\n"
    scene.check_granted({**env, **scene.config(text)}, asked=4, metadata=True, profile="work")


@group.case()
def keys_that_end_are_renewed_and_refused_ones_replaced(lab):
    scene = Scene(lab)
    path = lab.folder / "web-identity"
    path.write_text(SUBJECT)
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_ARN": ROLE}
    scene.tokens.life_s = 3
    gateway = scene.hanse(env, server={"threads": 2})
    assert at_once(gateway, 50, TARGET, ASKED) == [200] * 50
    assert len(scene.tokens.asked_at) == 1, "once for all"
    until = time.monotonic() + 4
    while time.monotonic() < until:
        assert gateway.call("POST", TARGET, ASKED).status == 200, f"{scene.bad} {scene.tokens.faults}"
        time.sleep(0.05)
    assert 3 <= len(scene.tokens.asked_at) <= 6, len(scene.tokens.asked_at)
    scene.tokens.life_s = 3600
    time.sleep(3)
    assert gateway.call("POST", TARGET, ASKED).status == 200
    asked = len(scene.tokens.asked_at)
    time.sleep(1.1)
    scene.expired = True
    assert gateway.call("POST", TARGET, ASKED).status == 403
    scene.expired = False
    assert gateway.call("POST", TARGET, ASKED).status == 200
    assert len(scene.tokens.asked_at) == asked + 1


@group.case()
def what_sts_refuses_is_told(lab):
    scene = Scene(lab)
    path = lab.folder / "web-identity"
    path.write_text(SUBJECT)
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_ARN": ROLE}
    error = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not you</Message></Error></ErrorResponse>"
    scene.tokens.refusal = (403, error.encode())
    gateway = scene.hanse(env)
    reply = gateway.call("POST", TARGET, ASKED)
    assert reply.status >= 500 and "AccessDenied: Not you" in reply.text(), reply.text()
    wait_for(lambda: "AccessDenied: Not you" in gateway.stderr_text(), 5, "the line in the log")
    scene.tokens.refusal = None
    path.unlink()
    gateway = scene.hanse(env)
    reply = gateway.call("POST", TARGET, ASKED)
    assert reply.status >= 500 and not scene.tokens.granted, reply.text()


@group.case()
def check_names_the_source_of_keys_that_end(lab):
    table = f'[provider.bedrock]\nregion = "{REGION}"\n'
    web = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/token", "AWS_ROLE_ARN": ROLE}
    code, said = check(lab, table, web)
    assert code == 0 and f"signs as {ROLE} by the web identity in /var/token" in said, said
    full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/c"}
    code, said = check(lab, table, full)
    assert code == 0 and "signs as the container's credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI)" in said, said
    code, said = check(lab, table + "metadata = true\n", {})
    assert code == 0 and "signs as the instance's metadata server" in said, said
    code, said = check(lab, table, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/c"})
    assert code != 0 and "a host that isn't this machine's needs TLS" in said, said
    code, said = check(lab, table, {**web, "AWS_ENDPOINT_URL_STS": "http://sts.example"})
    assert code != 0 and "AWS_ENDPOINT_URL_STS has no TLS" in said, said
    code, said = check(lab, table, {**web, "AWS_ROLE_SESSION_NAME": "a b"})
    assert code != 0 and "role_session_name: wanted" in said, said
    path = lab.folder / "aws-check"
    for text, words in (
        (f"role_arn = {ROLE}\n", "no source_profile, credential_source"),
        (f"role_arn = {ROLE}\nsource_profile = nobody\n", "no profile 'nobody'"),
        (f"role_arn = {ROLE}\nsource_profile = b\n[profile b]\nrole_arn = {ROLE}\nsource_profile = a\n", "in a circle"),
        (f"role_arn = {ROLE}\nsource_profile = a\nmfa_serial = m\n", "a second factor"),
        (f"role_arn = {ROLE}\ncredential_source = Ec2InstanceMetadata\n", "allow it with metadata = true"),
    ):
        path.write_text("[profile a]\n" + text)
        code, said = check(lab, table + 'profile = "a"\n', {"AWS_CONFIG_FILE": str(path)})
        assert code != 0 and words in said and "'profile'" in said, said
