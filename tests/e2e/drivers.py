"""Three ways to say the same thing through the official SDKs: Python, Python async, Node. One Outcome for all.

    for driver in drivers(lab): outcome = driver.chat("openai", gateway.base, {...params}, stream=True)

Streamed answers are put together by the SDKs' own helpers. Retries are off: a test wants the first answer.
"""

import asyncio
import atexit
import inspect
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import anthropic
import google_sdk
import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT_S = 30


@dataclass
class Outcome:
    answer: dict | list | None = None
    headers: dict = field(default_factory=dict)
    error: dict | None = None  # classes (own first, then bases), status, message, body
    events: int = 0

    def ok(self) -> dict:
        assert self.error is None, f"the SDK raised {self.error}"
        return self.answer

    def raised(self, name: str) -> dict:
        assert self.error is not None, f"wanted {name}, the SDK returned {self.answer}"
        assert name in self.error["classes"], f"wanted {name}, got {self.error}"
        return self.error


def error_of(error: Exception) -> dict:
    return {
        "classes": [base.__name__ for base in type(error).__mro__],
        "status": getattr(error, "status_code", None),
        "message": str(error),
        "body": getattr(error, "body", None),
    }


def note_headers(outcome: Outcome, response) -> None:
    outcome.headers = {name.lower(): value for name, value in response.headers.items()}


def as_arguments(dialect: str, params: dict) -> dict:
    """The newest Python SDK of Anthropic has no words for sampling; its users say it in the extra body."""
    extra = {name: params[name] for name in ("temperature", "top_p", "top_k") if name in params}
    if dialect != "anthropic" or not extra:
        return params
    return {**{name: value for name, value in params.items() if name not in extra}, "extra_body": extra}


class EndOfResponse:
    """What the last event of Responses says. Its SDK gives failures as events, where others raise them."""

    def __init__(self, outcome: Outcome):
        self._outcome, self.answer = outcome, None

    def look_at(self, event) -> None:
        self._outcome.events += 1
        if event.type in ("response.completed", "response.incomplete"):
            self.answer = event.response.model_dump(exclude_unset=True)
        elif event.type in ("response.failed", "error"):
            words = event.response.error if event.type == "response.failed" else event
            raise openai.APIError(words.message, None, body={"type": "told", "message": words.message})

    def whole(self) -> dict:
        if self.answer is None:
            raise openai.APIError("the stream has no last event", None, body=None)
        return self.answer


def api_of(client, dialect: str):
    if dialect == "responses":
        return client.responses
    return client.chat.completions if dialect == "openai" else client.messages


class PythonDriver:
    name = "python"

    def chat(
        self,
        dialect: str,
        base: str,
        params: dict,
        stream: bool = False,
        headers: dict | None = None,
        key: str = "sk-client",
        stop_after: int | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Outcome:
        outcome = Outcome()
        if dialect == "google":
            google_sdk.chat(outcome, base, params, stream, headers, key, stop_after, timeout_s)
            return outcome
        try:
            with self._client(dialect, base, key, timeout_s) as client:
                outcome.answer = self._perform(client, dialect, params, stream, headers, stop_after, outcome)
        except (openai.APIError, anthropic.APIError) as error:
            outcome.error = error_of(error)
            if getattr(error, "response", None) is not None:
                note_headers(outcome, error.response)
        return outcome

    def models(self, dialect: str, base: str, key: str = "sk-client") -> Outcome:
        outcome = Outcome()
        if dialect == "google":
            google_sdk.models(outcome, base, key)
            return outcome
        try:
            with self._client(dialect, base, key, TIMEOUT_S) as client:
                outcome.answer = [model.id for model in client.models.list()]
        except (openai.APIError, anthropic.APIError) as error:
            outcome.error = error_of(error)
        return outcome

    @staticmethod
    def _client(dialect: str, base: str, key: str, timeout_s: float):
        if dialect != "anthropic":
            return openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0, timeout=timeout_s)
        return anthropic.Anthropic(base_url=base, api_key=key, max_retries=0, timeout=timeout_s)

    def _perform(self, client, dialect, params, stream, headers, stop_after, outcome):
        params = as_arguments(dialect, params)
        api = api_of(client, dialect)
        if not stream:
            raw = api.with_raw_response.create(**params, extra_headers=headers)
            note_headers(outcome, raw)
            return raw.parse().model_dump(exclude_unset=True)
        if dialect == "openai":
            return self._openai_stream(api, params, headers, stop_after, outcome)
        if dialect == "responses":
            return self._responses_stream(api, params, headers, stop_after, outcome)
        with api.stream(**params, extra_headers=headers) as events:
            note_headers(outcome, events.response)
            for _ in events:
                outcome.events += 1
                if outcome.events == stop_after:
                    return None
            return events.get_final_message().model_dump(exclude_unset=True)

    @staticmethod
    def _openai_stream(api, params, headers, stop_after, outcome):
        raw = api.with_raw_response.create(**params, stream=True, extra_headers=headers)
        note_headers(outcome, raw)
        state = ChatCompletionStreamState()  # its snapshot: get_final_completion() raises when the length was met
        with raw.parse() as chunks:
            for chunk in chunks:
                outcome.events += 1
                state.handle_chunk(chunk)
                if outcome.events == stop_after:
                    return None
        return state.current_completion_snapshot.model_dump(exclude_unset=True)

    @staticmethod
    def _responses_stream(api, params, headers, stop_after, outcome):
        end = EndOfResponse(outcome)
        with api.stream(**params, extra_headers=headers) as events:
            note_headers(outcome, events._response)
            for event in events:
                end.look_at(event)
                if outcome.events == stop_after:
                    return None
        return end.whole()


