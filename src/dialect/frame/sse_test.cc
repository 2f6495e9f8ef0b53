// Server-sent events: every ending of a line, and every cut of the bytes.
#include "dialect/frame/sse.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace hanse::sse {
namespace {

struct Seen {
  std::string name, data;
  friend bool operator==(const Seen&, const Seen&) = default;
};
using Events = std::vector<Seen>;

void PrintTo(const Seen& seen, std::ostream* out) { *out << fmt::format("{}={:?}", seen.name, seen.data); }

// What a parser that is fed these pieces tells, and what it says when the body ends.
Events parse(const std::vector<std::string_view>& pieces, bool finish = true) {
  Events out;
  Parser parser;
  auto keep = [&](Event event) -> Result<void> {
    out.push_back({std::string(event.name), std::string(event.data)});
    return {};
  };
  for (std::string_view piece : pieces) EXPECT_TRUE(parser.feed(piece, keep));
  EXPECT_TRUE(!finish || parser.finish(keep));
  return out;
}

// In one piece, in any two, in any three (when short), byte by byte, and with empty pieces between.
void expect_at_every_cut(std::string_view bytes, const Events& expected) {
  EXPECT_EQ(parse({bytes}), expected) << fmt::format("{:?}", bytes);
  std::vector<std::string_view> single;
  for (size_t i = 0; i < bytes.size(); ++i) {
    single.push_back(bytes.substr(i, 1));
    single.push_back({});
  }
  EXPECT_EQ(parse(single), expected) << fmt::format("{:?} byte by byte", bytes);
  for (size_t a = 0; a <= bytes.size(); ++a) {
    ASSERT_EQ(parse({bytes.substr(0, a), bytes.substr(a)}), expected)
        << fmt::format("{:?} cut at {}", bytes, a);
    if (bytes.size() > 120) continue;
    for (size_t b = a; b <= bytes.size(); ++b)
      ASSERT_EQ(parse({bytes.substr(0, a), bytes.substr(a, b - a), bytes.substr(b)}), expected)
          << fmt::format("{:?} cut at {} and {}", bytes, a, b);
  }
}

std::string with_line_end(std::string_view lines, std::string_view line_end) {
  std::string out;
  for (char c : lines) c == '\n' ? out.append(line_end) : out.append(1, c);
  return out;
}

TEST(Sse, EveryLineEndAtEveryCut) {
  for (std::string_view end : {"\n", "\r\n", "\r"}) {
    SCOPED_TRACE(fmt::format("{:?}", end));
    expect_at_every_cut(with_line_end("event: a\ndata: 1\n\ndata: 2\n\n", end), {{"a", "1"}, {"", "2"}});
    expect_at_every_cut(with_line_end("data: a\ndata: b\n\n\n\ndata: c\n\n", end), {{"", "a\nb"}, {"", "c"}});
    expect_at_every_cut(with_line_end("\n\n\ndata: late\n\n", end), {{"", "late"}});
  }
}

TEST(Sse, LineEndsMayMix) {
  expect_at_every_cut("data: 1\r\n\ndata: 2\n\r\ndata: 3\r\rdata: 4\n\rdata: 5\r\n\r",
                      {{"", "1"}, {"", "2"}, {"", "3"}, {"", "4"}, {"", "5"}});
}

TEST(Sse, AByteOrderMarkStandsAtTheStartOnly) {
  expect_at_every_cut(
      "\xEF\xBB\xBF"
      "data: 1\n\ndata: 2\n\n",
      {{"", "1"}, {"", "2"}});
  expect_at_every_cut("\xEF\xBB\xBF\n\ndata: 1\n\n", {{"", "1"}});
  // Later, or twice, it is part of a field that nobody knows.
  expect_at_every_cut(
      "data: 1\n\n\xEF\xBB\xBF"
      "data: 2\n\n",
      {{"", "1"}});
  expect_at_every_cut(
      "\xEF\xBB\xBF\xEF\xBB\xBF"
      "data: 1\n\n",
      {});
  expect_at_every_cut("\xEF\xBB", {});
  expect_at_every_cut("\xEF", {});
}

TEST(Sse, CommentsAndOtherFieldsAreSkipped) {
  expect_at_every_cut(
      ": keep-alive\n\n:\n: data: no\nid: 7\nretry: 10\nevent: e\n:x\ndata: yes\nfoo: bar\nfoo\n\n",
      {{"e", "yes"}});
}

TEST(Sse, AnEventWithoutDataIsNone) {
  expect_at_every_cut("event: ping\n\nid: 1\n\n\ndata: x\n\n", {{"", "x"}});
  expect_at_every_cut("event: gone\n\ndata: unnamed\n\n", {{"", "unnamed"}});
}

TEST(Sse, DataMayLackItsSpaceAndMayBeEmpty) {
  expect_at_every_cut("data:x\n\ndata:  y \n\ndata: \n\ndata:\n\ndata\n\n",
                      {{"", "x"}, {"", " y "}, {"", ""}, {"", ""}, {"", ""}});
  expect_at_every_cut("event:a\ndata:b:c\n\n", {{"a", "b:c"}});
}

TEST(Sse, DataOfSeveralLinesIsJoined) {
  expect_at_every_cut("data: {\ndata:  \"a\":1\nevent: n\ndata\ndata:}\n\n", {{"n", "{\n \"a\":1\n\n}"}});
}

TEST(Sse, TheLastNameCounts) { expect_at_every_cut("event: a\nevent: b\ndata: 1\n\n", {{"b", "1"}}); }

TEST(Sse, TheLastEventMayLackItsBlankLine) {
  for (std::string_view tail : {"data: 1\n\ndata: 2", "data: 1\n\ndata: 2\n", "data: 1\n\ndata: 2\r",
                                "data: 1\n\ndata: 2\r\n", "data: 1\n\ndata: 2\r\n\r"})
    expect_at_every_cut(tail, {{"", "1"}, {"", "2"}});
  EXPECT_EQ(parse({"data: 1\n\ndata: 2\n"}, false), (Events{{"", "1"}}));
}

TEST(Sse, TextOutsideAsciiIsCutLikeAnyOther) {
  expect_at_every_cut("data: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n\n",
                      {{"", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"}});
}

TEST(Sse, ZeroBytesAreText) {
  using namespace std::string_view_literals;
  expect_at_every_cut("data: a\0b\n\n"sv, {{"", std::string("a\0b"sv)}});
}

TEST(Sse, AnEventOverTheLimitIsRefused) {
  auto ignore = [](Event) -> Result<void> { return {}; };
  for (size_t piece : {1, 7, 100, 1000}) {
    Parser parser(64);
    Result<void> good;
    std::string bytes = "data: " + std::string(200, 'x') + "\n\n";
    for (size_t at = 0; good && at < bytes.size(); at += piece)
      good = parser.feed(bytes.substr(at, piece), ignore);
    ASSERT_FALSE(good) << piece;
    EXPECT_EQ(good.error().code, Code::malformed_reply);
  }
}

TEST(Sse, TheLimitIsForOneEventNotForTheStream) {
  size_t events = 0;
  Parser parser(64);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(parser.feed("data: 0123456789012345678901234567890123456789\n\ndat",
                            [&](Event) -> Result<void> { return ++events, Result<void>(); }) &&
                parser.feed("a: y\n\n", [&](Event) -> Result<void> { return ++events, Result<void>(); }));
  EXPECT_EQ(events, 200u);
}

TEST(Sse, AnErrorOfTheReceiverEndsTheFeed) {
  Parser parser;
  size_t seen = 0;
  auto refuse = [&](Event) -> Result<void> {
    ++seen;
    return fail(Code::internal, "enough");
  };
  auto good = parser.feed("data: 1\n\ndata: 2\n\n", refuse);
  ASSERT_FALSE(good);
  EXPECT_EQ(good.error().message, "enough");
  EXPECT_EQ(seen, 1u);
}

TEST(EndOfLastEvent, IsBehindTheLastBlankLine) {
  EXPECT_EQ(end_of_last_event(""), 0u);
  EXPECT_EQ(end_of_last_event("data: 1\n"), 0u);
  EXPECT_EQ(end_of_last_event("data: 1\n\n"), 9u);
  EXPECT_EQ(end_of_last_event("data: 1\n\ndata: 2\n"), 9u);
  EXPECT_EQ(end_of_last_event("data: 1\r\n\r\ndata"), 11u);
  EXPECT_EQ(end_of_last_event("data: 1\r\r"), 0u);  // half of a CRLF, perhaps
  EXPECT_EQ(end_of_last_event("data: 1\r\rdata"), 9u);
  EXPECT_EQ(end_of_last_event("data: 1\r\n\r"), 0u);
}

// All short texts of a letter and line ends: what is cut off as whole leaves nothing behind in a parser, so
// that the rest means the same to whoever reads on.
TEST(EndOfLastEvent, NeverCutsAnEvent) {
  constexpr std::string_view kLetters = "d:\r\n";
  for (size_t length = 1; length <= 8; ++length) {
    for (size_t n = 0; n < (size_t{1} << (2 * length)); ++n) {
      std::string bytes;
      for (size_t i = 0; i < length; ++i) {
        char c = kLetters[n >> (2 * i) & 3];
        c == 'd' ? bytes.append("data") : bytes.append(1, c);
      }
      size_t end = end_of_last_event(bytes);
      Events apart = parse({std::string_view(bytes).substr(0, end)});
      for (const Seen& seen : parse({std::string_view(bytes).substr(end)})) apart.push_back(seen);
      ASSERT_EQ(apart, parse({bytes})) << fmt::format("{:?} at {}", bytes, end);
    }
  }
}

}  // namespace
}  // namespace hanse::sse
