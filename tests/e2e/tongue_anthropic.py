"""Anthropic's SDK."""

import base64

import anthropic

from tongue import Call, Results, Said, Tongue, note_headers

STOPS = {"end_turn": "end", "max_tokens": "length", "tool_use": "tool", "stop_sequence": "end", "refusal": "filtered"}


class Messages(Tongue):
    name = "anthropic-messages"
    errors = (anthropic.APIError,)

    @staticmethod
    def client(base: str, key: str):
        return anthropic.Anthropic(base_url=base, api_key=key, max_retries=0, timeout=30)

    @staticmethod
    def messages(turns) -> list:
        out = []
        for turn in turns:
            if isinstance(turn, Results):
                parts = [
                    {"type": "tool_result", "tool_use_id": call.id, "content": text} for call, text in turn.answers
                ]
                out.append({"role": "user", "content": parts})
            elif isinstance(turn, Said):
                out.append({"role": "assistant", "content": turn.native})
            elif turn.picture:
                source = {
                    "type": "base64", "media_type": "image/png", "data": base64.b64encode(turn.picture).decode(),
                }  # fmt: skip
                parts = [{"type": "image", "source": source}, {"type": "text", "text": turn.text}]
                out.append({"role": "user", "content": parts})
            else:
                out.append({"role": "user", "content": turn.text})
        return out

    def perform(self, base, model, turns, wants, key, heard):
        asked = {
            "model": model, "max_tokens": wants.tokens, "messages": self.messages(turns),
            "extra_headers": wants.headers(),
        }  # fmt: skip
        if wants.system:
            asked["system"] = wants.system
        if wants.tools:
            asked["tools"] = [
                {"name": name, "description": "A tool.", "input_schema": schema} for name, schema in wants.tools.items()
            ]
        if wants.stop:
            asked["stop_sequences"] = wants.stop
        if wants.schema:
            asked["output_config"] = {"format": {"type": "json_schema", "schema": wants.schema}}
        if wants.think:
            asked["thinking"] = {"type": "enabled", "budget_tokens": 1024}
        with self.client(base, key) as client:
            if not wants.stream:
                raw = client.messages.with_raw_response.create(**asked)
                note_headers(heard, raw.headers)
                return self.read(raw.parse().model_dump(exclude_unset=True))
            with client.messages.stream(**asked) as events:
                note_headers(heard, events.response.headers)
                for _ in self.counted(events, wants):
                    pass
                return self.read(events.get_final_message().model_dump(exclude_unset=True))

    @staticmethod
    def read(answer: dict) -> Said:
        said = Said(native=[drop_parsed(block) for block in answer["content"]], stop=STOPS[answer["stop_reason"]])
        for block in answer["content"]:
            if block["type"] == "text":
                said.text += block["text"]
            elif block["type"] == "tool_use":
                said.calls.append(Call(block["id"], block["name"], block["input"]))
            elif block["type"] == "thinking":
                said.reasoning += block["thinking"]
        said.input, said.output = answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]
        return said


def drop_parsed(block: dict) -> dict:
    return {key: value for key, value in block.items() if not key.startswith("parsed")}
