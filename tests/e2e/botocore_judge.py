"""AWS's own model of Bedrock between Hanse and a cloud: every body that Hanse writes is held against it, and passed on.

    judge = BotocoreJudge(lab, sim.url("bedrock"))     # judge.url is the provider's; judge.faults: what was wrong
"""

import asyncio
import re
from collections import Counter
from urllib.parse import unquote, urlsplit

import botocore.session
from botocore.validate import ParamValidator

OPERATIONS = {"converse": "Converse", "converse-stream": "ConverseStream", "count-tokens": "CountTokens"}


class BotocoreJudge:
    def __init__(self, lab, cloud_url: str):
        self.cloud = urlsplit(cloud_url)
        self.model = botocore.session.get_session().get_service_model("bedrock-runtime")
        self.judged: Counter = Counter()
        self.faults: list[str] = []
        self.provider = lab.provider(self.script)

    @property
    def url(self) -> str:
        return self.provider.url

    def judge(self, request) -> None:
        model_id, path = re.fullmatch(r"/model/([^/]+)/([a-z-]+)", request.target).groups()
        operation = OPERATIONS[path]
        self.judged[operation] += 1
        if wrong := self.wrong_with(operation, {"modelId": unquote(model_id), **request.json()}):
            self.faults.append(f"{operation}: {wrong} in {request.body[:1000]!r}")

    def wrong_with(self, operation: str, asked: dict) -> list[str]:
        shape = self.model.operation_model(operation).input_shape
        report = ParamValidator().validate(asked, shape)
        said = [report.generate_report()] if report.has_errors() else []
        return said + list(unknown_to(shape, asked, ""))

    async def script(self, call) -> None:
        self.judge(call.request)
        reader, writer = await asyncio.open_connection(self.cloud.hostname, self.cloud.port)
        try:
            head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", call.request.head)
            head = head.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
            writer.write(head + call.request.body)
            while not call.is_gone() and (piece := await reader.read(65536)):
                await call.send(piece)
        finally:
            writer.close()
        call.close()


def unknown_to(shape, value, path: str):
    """Members and words that the shape doesn't have: the validator, made for users' mistakes, lets words pass."""
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False) and isinstance(value, dict):
        for name, inner in value.items():
            if name not in shape.members:
                yield f"unknown {path}.{name}"
            else:
                yield from unknown_to(shape.members[name], inner, f"{path}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for number, inner in enumerate(value):
            yield from unknown_to(shape.member, inner, f"{path}[{number}]")
    elif shape.type_name == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        yield f"unknown word {value!r} at {path}"
