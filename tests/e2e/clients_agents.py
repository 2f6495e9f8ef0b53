"""Claude Code and Codex, headless: a task of four tools, and one of three commands, a call at a time."""

import json
import uuid

from clients_lab import CLIENT_KEY, CLOUDS, NODE, SECRET, SIGNER, Program

MODULES = NODE / "node_modules"
CLAUDE = MODULES / "@anthropic-ai/claude-code-linux-x64/claude"
CODEX = MODULES / "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"
COMMANDS = ["echo ahoy-1", "basename $PWD", "echo $((20 + 22)) > found; cat found"]
OUTPUTS = ["ahoy-1", "quay", "42"]


def calls_of_claude(folder) -> list[tuple[str, dict]]:
    """What the model is told to call: a file is written, changed, read, and put in order by a command."""
    path = str(folder / "cargo.txt")
    return [
        ("Write", {"file_path": path, "content": "wax and salt"}),
        ("Edit", {"file_path": path, "old_string": "salt", "new_string": "herring"}),
        ("Read", {"file_path": path}),
        ("Bash", {"command": "tr a-z A-Z <cargo.txt | tee loud.txt"}),
    ]


def task(calls: list[tuple[str, dict]]) -> str:
    steps = [" ".join([tool, *(f'{name}="{value}"' for name, value in of.items())]) for tool, of in calls]
    return "one call at a time: " + "; ".join(steps)


def home_of(lab):
    home = lab.folder / f"agent-{uuid.uuid4().hex[:8]}"
    (home / "quay").mkdir(parents=True)
    return home


def version_of(package: str) -> str:
    return json.loads((MODULES / package / "package.json").read_text())["version"]


def claude_code(lab, base: str, cloud: str, door: dict | None = None) -> Program:
    home = home_of(lab)
    env = {
        "HOME": str(home),
        **(door or {"ANTHROPIC_BASE_URL": base, "ANTHROPIC_AUTH_TOKEN": CLIENT_KEY}),
        "ANTHROPIC_MODEL": f"to-{cloud}",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "CLAUDE_CODE_MAX_RETRIES": "1",
    }
    argv = [CLAUDE, "-p", task(calls_of_claude(home / "quay")), "--output-format", "stream-json", "--verbose"]
    return Program([*argv, "--allowedTools", "Bash,Edit,Read,Write"], env, home / "quay")


def claude_code_bedrock(lab, base: str, cloud: str) -> Program:
    """As it talks to AWS: Invoke with event streams, signed."""
    signs = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": SIGNER, "AWS_SECRET_ACCESS_KEY": SECRET}
    door = {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": base, **signs}
    return claude_code(lab, base, cloud, {**door, "AWS_EC2_METADATA_DISABLED": "true"})


def claude_code_vertex(lab, base: str, cloud: str) -> Program:
    """As it talks to Google; a proxy that adds Google's token is what skipping its auth is for."""
    place = {"CLOUD_ML_REGION": "europe-west4", "ANTHROPIC_VERTEX_PROJECT_ID": "quay"}
    door = {"CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1", **place}
    headers = {"ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {CLIENT_KEY}"}
    return claude_code(lab, base, cloud, {**door, **headers, "ANTHROPIC_VERTEX_BASE_URL": f"{base}/v1"})


def claude_code_foundry(lab, base: str, cloud: str) -> Program:
    door = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": CLIENT_KEY}
    return claude_code(lab, base, cloud, {**door, "ANTHROPIC_FOUNDRY_BASE_URL": f"{base}/anthropic"})


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def check_claude_code(ended) -> None:
    lines = lines_of(ended.ok())
    parts = [part for line in lines if line["type"] in ("assistant", "user") for part in line["message"]["content"]]
    calls = [(part["name"], part["input"]) for part in parts if part["type"] == "tool_use"]
    wanted = calls_of_claude(ended.folder)
    wanted[1][1]["replace_all"] = False  # its tool's default, which it adds by itself
    assert calls == wanted, calls
    results = [part for part in parts if part["type"] == "tool_result"]
    assert len(results) == len(wanted) and not any(result.get("is_error") for result in results), results
    assert (ended.folder / "cargo.txt").read_text() == "wax and herring", "the file isn't as it should be"
    assert (ended.folder / "loud.txt").read_text() == "WAX AND HERRING", "the file isn't as it should be"
    end = lines[-1]
    assert end["type"] == "result" and end["subtype"] == "success" and not end["is_error"], end
    assert all(result["content"] in end["result"] for result in results), (results, end["result"])
    assert "WAX AND HERRING" in end["result"], end["result"]
    assert end["usage"]["input_tokens"] > 0 and end["usage"]["output_tokens"] > 0, end["usage"]


CODEX_CONFIG = """model = "to-{cloud}"
model_provider = "hanse"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.hanse]
name = "Hanse"
base_url = "{base}/v1"
env_key = "CLIENT_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
"""


def codex(lab, base: str, cloud: str) -> Program:
    home = home_of(lab)
    (home / "config.toml").write_text(CODEX_CONFIG.format(base=base, cloud=cloud))
    env = {"HOME": str(home), "CODEX_HOME": str(home), "CLIENT_KEY": CLIENT_KEY}
    # Its sandbox needs a kernel's help that not every machine gives; the task is ours, and so is the folder.
    argv = [CODEX, "exec", "--json", "--skip-git-repo-check", "--sandbox", "danger-full-access"]
    calls = [("exec_command", {"cmd": command}) for command in COMMANDS]
    return Program([*argv, task(calls)], env, home / "quay")


def check_codex(ended) -> None:
    lines = lines_of(ended.ok())
    items = [line["item"] for line in lines if line["type"] == "item.completed"]
    runs = [item for item in items if item["type"] == "command_execution"]
    assert len(runs) == len(COMMANDS), lines
    for command, item in zip(COMMANDS, runs, strict=True):
        assert command in item["command"] and item["exit_code"] == 0, item
    words = [item["text"] for item in items if item["type"] == "agent_message"]
    assert len(words) == 1, lines
    outputs = [item["aggregated_output"] for item in runs]
    assert [output.strip() for output in outputs] == OUTPUTS, outputs
    assert all(output in words[0] for output in outputs), (outputs, words)
    assert (ended.folder / "found").read_text() == "42\n", "the file isn't as it should be"
    end = lines[-1]
    assert end["type"] == "turn.completed" and end["usage"]["output_tokens"] > 0, end


CLAUDE_CODE, CODEX_NAME = "@anthropic-ai/claude-code", "@openai/codex"
AGENTS = {
    "Claude Code": (CLAUDE_CODE, claude_code, check_claude_code, CLOUDS),
    "Claude Code as to Bedrock (signed)": (CLAUDE_CODE, claude_code_bedrock, check_claude_code, ["gemini", "chat"]),
    "Claude Code as to Vertex": (CLAUDE_CODE, claude_code_vertex, check_claude_code, ["responses"]),
    "Claude Code as to Foundry": (CLAUDE_CODE, claude_code_foundry, check_claude_code, ["bedrock"]),
    "Codex": (CODEX_NAME, codex, check_codex, CLOUDS),
}
