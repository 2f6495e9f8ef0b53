"""Google's SDK (google-genai) with the Gemini API."""

from google import genai
from google.genai import errors, types

from tongue import Call, Results, Said, Tongue, note_headers

STOPS = {"STOP": "end", "MAX_TOKENS": "length", "SAFETY": "filtered"}


class Gemini(Tongue):
    name = "google-gemini"
    errors = (errors.APIError,)
    calls_have_ids = False

    def status_of(self, error):
        return error.code

    @staticmethod
    def contents(turns) -> list:
        out = []
        for turn in turns:
            if isinstance(turn, Results):
                parts = [
                    types.Part(
                        function_response=types.FunctionResponse(
                            id=call.id or None, name=call.name, response={"result": text}
                        )
                    )
                    for call, text in turn.answers
                ]
                out.append(types.Content(role="user", parts=parts))
            elif isinstance(turn, Said):
                out.append(types.Content(role="model", parts=turn.native))
            else:
                parts = [types.Part(text=turn.text)]
                if turn.picture:
                    parts.insert(0, types.Part.from_bytes(data=turn.picture, mime_type="image/png"))
                out.append(types.Content(role="user", parts=parts))
        return out

    @staticmethod
    def config(wants) -> types.GenerateContentConfig:
        more = {}
        if wants.tools:
            functions = [
                types.FunctionDeclaration(name=name, description="A tool.", parameters_json_schema=schema)
                for name, schema in wants.tools.items()
            ]
            more["tools"] = [types.Tool(function_declarations=functions)]
        if wants.stop:
            more["stop_sequences"] = wants.stop
        if wants.schema:
            more |= {"response_mime_type": "application/json", "response_json_schema": wants.schema}
        if wants.think:
            more["thinking_config"] = types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)
        return types.GenerateContentConfig(
            system_instruction=wants.system,
            max_output_tokens=wants.tokens,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            http_options=types.HttpOptions(headers=wants.headers()),
            **more,
        )

    def perform(self, base, model, turns, wants, key, heard):
        options = types.HttpOptions(base_url=base, timeout=30_000, retry_options=types.HttpRetryOptions(attempts=1))
        asked = {"model": model, "contents": self.contents(turns), "config": self.config(wants)}
        with genai.Client(api_key=key, vertexai=False, http_options=options) as client:
            if not wants.stream:
                answer = client.models.generate_content(**asked)
                note_headers(heard, answer.sdk_http_response.headers)
                return self.read([answer])
            return self.read(list(self.counted(client.models.generate_content_stream(**asked), wants)))

    @staticmethod
    def read(chunks) -> Said:
        said = Said(native=[])
        for chunk in chunks:
            if usage := chunk.usage_metadata:
                said.input = usage.prompt_token_count or said.input
                said.output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0) or said.output
            for candidate in chunk.candidates or []:
                if candidate.finish_reason:
                    said.stop = STOPS[candidate.finish_reason.value]
                for part in (candidate.content and candidate.content.parts) or []:
                    said.native.append(part)
                    if part.thought:
                        said.reasoning += part.text or ""
                    elif part.text:
                        said.text += part.text
                    if call := part.function_call:
                        said.calls.append(Call(call.id or "", call.name, call.args or {}))
        if not said.stop:
            raise errors.APIError(500, {"error": {"message": "the stream has no last event"}})
        if said.calls and said.stop == "end":
            said.stop = "tool"  # this language has no word of its own for it
        return said
