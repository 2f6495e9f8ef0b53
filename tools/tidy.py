#!/usr/bin/env python3
"""The rules of the house as a test. Says where each fault is, what it is, and what to do instead.

    tools/tidy.py [--all-sizes]      exits 1 when anything is wrong; --all-sizes lists the longest files and functions

CONTRIBUTING.md gives the reasons. A word that is right in one line for once: end the line with `tidy-ok: why`.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

sys.dont_write_bytecode = True
import tidy_cpp  # noqa: E402
import tidy_words  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_AIM, FILE_LINES_MAX = 400, 800
FUNCTION_LINES_P90, FUNCTION_LINES_MAX = 35, 70
COLUMNS_MAX = 120
FLOORS_WITH_README = {"## What belongs here", "## What does not"}


class Fault(NamedTuple):
    path: str
    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}; {self.instead}"


class Source:
    """One file of the tree: its text, and for C++ the text without what only people read."""

    def __init__(self, path: str, text: str):
        self.path = path
        self.text = text
        self.lines = text.removesuffix("\n").split("\n")
        self.is_cpp = path.endswith((".cc", ".h"))
        self.is_python = path.endswith(".py")
        self.is_code = self.is_cpp or self.is_python or path.endswith((".sh", ".mjs", ".cmake")) or path == "dev"
        self.code = tidy_cpp.without_comments(text) if self.is_cpp else text
        self.bare = tidy_cpp.bare(text) if self.is_cpp else ""


class Floor(NamedTuple):
    level: int
    also: frozenset
    what: str


class Home(NamedTuple):
    header: re.Pattern
    places: list
    instead: str


class House:
    """tools/floors.txt: which folder stands on which floor, and which header has which home."""

    def __init__(self, text: str):
        self.floors: dict[str, Floor] = {}
        self.homes: list[Home] = []
        self.dialect_files: list[str] = []
        for line in text.splitlines():
            if line.startswith("floor "):
                _, name, level, rest = line.split(None, 3)
                also = re.match(r"((?:\+\w+\s+)*)(.*)", rest)
                self.floors[name] = Floor(int(level), frozenset(re.findall(r"\w+", also[1])), also[2])
            elif line.startswith("home "):
                header, places, instead = (part.strip() for part in re.split(r"\s:\s", line[5:]))
                self.homes.append(Home(re.compile(header), places.split(), instead))
            elif line.startswith("dialect-files "):
                self.dialect_files = line.split()[1:]

    def may_include(self, folder: str, other: str) -> bool:
        here, there = self.floors[folder], self.floors[other]
        return folder == other or there.level < here.level or other in here.also

    def above(self, *folders: str) -> str:
        level = 1 + max(self.floors[folder].level for folder in folders)
        names = [name for name, floor in self.floors.items() if floor.level == level]
        return ", ".join(f"{name}/" for name in names) or "cli/"


def tree(root: Path) -> list[str]:
    """Every file that is or could be committed."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True)
    if listed.returncode == 0:
        return sorted(path for path in set(listed.stdout.splitlines()) if (root / path).is_file())
    skipped = {"build", ".cache", ".git", "node_modules", "__pycache__"}
    return sorted(str(path.relative_to(root)) for path in root.rglob("*")
                  if path.is_file() and not skipped & set(path.relative_to(root).parts))


