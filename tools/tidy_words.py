"""The words that the house does not use, where, and what to write instead."""

import re
from typing import NamedTuple

CPP = r".*\.(cc|h)"
LIBRARIES = r"src/(?!cli/).*(?<!_bench)\.(cc|h)"
SCRIPTS = r".*\.(py|sh|mjs|cmake)|dev|\.ci/run"
DOCS = r".*\.md"
CODE = rf"{CPP}|{SCRIPTS}"
# This table and its test name the words; lock files and data made by others are not ours to word.
NOT_OURS = re.compile(r"tools/tidy\w*\.py|(.*/)?(golden|corpus|fixtures|vectors)/.*|(.*/)?(package-lock\.json|go\.sum)")


class Word(NamedTuple):
    pattern: re.Pattern
    where: re.Pattern
    instead: str
    code_only: bool          # comments may say it
    names_only: bool         # and so may strings
    but_not: re.Pattern

    def covers(self, path: str) -> bool:
        return bool(self.where.fullmatch(path)) and not self.but_not.fullmatch(path) and not NOT_OURS.fullmatch(path)


def word(pattern: str, instead: str, where: str = rf"{CODE}|{DOCS}", code_only: bool = False, but_not: str = "-",
         flags: int = 0, names_only: bool = False) -> Word:
    return Word(re.compile(pattern, flags | re.M), re.compile(where), instead, code_only, names_only,
                re.compile(but_not))


VENDORS = ("groq|mistral|fireworks|deepseek|perplexity|cohere|openrouter|cerebras|nebius|sambanova|ollama|moonshot|"
           "together_?ai|vllm")
DIALECTS = f"openai|anthropic|bedrock|azure|gemini|vertex|google|{VENDORS}"
ROWS = r"src/(catalog|dialect|sim)/.*|.*_(test|bench|fuzz)\.cc|tests/.*"

WORDS = [
    # What things are called
    word(r"\bupstreams?\b(?! \w+ \{)", "say provider", flags=re.I),
    word(r"\bdownstreams?\b", "say client", flags=re.I),
    word(r"\bblack-?list\w*", "say denied, or what it lists", flags=re.I),
    word(r"\bwhite-?list\w*", "say allowed, or what it lists", flags=re.I),
    word(r"\bslaves?\b", "say replica or follower", flags=re.I),
    word(r"\b(kogge|harbou?rs?|captain|sailor|voyage|armada|guild|kontor|lubeck|merchant)\w*\b",
         "no themed names; use the field's word", r"src/.*\.(cc|h)", names_only=True, flags=re.I),
    word(r"\b(T[O]DO|F[I]XME|X{3}|H[A]CK)\b", "do it now, or open an issue and say nothing here"),
    word(r"\b(max|min)_(bytes|ms|us|connections|depth|size|requests|streams)\b",
         "units and then bounds last: bytes_max, timeout_ms", CPP, code_only=True),
    word(r"\b(ms|us|ns|usd)_[a-z]\w*(?<!_max)(?<!_min)(?<!_total)\b", "units last: timeout_ms", CPP, code_only=True),

    # What the language offers and the house does not use
    word(r"\bstd::regex\b", "write the few lines of parsing (base/bytes.h), it is 100 times faster", CPP, True),
    word(r"\bstd::(format|print|println)\b|#include <(format|print)>", "fmt::format; libstdc++ 12 has none", CPP, True),
    word(r"\bstd::(cout|cerr|clog)\b", "libraries return values; cli/ prints, base/log.h logs", LIBRARIES, True,
         r".*_test\.cc"),
    word(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b",
         "wait on the reactor with a deadline", r"src/.*\.(cc|h)", True,
         r".*_test\.cc|.*/test_\w+\.h"),
    word(r"(\.|->)spawn\(", "await it; detached work has its places, which src/net/README.md lists",
         r"src/.*\.(cc|h)", True,
         r"src/net/(server|http2_session|dns)\.cc|src/cli/(runtime|discovery_loop|running)\.cc|src/sim/clouds\.cc|"
         r"src/gateway/(token|hedge)\.cc|"
         r".*_test\.cc|.*_testing\.h|.*/test_\w+\.h|.*_bench\.cc|.*_fuzz\.cc"),
    word(r"\bmemmem\b", "hanse::find (base/bytes.h); glibc's is several times slower", CPP, True),
    word(r"\bstrtok\b|\bsprintf\b|\bstrcpy\b|\bgets\b", "std::string_view and fmt", CPP, True),
    word(r"\b(rand|srand)\(", "base/random.h, with a seed that can be given", r"src/.*\.(cc|h)", True),
    word(r"\busing namespace std\s*;", "name what you use; a .cc file may open std::chrono and literals", CPP, True),
    word(r"^\s*using namespace [\w:]+;", "never in a header", r"src/.*\.h", True),
    word(r"(?<![\w:])assert\s*\(|#include <cassert>",
         "HANSE_ASSERT for our own invariants, a Result for what others cause", r"src/.*\.(cc|h)", True),
    word(r"\bstd::shared_mutex\b", "nothing is shared on the request path; snapshots are swapped whole",
         r"src/.*\.(cc|h)", True),
    word(r"\b(nlohmann|boost)::", "base/json.h; see docs/adr/0001-dependencies.md", CPP, True),
    word(r"\bfloat\b[^\n]*\b(usd|cost|price)|\bdouble\b[^\n]*\b(usd|cost|price)", "money is integer micro-dollars",
         r"src/.*\.(cc|h)", True),

    # A provider is a row, not a class
    word(rf"\b({VENDORS})\b", "a provider is a row: catalog/providers/NAME.toml; new behaviour earns an option there",
         r"src/.*\.(cc|h)", True, ROWS, re.I),
    word(rf"[=!]=\s*\"({DIALECTS})\"|\"({DIALECTS})\"\s*[=!]=",
         "do not ask who it is: ask the row or the dialect what it can do", r"src/.*\.(cc|h)", True, ROWS),

    # What has no place in a public tree
    word(r"(?<![\w.$}/~-])/(root|home|work|Users)(/|\b)",
         "no path of one machine; derive it from the repository", r".*",
         but_not=r".*\.lock"),
    word(r"\b(pypi\.o[r]g|pythonhosted\.o[r]g|npmj[s]\.(org|com)|proxy\.gol[a]ng\.org|crates\.i[o]|debian\.o[r]g|"
         r"repo1?\.mav[e]n\.\w+)", "no registry host; each tool knows its own", r".*"),
]
