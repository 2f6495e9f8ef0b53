"""AWS's SDK (boto3) with Bedrock Converse. botocore validates requests and reads answers by the service's own model."""

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError, HTTPClientError

from tongue import Call, Results, Said, Tongue, note_headers, parsed

STOPS = {"end_turn": "end", "stop_sequence": "end", "max_tokens": "length", "tool_use": "tool"}


class Converse(Tongue):
    name = "bedrock-converse"
    errors = (ClientError, EventStreamError, HTTPClientError)

    def status_of(self, error):
        return getattr(error, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode")

    @staticmethod
    def messages(turns) -> list:
        out = []
        for turn in turns:
            if isinstance(turn, Results):
                parts = [
                    {"toolResult": {"toolUseId": call.id, "content": [{"text": text}]}} for call, text in turn.answers
                ]
                out.append({"role": "user", "content": parts})
            elif isinstance(turn, Said):
                out.append({"role": "assistant", "content": turn.native})
            else:
                parts = [{"text": turn.text}]
                if turn.picture:
                    parts.insert(0, {"image": {"format": "png", "source": {"bytes": turn.picture}}})
                out.append({"role": "user", "content": parts})
        return out

    def perform(self, base, model, turns, wants, key, heard):
        asked = {
            "modelId": model,
            "messages": self.messages(turns),
            "inferenceConfig": {"maxTokens": wants.tokens, **({"stopSequences": wants.stop} if wants.stop else {})},
        }
        if wants.system:
            asked["system"] = [{"text": wants.system}]
        if wants.tools:
            asked["toolConfig"] = {
                "tools": [
                    {"toolSpec": {"name": name, "description": "A tool.", "inputSchema": {"json": schema}}}
                    for name, schema in wants.tools.items()
                ]
            }
        if wants.schema:
            form = {"jsonSchema": {"name": "thing", "schema": json.dumps(wants.schema)}}
            asked["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": form}}
        if wants.think:
            asked["additionalModelRequestFields"] = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
        client = self.client(base, key, wants)
        try:
            if not wants.stream:
                answer = client.converse(**asked)
                note_headers(heard, answer["ResponseMetadata"]["HTTPHeaders"])
                return self.read(answer["output"]["message"]["content"], answer["stopReason"], answer["usage"])
            answer = client.converse_stream(**asked)
            note_headers(heard, answer["ResponseMetadata"]["HTTPHeaders"])
            return self.gather(answer["stream"], wants)
        finally:
            client.close()

    @staticmethod
    def client(base, key, wants):
        client = boto3.client(
            "bedrock-runtime", endpoint_url=base, region_name="eu-central-1",
            aws_access_key_id="AKIA", aws_secret_access_key=key,  # it signs; bearer keys it sends over TLS only
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30, connect_timeout=5),
        )  # fmt: skip
        if wants.headers():
            client.meta.events.register(
                "before-send.bedrock-runtime", lambda request, **_: request.headers.update(wants.headers())
            )
        return client

    def gather(self, events, wants) -> Said:
        blocks, stop, usage = {}, None, {"inputTokens": 0, "outputTokens": 0}
        try:
            for event in self.counted(events, wants):
                if "contentBlockStart" in event:
                    start = event["contentBlockStart"]
                    tool = start["start"]["toolUse"]
                    blocks[start["contentBlockIndex"]] = {"toolUse": {**tool, "input": ""}}
                elif "contentBlockDelta" in event:
                    piece = event["contentBlockDelta"]
                    self.add(blocks, piece["contentBlockIndex"], piece["delta"])
                elif "messageStop" in event:
                    stop = event["messageStop"]["stopReason"]
                elif "metadata" in event:
                    usage = event["metadata"]["usage"]
        finally:
            events.close()
        if stop is None:
            raise HTTPClientError(error="the stream has no last event")
        content = [self.closed(blocks[index]) for index in sorted(blocks)]
        return self.read(content, stop, usage)

    @staticmethod
    def add(blocks, index, delta) -> None:
        if "text" in delta:
            blocks.setdefault(index, {"text": ""})["text"] += delta["text"]
        elif "toolUse" in delta:
            blocks[index]["toolUse"]["input"] += delta["toolUse"]["input"]
        elif "reasoningContent" in delta:
            thought = blocks.setdefault(index, {"reasoningContent": {}})["reasoningContent"]
            piece = delta["reasoningContent"]
            if "redactedContent" in piece:
                thought["redactedContent"] = thought.get("redactedContent", b"") + piece["redactedContent"]
                return
            told = thought.setdefault("reasoningText", {"text": ""})
            told["text"] += piece.get("text", "")
            if "signature" in piece:
                told["signature"] = told.get("signature", "") + piece["signature"]

    @staticmethod
    def closed(block: dict) -> dict:
        if "toolUse" not in block:
            return block
        return {"toolUse": {**block["toolUse"], "input": parsed(block["toolUse"]["input"])}}

    @staticmethod
    def read(content, stop, usage) -> Said:
        said = Said(native=content, stop=STOPS[stop], input=usage["inputTokens"], output=usage["outputTokens"])
        for block in content:
            if "text" in block:
                said.text += block["text"]
            elif "toolUse" in block:
                tool = block["toolUse"]
                said.calls.append(Call(tool["toolUseId"], tool["name"], tool["input"]))
            elif "reasoningText" in block.get("reasoningContent", {}):
                said.reasoning += block["reasoningContent"]["reasoningText"]["text"]
        return said

