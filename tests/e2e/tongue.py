"""One way to talk through six official SDKs. A Tongue says what a test means in its SDK's words and reads the answer.

    heard = TONGUES["cohere"].ask(base, "provider/model", [User("echo hi")], Wants(stream=True))
    heard.said.text, heard.said.calls, heard.error

An answer goes back into a conversation as it came (`Said.native`), as users of the SDK would do it.
"""

import json
from dataclasses import dataclass, field


@dataclass
class User:
    text: str
    picture: bytes | None = None  # PNG


@dataclass
class Results:
    answers: list  # (Call, text)


@dataclass
class Call:
    id: str
    name: str
    arguments: dict


@dataclass
class Said:
    text: str = ""
    calls: list[Call] = field(default_factory=list)
    stop: str = ""  # "end", "length", "tool"
    input: int = 0
    output: int = 0
    reasoning: str = ""
    native: object = None


@dataclass
class Wants:
    stream: bool = False
    system: str | None = None
    tools: dict = field(default_factory=dict)  # name -> JSON schema
    tokens: int = 2000
    stop: list[str] = field(default_factory=list)
    schema: dict | None = None
    think: bool = False
    leave_after: int | None = None  # events of a stream
    strict: bool = False  # refuse what would be lost

    def headers(self) -> dict:
        return {"x-hanse-strict": "true"} if self.strict else {}


@dataclass
class Heard:
    said: Said | None = None
    error: Exception | None = None
    status: int | None = None  # of the error
    headers: dict = field(default_factory=dict)

    def ok(self) -> Said:
        if self.error is not None:
            raise AssertionError(f"the SDK raised {type(self.error).__name__}: {self.error}") from self.error
        return self.said


class Left(Exception):  # noqa: N818
    """The test has read as much of a stream as it wanted."""


class Tongue:
    """What a subclass owes: `perform` returns Said or raises what its SDK raises."""

    name = ""
    errors: tuple = ()
    knows_stop = True  # can say where to stop
    calls_have_ids = True

    def ask(self, base: str, model: str, turns: list, wants: Wants | None = None, key: str = "any") -> Heard:
        heard = Heard()
        try:
            heard.said = self.perform(base, model, turns, wants or Wants(), key, heard)
        except Left:
            pass
        except self.errors as error:
            heard.error, heard.status = error, self.status_of(error)
        return heard

    def status_of(self, error: Exception) -> int | None:
        return getattr(error, "status_code", None)

    def perform(self, base, model, turns, wants, key, heard) -> Said:
        raise NotImplementedError

    @staticmethod
    def counted(events, wants: Wants):
        """The events of a stream, until the test leaves."""
        for number, event in enumerate(events, 1):
            yield event
            if number == wants.leave_after:
                raise Left


def parsed(arguments: str | None) -> dict:
    return json.loads(arguments) if arguments else {}


def note_headers(heard: Heard, headers) -> None:
    heard.headers = {str(name).lower(): value for name, value in dict(headers).items()}
