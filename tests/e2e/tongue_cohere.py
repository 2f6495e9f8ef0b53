"""Cohere's SDK, its second API."""

import base64

import cohere
from cohere.core.api_error import ApiError

from tongue import Call, Results, Said, Tongue, note_headers, parsed

STOPS = {"COMPLETE": "end", "STOP_SEQUENCE": "end", "MAX_TOKENS": "length", "TOOL_CALL": "tool"}


class CohereChat(Tongue):
    name = "cohere-chat"
    errors = (ApiError,)

    @staticmethod
    def messages(turns, system) -> list:
        out = [{"role": "system", "content": system}] if system else []
        for turn in turns:
            if isinstance(turn, Results):
                out += [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in turn.answers]
            elif isinstance(turn, Said):
                out.append(turn.native)
            elif turn.picture:
                url = "data:image/png;base64," + base64.b64encode(turn.picture).decode()
                parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": turn.text}]
                out.append({"role": "user", "content": parts})
            else:
                out.append({"role": "user", "content": turn.text})
        return out

    def perform(self, base, model, turns, wants, key, heard):
        asked = {"model": model, "messages": self.messages(turns, wants.system), "max_tokens": wants.tokens}
        if wants.tools:
            asked["tools"] = [
                {"type": "function", "function": {"name": name, "description": "A tool.", "parameters": schema}}
                for name, schema in wants.tools.items()
            ]
        if wants.stop:
            asked["stop_sequences"] = wants.stop
        if wants.schema:
            asked["response_format"] = {"type": "json_object", "json_schema": wants.schema}
        if wants.think:
            asked["thinking"] = {"type": "enabled", "token_budget": 1024}
        options = {"additional_headers": wants.headers(), "max_retries": 0}
        client = cohere.ClientV2(api_key=key, base_url=base, timeout=30, max_retries=0)
        if wants.stream:
            return self.gather(client.chat_stream(**asked, request_options=options), wants)
        raw = client.with_raw_response.chat(**asked, request_options=options)
        note_headers(heard, raw.headers)
        answer = raw.data
        usage = answer.usage.tokens
        return self.read(answer.message, answer.finish_reason, usage)

    def gather(self, events, wants) -> Said:
        text, reasoning, calls, end = "", "", [], None
        for event in self.counted(events, wants):
            if event.type == "content-delta":
                text += event.delta.message.content.text or ""
                reasoning += event.delta.message.content.thinking or ""
            elif event.type == "tool-call-start":
                call = event.delta.message.tool_calls
                calls.append([call.id, call.function.name, call.function.arguments or ""])
            elif event.type == "tool-call-delta":
                calls[-1][2] += event.delta.message.tool_calls.function.arguments
            elif event.type == "message-end":
                end = event.delta
        if end is None or end.finish_reason == "ERROR":
            raise ApiError(body=end.error if end else "the stream has no last event")
        native = {"role": "assistant"}
        content = [{"type": "thinking", "thinking": reasoning}] if reasoning else []
        content += [{"type": "text", "text": text}] if text else []
        if content:
            native["content"] = content
        if calls:
            native["tool_calls"] = [
                {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
                for id_, name, arguments in calls
            ]
        made = [Call(id_, name, parsed(arguments)) for id_, name, arguments in calls]
        tokens = end.usage and end.usage.tokens
        counted = (int(tokens.input_tokens), int(tokens.output_tokens)) if tokens else (0, 0)
        return Said(text, made, STOPS[end.finish_reason], *counted, reasoning, native)

    @staticmethod
    def read(message, finish_reason, tokens) -> Said:
        said = Said(native=message.model_dump(exclude_none=True), stop=STOPS[finish_reason])
        for part in message.content or []:
            if part.type == "text":
                said.text += part.text
            elif part.type == "thinking":
                said.reasoning += part.thinking
        for call in message.tool_calls or []:
            said.calls.append(Call(call.id, call.function.name, parsed(call.function.arguments)))
        said.input, said.output = int(tokens.input_tokens), int(tokens.output_tokens)
        return said
