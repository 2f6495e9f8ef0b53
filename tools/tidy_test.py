#!/usr/bin/env python3
"""Tests of tidy.py: each rule finds its fault in a tree of a few lines, and leaves the right form alone."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import tidy  # noqa: E402
import tidy_cpp  # noqa: E402

HOUSE = tidy.House((Path(__file__).parent / "floors.txt").read_text())


def faults(path: str, text: str) -> list[str]:
    source = tidy.Source(path, text)
    found = [*tidy.check_floors(source, HOUSE), *tidy.check_header(source), *tidy.check_sizes(source),
             *tidy.check_awaits(source), *tidy.check_words(source)]
    return [str(fault) for fault in found]


class Rules(unittest.TestCase):
    def refused(self, path: str, text: str, says: str) -> None:
        found = faults(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(says, found[0])

    def allowed(self, path: str, text: str) -> None:
        self.assertEqual(faults(path, text), [])

    def test_includes_run_downward(self):
        self.allowed("src/route/a.cc", '#include "base/json.h"\n#include "route/b.h"\n')
        self.allowed("src/catalog/a.cc", '#include "canon/offer.h"\n')
        self.refused("src/route/a.cc", '\n#include "net/stream.h"\n',
                     "src/route/a.cc:2: route/ (floor 2) includes net/stream.h (floor 3); "
                     "code that needs both goes up to gateway/, mover/, planner/, sim/")
        self.refused("src/route/a.cc", '#include "policy/guard.h"\n', "goes up to net/")
        self.refused("src/nowhere/a.cc", "", "stands on no floor")
        self.refused("src/route/a.cc", '#include "plan.h"\n', 'write "route/plan.h"')

    def test_dialects_do_not_know_each_other(self):
        self.allowed("src/dialect/openai/a.cc", '#include "dialect/frame/sse.h"\n#include "dialect/dialect.h"\n')
        self.refused("src/dialect/openai/a.cc", '#include "dialect/anthropic/parts.h"\n', "dialects meet in canon/")

    def test_headers_have_one_home(self):
        self.allowed("src/base/json.cc", "#include <simdjson.h>\n")
        self.allowed("src/policy/keys.cc", "#include <openssl/evp.h>\n")
        self.refused("src/dialect/a.cc", "#include <simdjson.h>\n", "base/json.h reads and writes JSON")
        self.refused("src/policy/keys.cc", "#include <openssl/ssl.h>\n", "net/tls.h")
        self.refused("src/gateway/a.cc", "#include <sys/epoll.h>\n", "lives in net only")

    def test_headers_open_with_what_they_are(self):
        self.allowed("src/base/a.h", "// A thing.\n#pragma once\n")
        self.refused("src/base/a.h", "#pragma once\n", "opens with what it is")
        self.refused("src/base/a.h", "// A thing.\n", "#pragma once")

    def test_sizes(self):
        self.allowed("src/base/a.cc", "void f() {\n" + "  g();\n" * 68 + "}\n")
        self.refused("src/base/a.cc", "void f() {\n" + "  g();\n" * 69 + "}\n", "f has 71 lines")
        self.refused("src/base/a.cc", "int x;\n" * 801, "801 lines")
        self.refused("tools/a.py", "def f():\n" + "    g()\n" * 70, "f has 71 lines")
        self.refused("dev", "#" * 121, "1 lines of more than 120 columns")
        self.allowed("docs/a.md", "x" * 200)

    def test_awaits_name_first(self):
        right = ("auto a = co_await read(stream, {deadline, cancel});\n"
                 "auto b = co_await answer(400, {}, body);\n"
                 "for (int i = 0; i < co_await size(); ++i) { use({1}); }\n")
        self.allowed("src/net/a.cc", right)
        self.refused("src/net/a.cc", "auto a = co_await open({.host = h});\n", "g++ 12")
        self.refused("src/net/a.cc", "co_await open(Options{h});\n", "filled braces")
        self.refused("src/net/a.cc", 'co_await open({"a", b});\n', "filled braces")
        self.refused("src/net/a.cc", "co_await run([this] { go(); });\n", "capturing lambda")

    def test_words(self):
        self.refused("src/net/a.cc", "int upst" "ream;\n", "say provider")
        self.refused("src/net/a.cc", "// TO" "DO\n", "open an issue")
        self.refused("src/net/a.cc", "// up" "stream\n", "say provider")
        self.allowed("src/net/a.cc", "// memmem is slow\n")
        self.refused("src/net/a.cc", "memmem(a, b);\n", "base/bytes.h")
        self.refused("src/base/a.cc", "assert(x);\n", "HANSE_ASSERT")
        self.allowed("src/base/a.cc", "static_assert(x);\nHANSE_ASSERT(y);\n")
        self.allowed("src/base/a.cc", "memmem(a, b);  // tidy-ok: measured beside ours\n")
        self.refused("src/base/a.cc", "size_t max_bytes;\n", "bytes_max")

    def test_a_provider_is_a_row(self):
        self.refused("src/gateway/a.cc", 'if (name == "open' 'ai") {}\n', "do not ask who it is")
        self.refused("src/gateway/a.cc", "void groq();\n", "a provider is a row")
        self.allowed("src/catalog/a.cc", 'if (name == "openai") {}\n')
        self.allowed("src/gateway/a_test.cc", 'auto x = name == "groq";\n')

    def test_no_place_of_one_machine(self):
        self.refused("docs/a.md", "see /ro" "ot/x\n", "derive it from the repository")
        self.refused("dev", "curl https://py" "pi.org\n", "each tool knows its own")
        self.allowed("docs/a.md", "src/net/root and https://example.com/home\n")


class Reading(unittest.TestCase):
    def names(self, text: str) -> list[tuple[str, int]]:
        return [(f.name, f.lines) for f in tidy_cpp.functions(tidy_cpp.bare(text))]

    def test_functions(self):
        self.assertEqual(self.names("""