def read(root: Path) -> list[Source]:
    sources = []
    for path in tree(root):
        try:
            sources.append(Source(path, (root / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue                                        # data: golden bytes, images
    return sources


# -- floors and homes

def includes(source: Source) -> Iterator[tuple[int, str, bool]]:
    for number, line in enumerate(source.lines, 1):
        if match := re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line):
            yield number, match[1] or match[2], bool(match[1])


def check_floors(source: Source, house: House) -> Iterator[Fault]:
    if not source.is_cpp or not source.path.startswith("src/"):
        return
    folder = source.path.split("/")[1]
    if folder not in house.floors:
        yield Fault(source.path, 1, f"src/{folder}/ stands on no floor", "give it a line in tools/floors.txt")
        return
    for line, header, ours in includes(source):
        if ours:
            yield from check_include(source, house, line, header)
        home = next((home for home in house.homes if home.header.fullmatch(header)), None)
        if home and not is_at_home(source.path, home.places):
            yield Fault(source.path, line, f"<{header}> lives in {', '.join(home.places)} only", home.instead)


def is_at_home(path: str, places: list) -> bool:
    return any(path == f"src/{place}" or path.startswith(f"src/{place}/") for place in places)


def check_include(source: Source, house: House, line: int, header: str) -> Iterator[Fault]:
    folder = source.path.split("/")[1]
    if "/" not in header:
        yield Fault(source.path, line, f'"{header}" has no folder', f'write "{folder}/{header}" or where it stands')
        return
    other = header.split("/")[0]
    if other not in house.floors:
        yield Fault(source.path, line, f'"{header}" is of no folder of src/', "use <> for libraries")
    elif not house.may_include(folder, other):
        here, there = house.floors[folder], house.floors[other]
        yield Fault(source.path, line, f"{folder}/ (floor {here.level}) includes {header} (floor {there.level})",
                    f"code that needs both goes up to {house.above(folder, other)}; a plain type that both need goes "
                    f"down to canon/ or base/; else pass the value in")
    own, theirs = dialect_of(source.path.removeprefix("src/")), dialect_of(header)
    if own and theirs and own != theirs:
        yield Fault(source.path, line, f"dialect {own} includes dialect {theirs}",
                    "dialects meet in canon/ only; what several need goes to dialect/ itself or to dialect/frame/")


def dialect_of(path: str) -> str:
    match = re.match(r"dialect/(?!frame/|json/)(\w+)/", path)
    return match[1] if match else ""


# -- shape

def check_header(source: Source) -> Iterator[Fault]:
    if not source.path.endswith(".h"):
        return
    if not source.text.startswith("//"):
        yield Fault(source.path, 1, "a header opens with what it is",
                    "write a comment first: what, how it is used, who owns it, who may call it, when it ends")
    if source.path.startswith("src/") and not re.search(r"^#pragma once$", source.text, re.M):
        yield Fault(source.path, 1, "no #pragma once", "write it after the opening comment")


def functions(source: Source) -> list[tidy_cpp.Function]:
    if source.is_cpp:
        return list(tidy_cpp.functions(source.bare))
    if not source.is_python:
        return []
    return [tidy_cpp.Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)
            for node in ast.walk(ast.parse(source.text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def check_sizes(source: Source) -> Iterator[Fault]:
    if not source.is_code:
        return
    if len(source.lines) > FILE_LINES_MAX:
        yield Fault(source.path, 1, f"{len(source.lines)} lines, more than {FILE_LINES_MAX}",
                    f"split it by idea; aim under {FILE_LINES_AIM}")
    for function in functions(source):
        if function.lines > FUNCTION_LINES_MAX:
            yield Fault(source.path, function.line, f"{function.name} has {function.lines} lines, more than "
                        f"{FUNCTION_LINES_MAX}", "keep the control flow here and move the leaves out")
    long = [number for number, line in enumerate(source.lines, 1) if len(line) > COLUMNS_MAX]
    if long:
        yield Fault(source.path, long[0], f"{len(long)} lines of more than {COLUMNS_MAX} columns",
                    "./dev format" if source.is_cpp else "break them")


def check_awaits(source: Source) -> Iterator[Fault]:
    for line, what in tidy_cpp.await_faults(source.bare):
        yield Fault(source.path, line, f"{what} inside a co_await expression (g++ 12 destroys it twice)",
                    "give it a name in a statement of its own first")


# -- words

def check_words(source: Source) -> Iterator[Fault]:
    for word in tidy_words.WORDS:
        if not word.covers(source.path):
            continue
        text = source.bare if word.names_only else source.code if word.code_only else source.text
        for match in word.pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            if "tidy-ok:" not in source.lines[line - 1]:
                yield Fault(source.path, line, f"'{match[0].strip()}'", word.instead)


# -- documents

def slug(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower()))
    return words.replace(" ", "-")


def check_links(source: Source, root: Path) -> Iterator[Fault]:
    if not source.path.endswith(".md"):
        return
    text = re.sub(r"```.*?```|`[^`\n]*`", lambda match: tidy_cpp.blank(match[0]), source.text, flags=re.S)
    for match in re.finditer(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        target, _, fragment = match[1].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        line = text.count("\n", 0, match.start()) + 1
        file = (root / source.path).parent / target if target else root / source.path
        if not file.exists():
            yield Fault(source.path, line, f"link to {match[1]}, which is not there", "mend the path or write the page")
        elif fragment and file.suffix == ".md":
            slugs = {slug(heading) for heading in re.findall(r"^#+\s+(.*)$", file.read_text(), re.M)}
            if fragment not in slugs:
                yield Fault(source.path, line, f"no heading #{fragment} in {target or source.path}", "mend the link")


def check_named(page: Source, paths: list[str], code: str) -> Iterator[Fault]:
    """Files (with a folder) and members that a page names in backticks are there."""
    if not page.path.endswith(".md"):
        return
    places = ("/", f"/{page.path.rpartition('/')[0]}/", "/src/")
    for match in re.finditer(r"`([\w.-]+(?:/[\w.-]+)+\.(?:cc|h|py|sh|md|txt))`|`(\w+::\w+)(?:\(\))?`", page.text):
        file, member = match.groups()
        line = page.text.count("\n", 0, match.start()) + 1
        if file and file.split("/")[0] != "NAME" and not any((at + file)[1:] in paths for at in places):
            yield Fault(page.path, line, f"{file} is not there", "name the file that does it now")
        if member and not re.search(rf"\b{member.split('::')[1]}\b", code):
            yield Fault(page.path, line, f"nothing in src/ is called {member}", "use its name of today")


def check_adrs(paths: list[str], root: Path) -> Iterator[Fault]:
    index = root / "docs/adr/README.md"
    pages = [path for path in paths if re.fullmatch(r"docs/adr/\d{4}-[\w-]+\.md", path)]
    if not pages and not index.exists():
        return
    named = index.read_text() if index.exists() else ""
    for number, path in enumerate(pages, 1):
        name = Path(path).name
        if f"({name})" not in named:
            yield Fault(path, 1, "not named in docs/adr/README.md", f"add the row [{name[:4]}]({name})")
        if int(name[:4]) != number:
            yield Fault(path, 1, f"decision {name[:4]} where {number:04} was next", "number them without gaps")


def check_folders(paths: list[str], root: Path, house: House) -> Iterator[Fault]:
    """Each folder of src/ says what belongs there; the dialects hold the same few files."""
    for name in sorted({path.split("/")[1] for path in paths if re.match(r"src/\w+/", path)} & set(house.floors)):
        page = root / "src" / name / "README.md"
        missing = FLOORS_WITH_README - set(page.read_text().splitlines() if page.exists() else [])
        for heading in sorted(missing):
            yield Fault(f"src/{name}/README.md", 1, f"no heading '{heading}'", "say it in a few lines")
    dialects = {dialect_of(path.removeprefix("src/")) for path in paths} - {""}
    for name, pattern in ((name, pattern) for name in sorted(dialects) for pattern in house.dialect_files):
        if not list((root / "src/dialect" / name).glob(pattern)):
            yield Fault(f"src/dialect/{name}/{pattern}", 1, "no such file", "every dialect holds the same few; see "
                        "src/dialect/dialect.h")


# -- all of it

def percentile_90(values: list[int]) -> int:
    return sorted(values)[len(values) * 9 // 10] if values else 0


def check_percentiles(sources: list[Source]) -> Iterator[Fault]:
    code = [source for source in sources if source.is_cpp or source.is_python]
    files = percentile_90([len(source.lines) for source in code])
    lengths = percentile_90([function.lines for source in code for function in functions(source)])
    print(f"tidy: p90 of {len(code)} files is {files} lines (at most {FILE_LINES_AIM}), "
          f"of functions {lengths} (at most {FUNCTION_LINES_P90})")
    if files > FILE_LINES_AIM:
        yield Fault(".", 0, f"p90 of files is {files} lines", "split the longest (--all-sizes)")
    if lengths > FUNCTION_LINES_P90:
        yield Fault(".", 0, f"p90 of functions is {lengths} lines", "split the longest (--all-sizes)")


def check(root: Path) -> list[Fault]:
    house = House((root / "tools/floors.txt").read_text())
    sources = read(root)
    paths = [source.path for source in sources]
    faults: list[Fault] = []
    code = "".join(source.text for source in sources if source.path.startswith("src/") and source.is_cpp)
    for source in sources:
        faults += check_named(source, paths, code)
        faults += check_floors(source, house)
        faults += check_header(source)
        faults += check_sizes(source)
        faults += check_awaits(source)
        faults += check_words(source)
        faults += check_links(source, root)
    faults += check_adrs(paths, root)
    faults += check_folders(paths, root, house)
    faults += check_percentiles(sources)
    return faults


def list_sizes(root: Path) -> None:
    sources = [source for source in read(root) if source.is_cpp or source.is_python]
    for source in sorted(sources, key=lambda source: -len(source.lines))[:15]:
        print(f"{len(source.lines):5} {source.path}")
    long = [(function.lines, f"{source.path}:{function.line} {function.name}")
            for source in sources for function in functions(source)]
    for lines, where in sorted(long, reverse=True)[:15]:
        print(f"{lines:5} {where}")


def main() -> int:
    if "--all-sizes" in sys.argv[1:]:
        list_sizes(ROOT)
        return 0
    faults = check(ROOT)
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} faults" if faults else "tidy: clean")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
