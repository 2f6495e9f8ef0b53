"""Reads C++ just well enough for tidy.py: without comments and literals, functions with their lengths, co_awaits.

Relies on clang-format's layout nowhere; braces and parentheses are matched, so any layout will do.
"""

import re
from typing import Iterator, NamedTuple

LITERAL = re.compile(
    r'R"(?P<mark>[^\s()\\]{0,16})\((?P<raw>.*?)\)(?P=mark)"'   # raw string
    r'|//(?:\\\n|[^\n])*'                                      # line comment
    r'|/\*.*?\*/'                                              # block comment
    r'|"(?:\\.|[^"\\\n])*"'                                    # string
    r"|(?<![0-9a-zA-Z_])'(?:\\.[^'\n]*|[^'\\\n])'",            # character, not a digit separator
    re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
TOKEN = re.compile(r"[{}();]")
SCOPE = re.compile(r"\s*(?:(?:inline|static|typedef|constexpr|\[\[[^\]]*\]\])\s+)*"
                   r"(?:(namespace|class|struct|union|enum)\b|extern\s*\"\"\s*$)")
LABEL = re.compile(r"\s*(?:(?:public|private|protected)\s*:(?!:)\s*)*")
INITIALISERS = re.compile(r"\)\s*(?:noexcept\s*(?:\([^)]*\))?\s*)?:(?!:)")
BODY_FOLLOWS = re.compile(
    r"(?:\)|\}|\b(?:const|noexcept|override|final|mutable|try)|&|->\s*[\w:<>,\s*&()\[\]]+)\s*$", re.S)
CONCEPT = re.compile(r"\brequires\s*(?:\([^()]*\))?\s*$")
NAME = re.compile(r"(operator\s*[^\s\w(]+|operator\s*\(\)|~?[\w:]+)\s*\(")


class Function(NamedTuple):
    name: str
    line: int
    lines: int


def blank(text: str) -> str:
    """As many newlines as `text` has, so that line numbers stay."""
    return "\n" * text.count("\n")


def without_comments(text: str) -> str:
    """Comments gone, string literals kept: what the words of the code are searched in."""
    def keep(match: re.Match) -> str:
        return blank(match[0]) if match[0].startswith(("//", "/*")) else match[0]
    return LITERAL.sub(keep, text)


def bare(text: str) -> str:
    """Comments, literals and preprocessor lines gone: what braces are matched in."""
    def empty(match: re.Match) -> str:
        return blank(match[0]) if match[0].startswith(("//", "/*")) else '""' + blank(match[0])
    return DIRECTIVE.sub(lambda match: blank(match[0]), LITERAL.sub(empty, text))


def matching_brace(text: str, at: int) -> int:
    """The place of the brace that closes the one at `at`, or the end of the text."""
    depth = 0
    for match in re.finditer(r"[{}]", text[at:]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return at + match.start()
    return len(text)


def without_template(head: str) -> str:
    """`head` without access labels and template parameters before it."""
    head = head[LABEL.match(head).end():]
    while match := re.match(r"\s*template\s*<", head):
        depth, at = 1, match.end()
        while depth and at < len(head):
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = head[at:]
    return head


def is_scope(head: str) -> bool:
    """Whether a brace after `head` opens a namespace or a type; `struct tm now() {` opens a function."""
    plain = without_template(head)
    bases = plain.split(":", 1)[0] if not re.search(r"::", plain.split("(", 1)[0]) else plain
    return bool(SCOPE.match(plain)) and "(" not in re.sub(r"\b(?:alignas|__attribute__)\s*\(.*?\)+", "", bases)


def is_body(head: str) -> bool:
    """Whether a brace after `head` opens a function's body; else it initialises something."""
    plain = head.strip()
    if "(" not in plain or CONCEPT.search(plain):
        return False
    if INITIALISERS.search(plain) and not plain.endswith((")", "}")):
        return False                                           # the braces of one member's initialiser
    return bool(BODY_FOLLOWS.search(plain))


def functions(code: str) -> Iterator[Function]:
    """Every function with a body, outermost ones only. `code` is what bare() gave."""
    at = start = depth = 0
    while match := TOKEN.search(code, at):
        at = match.end()
        token = match[0]
        if token in "()":
            depth += 1 if token == "(" else -1
        elif token in ";}":
            if depth <= 0:
                start, depth = at, 0
        elif depth > 0:
            at = matching_brace(code, match.start()) + 1
        elif is_scope(head := code[start:match.start()]):
            start = at
        elif is_body(head):
            end = matching_brace(code, match.start())
            first = start + LABEL.match(head).end()
            name = NAME.search(without_template(head))
            yield Function(name[1] if name else "?", code.count("\n", 0, first) + 1, code.count("\n", first, end) + 1)
            at = start = end + 1
        else:
            at = matching_brace(code, match.start()) + 1       # an initialiser: its statement goes on


def await_faults(code: str) -> Iterator[tuple[int, str]]:
    """co_await expressions that g++ 12 gets wrong: a filled brace or a capturing lambda made inside them."""
    for match in re.finditer(r"\bco_await\b", code):
        rest = expression(code, match.end())
        line = code.count("\n", 0, match.start()) + 1
        if re.search(r"(?:[(,]|\breturn)\s*\[[^\]\s][^\]]*\]\s*[({]", rest):
            yield line, "capturing lambda"
        elif any(is_fat(rest, brace) for brace in re.finditer(r"[\w>(,]\s*(\{)\s*[^\s}]", rest)):
            yield line, "filled braces"


def is_fat(text: str, brace: re.Match) -> bool:
    """Whether the braces may make something with a destructor. Bounds and spans, `{deadline, cancel}`, have none."""
    inside = text[brace.start(1) + 1:matching_brace(text, brace.start(1))]
    typed = re.search(r"[\w>]\s*$", text[:brace.start(1)]) and not re.search(r"\bBounds\s*$", text[:brace.start(1)])
    return bool(typed) or bool(re.search(r'^\s*\.\w|""|std::move|\{', inside))


def expression(code: str, start: int) -> str:
    """From `start` to the end of the statement, or of the parentheses that hold it."""
    depth = 0
    for match in re.finditer(r"[(){};]", code[start:]):
        token = match[0]
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
        if depth < 0 or (token == ";" and depth == 0):
            return code[start:start + match.start()]
    return code[start:]