namespace a {
struct S final : Base<int> {
  S(int x) : a_{x}, b_(1) {}
  int get() const noexcept {
    return a_;
  }
  int a_{0};
  std::function<void()> f_ = [] { go(); };
};
struct tm now() {
  return {};
}
template <class T, class U = std::vector<T>>
struct Traits {
  auto make() -> T { return T{1}; }
};
const int table[] = {1, 2, f(3)};
TEST(A, b) {
  auto x = R"(} { ")";  // }
}
}  // namespace a
"""), [("S", 1), ("get", 3), ("now", 3), ("make", 1), ("TEST", 3)])

    def test_literals_keep_lines(self):
        text = 'a /* 1\n2 */ "x{\\"" R"(\n\n)" 1\'000 \'{\' // {\n'
        self.assertEqual(tidy_cpp.bare(text).count("\n"), text.count("\n"))
        self.assertNotIn("{", tidy_cpp.bare(text))


class Folders(unittest.TestCase):
    def test_dialects_hold_the_same_files(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "src/dialect/latin/golden").mkdir(parents=True)
            there = ("dialect", "decode_request", "encode_request", "reply_decoder", "reply_encoder", "watcher")
            for name in ("README.md", "frame.h", *(f"latin/{part}.cc" for part in there)):
                (root / "src/dialect" / name).write_text("## What belongs here\n## What does not\n")
            found = [str(fault) for fault in tidy.check_folders(tidy.tree(root), root, HOUSE)]
            self.assertEqual(len(found), 1, found)
            self.assertIn("src/dialect/latin/error*.cc", found[0])


class Documents(unittest.TestCase):
    def test_links_and_decisions(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs/adr").mkdir(parents=True)
            (root / "docs/adr/README.md").write_text("[0001](0001-a.md)\n")
            (root / "docs/adr/0001-a.md").write_text("# One thing\n[up](../tour.md#the-life)\n")
            (root / "docs/adr/0003-b.md").write_text("`[not](a-link.md)`\n")
            (root / "docs/tour.md").write_text("# Tour\n## The life\n[x](#none) [y](gone.md)\n")
            paths = tidy.tree(root)
            links = [str(fault) for source in tidy.read(root) for fault in tidy.check_links(source, root)]
            self.assertEqual(len(links), 2, links)
            (root / "src/net").mkdir(parents=True)
            (root / "src/net/a.cc").write_text("void Net::run() {}\n")
            (root / "docs/tour.md").write_text("`net/a.cc` `Net::run` `Net::run()` `a.b` `net/b.cc` `Net::walk`\n")
            paths = tidy.tree(root)
            page = next(source for source in tidy.read(root) if source.path == "docs/tour.md")
            named = [str(fault) for fault in tidy.check_named(page, paths, "void Net::run() {}")]
            self.assertEqual(len(named), 2, named)
            self.assertIn("net/b.cc is not there", named[0])
            self.assertIn("Net::walk", named[1])
            decisions = [str(fault) for fault in tidy.check_adrs(paths, root)]
            self.assertEqual(len(decisions), 2, decisions)


if __name__ == "__main__":
    unittest.main()
