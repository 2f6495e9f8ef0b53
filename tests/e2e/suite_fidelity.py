"""No field of the vendors' specs is missing from the examples that docs/reference/fidelity.md is measured on."""

import json
import re
from pathlib import Path

from lab import missing
from recorded import oracles
from runner import Suite

suite = Suite("fidelity")
DIALECTS = Path(__file__).resolve().parent.parent.parent / "src/dialect"
SPECIFIED = ["openai-chat", "openai-responses", "anthropic-messages", "google-gemini", "bedrock-converse"]
# What stands in more than one place, and the one whose examples stand for all.
SAME = {
    "openai-responses": [
        # Messages are told apart by their role or their type, or by neither.
        (r"^input\[\]", "input[message]"),
        (r"^input\[message\]\.content\[(\w+)\]", r"input[message].content[\1]"),
        # A search of the web is told by a type that has a date or none.
        (r"^tools\[\]", "tools[web_search]"),
        (r"^tool_choice\.type$", "tool_choice[file_search]"),
    ],
    "anthropic-messages": [(r"^tools\[custom\]", "tools[]")],
}


def examples(dialect: str) -> list[str]:
    file = DIALECTS / dialect.replace("-", "_") / "fidelity.json"
    return list(json.loads(file.read_text(encoding="utf-8"))["fields"])


def is_told(field: str, known: set[str], whole: list[str]) -> bool:
    """By an example of its own, by one for all below, or by the word in the brackets that it is."""
    if field in known or any(field == each or re.match(re.escape(each) + r"[.\[]", field) for each in whole):
        return True
    owner, _, name = field.rpartition(".")
    if name in ("type", "role") and owner.endswith("]"):
        return is_told(owner, known, whole)
    # The element of a list is told with the list, and what may be a choice with its choices.
    return field.endswith("[]") and is_told(field[:-2], known, whole)


def untold(dialect: str, fields: list[str]) -> list[str]:
    rows = examples(dialect)
    known = {row for row in rows if not row.endswith("...")}
    whole = [row.removesuffix("...") for row in rows if row.endswith("...")]
    out = []
    for field in fields:
        for pattern, place in SAME.get(dialect, []):
            field = re.sub(pattern, place, field)
        if not is_told(field, known, whole):
            out.append(field)
    return list(dict.fromkeys(out))


@suite.each(SPECIFIED, limit_s=60)
def every_field_of_the_spec(lab, dialect):
    if not (oracles() / "specs").is_dir():
        missing("the vendors' specs")
    from spec_fields import fields_of

    fields = fields_of(dialect, oracles() / "specs")
    assert len(fields) > 100, f"only {len(fields)} fields were found"
    left = untold(dialect, fields)
    assert not left, f"{len(left)} of {len(fields)} fields stand in no example: {', '.join(left[:30])}"


@suite.case(limit_s=10)
def a_field_that_is_missing_is_seen(lab):
    assert untold("openai-chat", ["seed", "tools[function].function.strict", "audio.voice.id"]) == []
    assert untold("openai-chat", ["sead", "tools[function].function.stric", "audiox"]) == [
        "sead",
        "tools[function].function.stric",
        "audiox",
    ]
