"""Recorded traffic of the real services, replayed. Three things per exchange:

same      the client speaks the recorded dialect: request and answer pass byte for byte, but for the model's name
answer    a client of another dialect gets the recorded answer: text, calls, stop, usage hold (replay.py says how)
request   the recorded request goes to a provider of another dialect: what arrives is valid there and means the same
"""

import json
from collections import Counter

from lab import missing
from recorded import load, oracles
from reading_google import discovered_schema
from replay import CLIENTS, OTHERS, check_answer_across, check_request_across, check_same
from runner import Suite
from sdk_terms import responses_only

suite = Suite("recordings")
counts: Counter = Counter()


def pair(lab):
    """One Hanse and one scripted provider that plays both vendors, for the whole suite."""

    def make():
        provider = lab.provider()
        gateway = lab.hanse(
            {
                "log": {"access": "off"},
                "provider": {
                    "rec-openai": {"kind": "openai-compatible", "url": f"{provider.url}/v1", "key_env": "E2E_KEY"},
                    "rec-anthropic": {"kind": "anthropic", "url": provider.url, "key_env": "E2E_KEY"},
                    "rec-google": {"kind": "gemini", "url": f"{provider.url}/v1beta", "key_env": "E2E_KEY"},
                    "rec-bedrock": {"kind": "bedrock", "url": provider.url, "key_env": "E2E_KEY"},
                    "rec-invoke": {"kind": "bedrock", "url": provider.url, "key_env": "E2E_KEY"},
                    "rec-cohere": {"kind": "cohere", "url": provider.url, "key_env": "E2E_KEY"},
                    "rec-responses": responses_only(f"{provider.url}/v1"),
                },
            }
        )
        return gateway, provider

    gateway, provider = lab.keep("pair", make)
    if not gateway.alive():
        gateway, provider = lab._kept["pair"] = make()
    return gateway, provider


def validators(lab) -> dict:
    """The vendors' own OpenAPI and Discovery documents as judges of request bodies."""

    def make():
        import yaml
        from jsonschema import Draft202012Validator

        folder = oracles() / "specs"
        documents = {
            "openai": yaml.load((folder / "openai/openapi.yaml").read_text(), Loader=yaml.CSafeLoader),
            "anthropic": json.loads((folder / "anthropic/openapi.yml").read_text()),
        }
        schemas = {"openai": "CreateChatCompletionRequest", "anthropic": "CreateMessageParams"}
        google = json.loads((folder / "google/discovery.json").read_text())
        return {
            "google": Draft202012Validator(discovered_schema(google, "GenerateContentRequest")),
            **{
                name: Draft202012Validator(
                    {"$ref": f"#/components/schemas/{schemas[name]}", "components": document["components"]}
                )
                for name, document in documents.items()
            },
        }

    return lab.keep("validators", make)


def add_cases(exchanges) -> None:
    for exchange in exchanges:

        def same(lab, one=exchange):
            check_same(one, *pair(lab))

        suite.add(f"same {exchange.name}", same, 6)
        for client in CLIENTS.get(exchange.dialect, []):

            def answer(lab, one=exchange, client=client):
                kind = check_answer_across(one, client, *pair(lab))
                streamed = " streamed" if one.stream else ""
                counts[f"answers of {one.dialect}{streamed} to {client} clients: {kind}"] += 1

            suite.add(f"answer {exchange.name} to {client}", answer, 6)
        for target in OTHERS.get(exchange.dialect, []):

            def request(lab, one=exchange, target=target):
                outcome = check_request_across(one, target, *pair(lab), validators(lab))
                counts[f"requests of {one.dialect} to {target} providers: {outcome}"] += 1

            suite.add(f"request {exchange.name} to {target}", request, 6)


def describe(exchanges, out_of_scope: Counter) -> list[str]:
    kinds = Counter(f"{one.dialect} {'stream' if one.stream else 'json'} {one.status}" for one in exchanges)
    lines = [
        f"recordings: {len(exchanges)} exchanges: "
        + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    ]
    lines.append(
        f"out of scope, {sum(out_of_scope.values())} exchanges: "
        + ", ".join(f"{count} {kind}" for kind, count in out_of_scope.most_common())
    )
    return lines + [f"  {count:5} {kind}" for kind, count in sorted(counts.items())]


found = load()
if found is None:

    @suite.case()
    def every_recorded_exchange(lab):
        missing(f"no recordings at {oracles()}; HANSE_ORACLES says where they are")
else:
    add_cases(found[0])
    suite.notes = lambda: describe(*found)