class AsyncPythonDriver(PythonDriver):
    name = "python-async"

    def chat(
        self, dialect, base, params, stream=False, headers=None, key="sk-client", stop_after=None, timeout_s=TIMEOUT_S
    ):
        return asyncio.run(self._chat(dialect, base, params, stream, headers, key, stop_after, timeout_s))

    async def _chat(self, dialect, base, params, stream, headers, key, stop_after, timeout_s) -> Outcome:
        outcome = Outcome()
        if dialect == "google":
            await google_sdk.chat_async(outcome, base, params, stream, headers, key, stop_after, timeout_s)
            return outcome
        make = anthropic.AsyncAnthropic if dialect == "anthropic" else openai.AsyncOpenAI
        try:
            async with make(
                base_url=base + ("" if dialect == "anthropic" else "/v1"), api_key=key, max_retries=0, timeout=timeout_s
            ) as client:
                outcome.answer = await self._perform_async(
                    client, dialect, params, stream, headers, stop_after, outcome
                )
        except (openai.APIError, anthropic.APIError) as error:
            outcome.error = error_of(error)
            if getattr(error, "response", None) is not None:
                note_headers(outcome, error.response)
        return outcome

    async def _perform_async(self, client, dialect, params, stream, headers, stop_after, outcome):
        params = as_arguments(dialect, params)
        api = api_of(client, dialect)
        if not stream:
            raw = await api.with_raw_response.create(**params, extra_headers=headers)
            note_headers(outcome, raw)
            parsed = raw.parse()  # one SDK gives the answer, the other a promise of it
            parsed = await parsed if inspect.isawaitable(parsed) else parsed
            return parsed.model_dump(exclude_unset=True)
        if dialect == "openai":
            return await self._openai_stream_async(api, params, headers, stop_after, outcome)
        if dialect == "responses":
            return await self._responses_stream_async(api, params, headers, stop_after, outcome)
        async with api.stream(**params, extra_headers=headers) as events:
            note_headers(outcome, events.response)
            async for _ in events:
                outcome.events += 1
                if outcome.events == stop_after:
                    return None
            return (await events.get_final_message()).model_dump(exclude_unset=True)

    @staticmethod
    async def _openai_stream_async(api, params, headers, stop_after, outcome):
        raw = await api.with_raw_response.create(**params, stream=True, extra_headers=headers)
        note_headers(outcome, raw)
        state = ChatCompletionStreamState()
        async with raw.parse() as chunks:
            async for chunk in chunks:
                outcome.events += 1
                state.handle_chunk(chunk)
                if outcome.events == stop_after:
                    return None
        return state.current_completion_snapshot.model_dump(exclude_unset=True)

    @staticmethod
    async def _responses_stream_async(api, params, headers, stop_after, outcome):
        end = EndOfResponse(outcome)
        async with api.stream(**params, extra_headers=headers) as events:
            note_headers(outcome, events._response)
            async for event in events:
                end.look_at(event)
                if outcome.events == stop_after:
                    return None
        return end.whole()


class NodeDriver:
    name = "node"

    def __init__(self):
        self._child = subprocess.Popen(
            ["node", str(Path(__file__).resolve().parent / "node/driver.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "HANSE_NODE_CLIENTS": str(ROOT / ".cache/node")},
        )

    def _ask(self, command: dict) -> Outcome:
        self._child.stdin.write(json.dumps(command) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        assert line, "the Node driver ended"
        said = json.loads(line)
        return Outcome(said["answer"], said["headers"], said["error"], said["events"])

    def chat(
        self, dialect, base, params, stream=False, headers=None, key="sk-client", stop_after=None, timeout_s=TIMEOUT_S
    ):
        return self._ask(
            {
                "what": "chat",
                "dialect": dialect,
                "base": base,
                "params": params,
                "stream": stream,
                "key": key,
                "headers": headers or {},
                "stop_after": stop_after,
                "timeout_s": timeout_s,
            }
        )

    def models(self, dialect, base, key="sk-client"):
        return self._ask(
            {"what": "models", "dialect": dialect, "base": base, "key": key, "headers": {}, "timeout_s": TIMEOUT_S}
        )

    def close(self) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(5)
        self._child.stdout.close()


_drivers: dict = {}


def driver(name: str):
    """The one of that name; Node's process lives as long as the test run."""
    if name not in _drivers:
        _drivers[name] = {"python": PythonDriver, "python-async": AsyncPythonDriver, "node": NodeDriver}[name]()
    return _drivers[name]


def close_drivers() -> None:
    if "node" in _drivers:
        _drivers.pop("node").close()


atexit.register(close_drivers)
DRIVER_NAMES = ["python", "python-async", "node"]
