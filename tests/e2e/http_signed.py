"""Signatures as for AWS: of requests to Bedrock, and of clients; judged by a signer of the tests' own."""

import json
import subprocess
import time
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from http_bedrock import ANSWER, ARN, ASKED, check_error
from http_doors import CHAT, body
from http_lab import neutral
from provider import answer, answer_json
from runner import Suite
from sigv4 import check_signed, sign

group = Suite("signed")
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
REGION = "eu-central-1"
SECRET = "wJalr/UtnFEMI+K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//token=="
NO_FILES = {"AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials", "AWS_CONFIG_FILE": "/nowhere/config"}
ENV = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": SECRET, **NO_FILES}
TARGET = f"/model/{quote(MODEL, safe='')}/converse"


def bedrock(provider, **more) -> dict:
    return {"bedrock": {"url": provider.url, "region": REGION, "models": [MODEL, ARN], **more}}


def answering(lab):
    return lab.provider(answer(200, json.dumps(ANSWER).encode()))


@group.case()
def requests_to_bedrock_are_signed_with_the_keys_of_the_environment(lab):
    provider = answering(lab)
    gateway = lab.hanse({"provider": bedrock(provider)}, env=ENV)
    for model in (MODEL, ARN):  # the second has slashes and colons in its path
        for path, asked in ((f"/model/{quote(model, safe='')}/converse", ASKED), (CHAT, body(f"bedrock/{model}"))):
            reply = gateway.call("POST", path, asked)
            assert reply.status == 200, reply.text()
            check_signed(provider.last(), SECRET, "AKIDENV", REGION)
            assert provider.last().header("x-amz-security-token") is None
    said = gateway.call("GET", "/metrics").text() + lab.last_words()
    assert SECRET not in said and "AKIDENV" not in said, "a credential is shown"


@group.case()
def a_session_token_goes_along_and_is_signed(lab):
    provider = answering(lab)
    gateway = lab.hanse({"provider": bedrock(provider)}, env={**ENV, "AWS_SESSION_TOKEN": TOKEN})
    assert gateway.call("POST", TARGET, ASKED).status == 200
    check_signed(provider.last(), SECRET, "AKIDENV", REGION)
    assert provider.last().header("x-amz-security-token") == TOKEN
    assert "x-amz-security-token" in provider.last().header("authorization")


@group.case()
def a_profile_of_the_shared_files_signs(lab):
    provider = answering(lab)
    shared, config = lab.folder / "aws-credentials", lab.folder / "aws-config"
    shared.write_text(f"[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = x{SECRET}\n")
    config.write_text(f"[profile work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = {SECRET}\n")
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(shared), "AWS_CONFIG_FILE": str(config)}
    for more, env, key_id, secret in (
        ({}, files, "AKIDDEFAULT", "x" + SECRET),
        ({}, {**files, "AWS_PROFILE": "work"}, "AKIDWORK", SECRET),
        ({"profile": "work"}, {**ENV, **files}, "AKIDWORK", SECRET),
    ):
        gateway = lab.hanse({"provider": bedrock(provider, **more)}, env=env)
        assert gateway.call("POST", TARGET, ASKED).status == 200
        check_signed(provider.last(), secret, key_id, REGION)
        lab.stop(gateway)


@group.case()
def a_bearer_key_is_preferred_to_signing(lab):
    provider = answering(lab)
    gateway = lab.hanse({"provider": bedrock(provider)}, env={**ENV, "AWS_BEARER_TOKEN_BEDROCK": "bearer-key"})
    assert gateway.call("POST", TARGET, ASKED).status == 200
    assert provider.last().header("authorization") == "Bearer bearer-key"
    assert provider.last().header("x-amz-date") is None


