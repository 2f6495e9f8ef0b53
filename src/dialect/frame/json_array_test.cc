// Streams that are one JSON array: every cut of the bytes, and what is none.
#include "dialect/frame/json_array.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace hanse::json_array {
namespace {

struct Read {
  std::vector<std::string> elements;
  bool good = true;
  friend bool operator==(const Read&, const Read&) = default;
};

void PrintTo(const Read& read, std::ostream* out) {
  for (const auto& each : read.elements) *out << each << " | ";
  *out << (read.good ? "good" : "bad");
}

Read parse(const std::vector<std::string_view>& pieces, Parser parser = Parser()) {
  Read out;
  auto keep = [&](std::string_view element) -> Result<void> {
    out.elements.emplace_back(element);
    return {};
  };
  for (std::string_view piece : pieces) {
    out.good = parser.feed(piece, keep).has_value();
    if (!out.good) return out;
  }
  out.good = parser.finish().has_value();
  return out;
}

void expect_at_every_cut(std::string_view bytes, const Read& expected) {
  EXPECT_EQ(parse({bytes}), expected) << bytes;
  std::vector<std::string_view> single;
  for (size_t i = 0; i < bytes.size(); ++i) {
    single.push_back(bytes.substr(i, 1));
    single.push_back({});
  }
  EXPECT_EQ(parse(single), expected) << bytes << " byte by byte";
  for (size_t a = 0; a <= bytes.size(); ++a)
    for (size_t b = a; b <= bytes.size(); ++b)
      ASSERT_EQ(parse({bytes.substr(0, a), bytes.substr(a, b - a), bytes.substr(b)}), expected)
          << fmt::format("{} cut at {} and {}", bytes, a, b);
}

TEST(JsonArray, ElementsAtEveryCut) {
  expect_at_every_cut("[{\"a\":1}\n,\r\n{\"b\":[2,{}]}\n]\n", {{R"({"a":1})", R"({"b":[2,{}]})"}});
  expect_at_every_cut(" [ {} , [ ] ,{\"c\" : { } } ] ", {{"{}", "[ ]", "{\"c\" : { } }"}});
  expect_at_every_cut("[]", {{}});
  expect_at_every_cut("\n[\n]\t", {{}});
}

TEST(JsonArray, BracketsInsideStringsCountNot) {
  expect_at_every_cut(R"([{"a":"}]\"]\\"},{"\\\"{":"["}])", {{R"({"a":"}]\"]\\"})", R"({"\\\"{":"["})"}});
  expect_at_every_cut("[{\"a\":\"\xF0\x9F\x98\x80}\"}]", {{"{\"a\":\"\xF0\x9F\x98\x80}\"}"}});
}

TEST(JsonArray, WhatIsNoArrayOfObjects) {
  for (std::string_view bytes : {"{}", "x", "[1]", "[{},]", "[,{}]", "[{}{}]", "[{}],", "[{}]]", "[{}] {}",
                                 "[\"a\"]", "data: [{}]", "\xEF\xBB\xBF[{}]"}) {
    Read whole = parse({bytes});
    EXPECT_FALSE(whole.good) << bytes;
    expect_at_every_cut(bytes, whole);
  }
}

TEST(JsonArray, AnArrayThatDoesNotEndIsCut) {
  const std::string_view bytes = R"([{"a":"b"},{"c":{}}])";
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse({bytes.substr(0, size)}).good) << bytes.substr(0, size);
  EXPECT_TRUE(parse({bytes}).good);
}

TEST(JsonArray, AnElementHasALimit) {
  const std::string_view bytes = R"([{"a":"12345678"},{"b":"123456789"}])";
  EXPECT_EQ(parse({bytes}, Parser(16)), (Read{{R"({"a":"12345678"})"}, false}));
  EXPECT_EQ(parse({bytes.substr(0, 30), bytes.substr(30)}, Parser(16)),
            (Read{{R"({"a":"12345678"})"}, false}));
  EXPECT_EQ(parse({bytes}, Parser(17)).elements.size(), 2u);
}

TEST(JsonArray, AnErrorOfTheCallerEndsIt) {
  Parser parser;
  int seen = 0;
  auto refuse = [&](std::string_view) -> Result<void> {
    ++seen;
    return fail(Code::malformed_reply, "no");
  };
  EXPECT_FALSE(parser.feed("[{},{}]", refuse));
  EXPECT_EQ(seen, 1);
}

TEST(JsonArray, WhatPassesThroughIsCutBehindAWholeElement) {
  EXPECT_EQ(end_of_last_element(""), 0u);
  EXPECT_EQ(end_of_last_element(" ["), 0u);
  EXPECT_EQ(end_of_last_element(R"([{"a":"}")"), 0u);
  EXPECT_EQ(end_of_last_element(R"([{"a":"}\"]"},)"), 13u);
  EXPECT_EQ(end_of_last_element(",\r\n{}\n,{}\n,{"), 9u);
  EXPECT_EQ(end_of_last_element("\n,[{}]\n]\n"), 9u) << "with the end of the array";
  EXPECT_EQ(end_of_last_element("\n]\n"), 3u);
  EXPECT_EQ(end_of_last_element("no array"), 8u) << "a watcher says that it is none";
}

}  // namespace
}  // namespace hanse::json_array
