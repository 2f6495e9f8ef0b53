"""A new provider is one row of data: a table in the user's config, or a file in a catalog folder, and no C++."""

import signal

from drivers import driver
from process import wait_for
from provider import answer_json
from replay import NEUTRAL_REPLY
from runner import Suite

suite = Suite("newcomer")
ASK = {"max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}]}


def newcomer(lab):
    """A vendor that nobody has heard of; it speaks OpenAI Chat."""
    return lab.provider(answer_json(200, NEUTRAL_REPLY["openai"]))


def check_served(lab, gateway, vendor, model: str) -> None:
    for client in ("openai", "anthropic"):
        for name in ("python", "node"):
            vendor.reset_log()
            outcome = driver(name).chat(client, gateway.base, {**ASK, "model": model})
            assert "Fine." in str(outcome.ok()), outcome
            seen = vendor.last()
            assert seen.target.endswith("/chat/completions"), seen.target
            assert seen.json()["model"] == "town-crier-1", seen.body
            assert seen.header("authorization") == "Bearer sk-newcomer", seen.headers


@suite.case(limit_s=60)
def one_table_in_the_config(lab):
    vendor = newcomer(lab)
    gateway = lab.hanse(
        {
            "provider": {
                "towncrier": {
                    "kind": "openai-compatible",
                    "url": f"{vendor.url}/v1",
                    "key_env": "TOWNCRIER_KEY",
                    "models": ["town-crier-1"],
                }
            }
        },
        env={"TOWNCRIER_KEY": "sk-newcomer"},
    )
    check_served(lab, gateway, vendor, "towncrier/town-crier-1")
    check_served(lab, gateway, vendor, "town-crier-1")
    assert "town-crier-1" in " ".join(driver("python").models("openai", gateway.base).ok())


@suite.case(limit_s=60)
def one_row_in_a_catalog_folder(lab):
    vendor = newcomer(lab)
    folder = lab.folder / "catalog"
    folder.mkdir(exist_ok=True)
    (folder / "towncrier.toml").write_text(
        f'dialect = "openai-chat"\nurl = "{vendor.url}/v1"\nkey_env = "TOWNCRIER_KEY"\n'
    )
    gateway = lab.hanse(
        '[server]\nlisten = "127.0.0.1:0"\n[provider.towncrier]\n',
        env={"TOWNCRIER_KEY": "sk-newcomer"},
        args=["--catalog", folder],
    )
    check_served(lab, gateway, vendor, "towncrier/town-crier-1")


@suite.case(limit_s=60)
def a_reload_takes_the_new_row_into_service(lab):
    vendor = newcomer(lab)
    row = {"kind": "openai-compatible", "url": f"{vendor.url}/v1", "key_env": "TOWNCRIER_KEY"}
    other = {"kind": "openai-compatible", "url": "http://127.0.0.1:9/v1", "models": ["x"]}
    gateway = lab.hanse({"provider": {"other": other}}, env={"TOWNCRIER_KEY": "sk-newcomer"})
    assert gateway.chat({**ASK, "model": "towncrier/town-crier-1"}).status == 404
    gateway.write_config(
        {"server": {"listen": f"127.0.0.1:{gateway.port}"}, "provider": {"other": other, "towncrier": row}}
    )
    gateway.signal(signal.SIGHUP)
    wait_for(lambda: gateway.chat({**ASK, "model": "towncrier/town-crier-1"}).status == 200, 5, "the new row to serve")
    check_served(lab, gateway, vendor, "towncrier/town-crier-1")