def check(lab, config: str, env: dict) -> tuple[int, str]:
    path = lab.folder / "check.toml"
    path.write_text(config)
    argv = [str(lab.binary), "check", "--config", str(path)]
    done = subprocess.run(argv, env={**NO_FILES, **env}, capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout + done.stderr


@group.case()
def check_names_the_source_and_never_the_value(lab):
    table = f'[provider.bedrock]\nregion = "{REGION}"\n'
    code, said = check(lab, table, ENV)
    assert code == 0 and "signs with AWS_ACCESS_KEY_ID" in said, said
    assert SECRET not in said and "AKIDENV" not in said, said
    code, said = check(lab, table, {})
    assert "neither a key (AWS_BEARER_TOKEN_BEDROCK is not set) nor AWS credentials" in said, said
    code, said = check(lab, table, {"AWS_ACCESS_KEY_ID": "AKIDENV", **NO_FILES})
    assert code != 0 and "one of access key id and secret access key" in said, said
    code, said = check(lab, table, {**ENV, "AWS_ACCESS_KEY_ID": "A\r\nx-evil: 1"})
    assert code != 0 and "x-evil" not in said, said
    code, said = check(lab, '[provider.bedrock]\nurl = "http://127.0.0.1:1"\n', ENV)
    assert code != 0 and "'region' is missing" in said, said
    code, said = check(lab, '[provider.bedrock]\nregion = "x.evil.example/"\n', ENV)
    assert code != 0 and "letters, digits and '-' only" in said, said
    code, said = check(lab, f'[provider.bedrock]\nregion = "{REGION}"\nprofile = "none"\n', ENV)
    assert code != 0 and "no profile 'none'" in said, said


def with_signers(lab):
    def make():
        provider = lab.provider(answer(200, json.dumps(ANSWER).encode()))
        clients = {
            "robot": {"access_key_id": "AKIDROBOT", "key_env": "ROBOT_SECRET", "models": [MODEL]},
            "alice": {"key_env": "ALICE_KEY"},
        }
        of = {"provider": bedrock(provider, key_env="E2E_KEY"), "client": clients}
        env = {"E2E_KEY": "k", "ROBOT_SECRET": SECRET, "ALICE_KEY": "alice-key"}
        return lab.hanse(of, env=env), provider

    gateway, provider = lab.keep("with-signers", make)
    provider.reset_log()
    return gateway, provider


def signed_call(gateway, target=TARGET, data: bytes | None = None, method: str = "POST", sent=None, **how):
    data = json.dumps(ASKED).encode() if data is None else data
    how = {"key_id": "AKIDROBOT", "secret": SECRET, **how}
    headers = sign(method, target, "127.0.0.1", data, **how)
    return gateway.call(method, target, data if sent is None else sent, headers)


@group.case()
def a_client_that_signs_is_answered(lab):
    gateway, provider = with_signers(lab)
    for target in (TARGET, f"/bedrock{TARGET}", f"/model/{MODEL}/converse", f"{TARGET}?b=2&a=%2F%20"):
        reply = signed_call(gateway, target)
        assert reply.status == 200 and reply.json() == ANSWER, f"{target}: {reply.text()}"
    assert provider.last().header("authorization") == "Bearer k", "a client's credential stays here"
    assert signed_call(gateway, "/v1/models", b"", "GET").status == 200
    assert gateway.call("POST", TARGET, ASKED, {"authorization": "Bearer alice-key"}).status == 200
    assert gateway.call("POST", TARGET, ASKED, {"authorization": f"Bearer {SECRET}"}).status == 403, "it only signs"


@group.case()
def a_bad_signature_is_refused_in_the_words_of_aws(lab):
    gateway, provider = with_signers(lab)
    wrong = "The request signature we calculated does not match"
    check_error(signed_call(gateway, secret="other"), 403, "InvalidSignatureException", wrong)
    check_error(signed_call(gateway, sent=b'{"messages":[]}'), 403, "InvalidSignatureException", wrong)
    check_error(signed_call(gateway, key_id="AKIDOTHER"), 403, "UnrecognizedClientException", "security token")
    now = time.time()
    check_error(signed_call(gateway, at=now - 1000), 403, "InvalidSignatureException", "Signature expired: ")
    check_error(signed_call(gateway, at=now + 1000), 403, "InvalidSignatureException", "Signature not yet current: ")
    assert signed_call(gateway, at=now - 800).status == 200
    bad = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIDROBOT"}
    check_error(gateway.call("POST", TARGET, ASKED, bad), 403, "IncompleteSignatureException", "requires")
    check_error(signed_call(gateway, f"/model/{quote(ARN, safe='')}/converse"), 403, "AccessDeniedException", "may not")
    assert len(provider.requests) == 1, "what is refused never reaches a provider"


def boto(gateway, key_id: str = "AKIDROBOT", secret: str = SECRET):
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=gateway.base,
        region_name=REGION,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=config,
    )


@group.case()
def boto3_signs_and_shows_why_it_is_refused(lab):
    gateway, provider = with_signers(lab)
    asked = {"modelId": MODEL, "messages": ASKED["messages"]}
    reply = boto(gateway).converse(**asked)
    assert reply["output"]["message"]["content"] == [{"text": "Hello"}], reply
    for key_id, secret, name in (
        ("AKIDROBOT", "other", "InvalidSignatureException"),
        ("AKIDOTHER", SECRET, "UnrecognizedClientException"),
    ):
        try:
            boto(gateway, key_id, secret).converse(**asked)
            raise AssertionError("it was answered")
        except ClientError as error:
            assert error.response["Error"]["Code"] == name, error
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error


@group.case()
def a_simulated_bedrock_verifies_what_hanse_signs(lab):
    sim = lab.sim("--bedrock", "0", "--key", SECRET)
    row = {"bedrock": {"url": sim.url("bedrock"), "region": REGION, "models": ["sim-claude"]}}
    asked = body("bedrock/sim-claude")
    good = lab.hanse({"provider": row}, env=ENV).call("POST", CHAT, asked)
    assert good.status == 200, good.text()
    wrong = lab.hanse({"provider": row}, env={**ENV, "AWS_SECRET_ACCESS_KEY": "another"}).call("POST", CHAT, asked)
    assert wrong.status == 403 and "signature" in wrong.text().lower(), wrong.text()


@group.case()
def mantle_speaks_three_languages_and_is_signed_for_by_its_own_name(lab):
    """Asked in the client's own language: nothing is translated."""
    whole = {"id": "resp_1", "object": "response", "status": "completed", "model": MODEL, "output": [],
             "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}  # fmt: skip

    async def three(call) -> None:
        await (answer_json(200, whole) if call.request.target.endswith("/responses") else neutral)(call)

    provider = lab.provider(three)
    row = {"kind": "bedrock-mantle", "url": provider.url, "region": REGION, "models": [MODEL]}
    gateway = lab.hanse({"provider": {"mantle": row}}, env=ENV)
    for path, target, asked in (
        (CHAT, "/openai/v1/chat/completions", body(f"mantle/{MODEL}")),
        ("/v1/responses", "/openai/v1/responses", {"model": f"mantle/{MODEL}", "input": "Hello", "store": False}),
        ("/v1/messages", "/anthropic/v1/messages", body(f"mantle/{MODEL}")),
    ):
        reply = gateway.call("POST", path, asked)
        assert reply.status == 200, reply.text()
        assert provider.last().target == target, provider.last().target
        assert provider.last().json() == {**asked, "model": MODEL}, provider.last().json()
        check_signed(provider.last(), SECRET, "AKIDENV", REGION, "bedrock-mantle")
