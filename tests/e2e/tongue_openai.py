"""OpenAI's SDK: Chat Completions and Responses."""

import base64

import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

from tongue import Call, Results, Said, Tongue, note_headers, parsed

STOPS = {"stop": "end", "length": "length", "tool_calls": "tool", "content_filter": "filtered"}


def data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def client_of(base: str, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0, timeout=30)


class Chat(Tongue):
    name = "openai-chat"
    errors = (openai.APIError,)
    client = staticmethod(client_of)

    @staticmethod
    def messages(turns, system) -> list:
        out = [{"role": "system", "content": system}] if system else []
        for turn in turns:
            if isinstance(turn, Results):
                out += [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in turn.answers]
            elif isinstance(turn, Said):
                out.append(turn.native)
            elif turn.picture:
                image = {"type": "image_url", "image_url": {"url": data_url(turn.picture)}}
                out.append({"role": "user", "content": [image, {"type": "text", "text": turn.text}]})
            else:
                out.append({"role": "user", "content": turn.text})
        return out

    def perform(self, base, model, turns, wants, key, heard):
        more = {}
        if wants.tools:
            more["tools"] = [
                {"type": "function", "function": {"name": name, "description": "A tool.", "parameters": schema}}
                for name, schema in wants.tools.items()
            ]
        if wants.stop:
            more["stop"] = wants.stop
        if wants.schema:
            more["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "thing", "schema": wants.schema, "strict": True},
            }
        if wants.think:
            more["reasoning_effort"] = "high"
        if wants.stream:
            more["stream_options"] = {"include_usage": True}
        with self.client(base, key) as client:
            raw = client.chat.completions.with_raw_response.create(
                model=model, messages=self.messages(turns, wants.system), max_completion_tokens=wants.tokens,
                stream=wants.stream, extra_headers=wants.headers(), **more,
            )  # fmt: skip
            note_headers(heard, raw.headers)
            answer = self.gather(raw.parse(), wants) if wants.stream else raw.parse()
        return self.read(answer.model_dump(exclude_unset=True))

    def gather(self, chunks, wants):
        state = ChatCompletionStreamState()
        with chunks:
            for chunk in self.counted(chunks, wants):
                state.handle_chunk(chunk)
        return state.current_completion_snapshot

    @staticmethod
    def read(answer: dict) -> Said:
        choice = answer["choices"][0]
        message = choice["message"]
        left_out = ("parsed", "refusal")
        native = {key: value for key, value in message.items() if value is not None and key not in left_out}
        for call in native.get("tool_calls") or []:
            call.pop("index", None)
            call["function"].pop("parsed_arguments", None)
        calls = [
            Call(call["id"], call["function"]["name"], parsed(call["function"]["arguments"]))
            for call in message.get("tool_calls") or []
        ]
        usage = answer.get("usage") or {"prompt_tokens": 0, "completion_tokens": 0}
        return Said(
            message.get("content") or "", calls, STOPS[choice["finish_reason"]], usage["prompt_tokens"],
            usage["completion_tokens"], message.get("reasoning_content") or "", native,
        )  # fmt: skip


class Responses(Tongue):
    name = "openai-responses"
    errors = (openai.APIError,)
    client = staticmethod(client_of)
    knows_stop = False

    @staticmethod
    def items(turns) -> list:
        out = []
        for turn in turns:
            if isinstance(turn, Results):
                out += [
                    {"type": "function_call_output", "call_id": call.id, "output": text} for call, text in turn.answers
                ]
            elif isinstance(turn, Said):
                out += turn.native
            else:
                content = [{"type": "input_text", "text": turn.text}]
                if turn.picture:
                    image = {"type": "input_image", "detail": "auto", "image_url": data_url(turn.picture)}
                    content.insert(0, image)
                out.append({"role": "user", "content": content})
        return out

    def perform(self, base, model, turns, wants, key, heard):
        more = {"instructions": wants.system} if wants.system else {}
        if wants.tools:
            more["tools"] = [
                {"type": "function", "name": name, "description": "A tool.", "parameters": schema, "strict": False}
                for name, schema in wants.tools.items()
            ]
        if wants.schema:
            form = {"type": "json_schema", "name": "thing", "schema": wants.schema, "strict": True}
            more["text"] = {"format": form}
        if wants.think:
            more["reasoning"] = {"effort": "high"}
            more["include"] = ["reasoning.encrypted_content"]
        asked = {
            "model": model, "input": self.items(turns), "max_output_tokens": max(wants.tokens, 16), "store": False,
            "extra_headers": wants.headers(), **more,
        }  # fmt: skip
        with self.client(base, key) as client:
            if not wants.stream:
                raw = client.responses.with_raw_response.create(**asked)
                note_headers(heard, raw.headers)
                return self.read(raw.parse().model_dump(exclude_unset=True))
            with client.responses.create(stream=True, **asked) as events:
                note_headers(heard, events.response.headers)
                return self.read(self.gather(events, wants))

    def gather(self, events, wants) -> dict:
        last = None
        for event in self.counted(events, wants):
            if event.type == "error":
                raise openai.APIError(event.message, None, body=None)
            if event.type in ("response.completed", "response.incomplete", "response.failed"):
                last = event.response.model_dump(exclude_unset=True)
        if last is None:
            raise openai.APIError("the stream has no last event", None, body=None)
        if last["status"] == "failed":
            raise openai.APIError(last["error"]["message"], None, body=None)
        return last

    @staticmethod
    def read(answer: dict) -> Said:
        said = Said(native=answer["output"], stop="end")
        for item in answer["output"]:
            if item["type"] == "message":
                said.text += "".join(part.get("text", "") for part in item["content"])
            elif item["type"] == "function_call":
                said.calls.append(Call(item["call_id"], item["name"], parsed(item["arguments"])))
                said.stop = "tool"
            elif item["type"] == "reasoning":
                parts = [*(item.get("summary") or []), *(item.get("content") or [])]
                said.reasoning += "".join(part["text"] for part in parts)
        if answer["status"] == "incomplete":
            said.stop = {"max_output_tokens": "length"}[answer["incomplete_details"]["reason"]]
        if answer.get("usage"):
            said.input, said.output = answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]
        return said
