"""The same request in either dialect's words, for the cases that run with both SDKs."""

import base64
import struct
import zlib

from drivers import DRIVER_NAMES
from reading import Answer, read_chat, read_messages
from reading_google import folded
from reading_responses import read_response

MODELS = {
    "openai": "sim-openai/sim-gpt",
    "anthropic": "sim-anthropic/sim-claude",
    "responses": "sim-responses/sim-gpt",
    "google": "sim-google/sim-gemini",
}
CLIENTS = ["openai", "anthropic", "responses", "google"]
PAIRS = [(client, cloud) for client in CLIENTS for cloud in MODELS]
# Every pair with every SDK, streamed and not.
ALL = [
    (f"{client} {name} to {cloud}{' stream' if stream else ''}", (client, name, cloud, stream))
    for client, cloud in PAIRS
    for name in DRIVER_NAMES
    for stream in (False, True)
]


def simulated(lab):
    """A Hanse before simulated clouds of both dialects, for the whole suite."""

    def make():
        sim = lab.keep("sim", lambda: lab.sim("--seed", "7"))
        return lab.hanse(
            {
                "provider": {
                    "sim-openai": {"kind": "openai-compatible", "url": sim.openai, "key_env": "E2E_KEY"},
                    "sim-anthropic": {"kind": "anthropic", "url": sim.anthropic, "key_env": "E2E_KEY"},
                    "sim-responses": responses_only(sim.openai),
                    "sim-google": {"kind": "gemini", "url": sim.google, "key_env": "E2E_KEY"},
                }
            }
        )

    return lab.keep("simulated", make)


def responses_only(url: str) -> dict:
    return {"kind": "openai", "url": url, "key_env": "E2E_KEY", "dialects": ["openai-responses"]}


def read_answer(client: str, answer: dict) -> Answer:
    if client == "google":
        return folded([answer])
    return {"openai": read_chat, "anthropic": read_messages, "responses": read_response}[client](answer)


def ask(client: str, model: str, prompt, tokens: int = 200, **more) -> dict:
    """`prompt`: a text, or the messages as they are."""
    if client == "google":
        if tools := more.pop("tools", None):
            more["tools"] = [{"functionDeclarations": tools}]
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        config = {"maxOutputTokens": tokens, **more}
        return {"model": model, "contents": [google_content(turn) for turn in turns], "config": config}
    if client == "responses":
        return {"model": model, "max_output_tokens": max(tokens, 1), "input": prompt, **more}
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    return {"model": model, "max_tokens": tokens, "messages": messages, **more}


def google_content(turn: dict) -> dict:
    if "parts" in turn:
        return turn
    parts = [{"text": turn["content"]}] if isinstance(turn["content"], str) else turn["content"]
    return {"role": "model" if turn["role"] == "assistant" else "user", "parts": parts}


def with_usage(client: str, params: dict, stream: bool) -> dict:
    return {**params, "stream_options": {"include_usage": True}} if client == "openai" and stream else params


def with_system(client: str, params: dict, text: str) -> dict:
    if client == "anthropic":
        return {**params, "system": text}
    if client == "responses":
        return {**params, "instructions": text}
    if client == "google":
        return {**params, "config": {**params["config"], "systemInstruction": {"parts": [{"text": text}]}}}
    return {**params, "messages": [{"role": "system", "content": text}, *params["messages"]]}


def stop_at(client: str, *words: str) -> dict:
    return {{"openai": "stop", "google": "stopSequences"}.get(client, "stop_sequences"): list(words)}


def tool(client: str, name: str, schema: dict, description: str = "A tool.") -> dict:
    if client == "openai":
        return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}
    if client == "responses":
        return {"type": "function", "name": name, "description": description, "parameters": schema, "strict": False}
    if client == "google":
        return {"name": name, "description": description, "parametersJsonSchema": schema}
    return {"name": name, "description": description, "input_schema": schema}


def choice(client: str, kind: str, name: str | None = None) -> dict:
    if client == "google":
        mode = {"named": "ANY", "required": "ANY"}.get(kind, kind.upper())
        named = {"allowedFunctionNames": [name]} if name else {}
        return {"toolConfig": {"functionCallingConfig": {"mode": mode, **named}}}
    if client == "openai":
        value = {"type": "function", "function": {"name": name}} if name else kind
    elif client == "responses":
        value = {"type": "function", "name": name} if name else kind
    else:
        value = {"type": "tool", "name": name} if name else {"type": {"required": "any"}.get(kind, kind)}
    return {"tool_choice": value}


def said(client: str, answer: dict) -> list[dict]:
    """The assistant's turn, as the SDK's user would put it back into the conversation."""
    if client == "anthropic":
        return [{"role": "assistant", "content": answer["content"]}]
    if client == "google":
        return [answer["candidates"][0]["content"]]
    if client == "responses":
        return [without_parsed(item) for item in answer["output"]]
    message = answer["choices"][0]["message"]
    kept = {key: value for key, value in message.items() if value is not None and key not in ("parsed", "refusal")}
    for call in kept.get("tool_calls") or []:
        call.pop("index", None)
        call["function"].pop("parsed_arguments", None)
        call["function"].pop("parsed", None)
    return [kept]


def without_parsed(value):
    """The SDKs add what they understood themselves."""
    if isinstance(value, list):
        return [without_parsed(each) for each in value]
    if isinstance(value, dict):
        return {key: without_parsed(each) for key, each in value.items() if not key.startswith("parsed")}
    return value


def results(client: str, answers: list[tuple], error: bool = False) -> list[dict]:
    """[(call id, text, name of the function)] as the turn after the calls."""
    if client == "google":
        return [{"role": "user", "parts": [google_result(*each) for each in answers]}]
    answers = [each[:2] for each in answers]
    if client == "openai":
        return [{"role": "tool", "tool_call_id": name, "content": text} for name, text in answers]
    if client == "responses":
        return [{"type": "function_call_output", "call_id": name, "output": text} for name, text in answers]
    return [
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": name, "content": text, **({"is_error": True} if error else {})}
                for name, text in answers
            ],
        }
    ]


def google_result(call: str, text: str, name: str) -> dict:
    return {"functionResponse": {"id": call, "name": name, "response": {"output": text}}}


def image(client: str, media_type: str, data: bytes) -> dict:
    text = base64.b64encode(data).decode()
    if client == "openai":
        return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{text}"}}
    if client == "google":
        return {"inlineData": {"mimeType": media_type, "data": text}}
    if client == "responses":
        return {"type": "input_image", "detail": "auto", "image_url": f"data:{media_type};base64,{text}"}
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": text}}


def text_part(client: str, text: str) -> dict:
    if client == "google":
        return {"text": text}
    return {"type": "input_text" if client == "responses" else "text", "text": text}


def thinking(client: str) -> dict:
    if client == "anthropic":
        return {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    if client == "google":
        return {"thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": True}}
    return {"reasoning_effort": "high"} if client == "openai" else {"reasoning": {"effort": "high"}}


def schema_output(client: str, schema: dict) -> dict:
    if client == "openai":
        return {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "thing", "schema": schema, "strict": True},
            }
        }
    if client == "responses":
        return {"text": {"format": {"type": "json_schema", "name": "thing", "schema": schema, "strict": True}}}
    if client == "google":
        return {"responseMimeType": "application/json", "responseJsonSchema": schema}
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def png(width: int = 2, height: int = 2) -> bytes:
    """A whole, tiny picture."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
