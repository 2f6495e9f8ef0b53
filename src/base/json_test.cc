#include "base/json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace hanse::json {
namespace {

TEST(Json, FindsMembersInOrder) {
  Document d;
  auto root = d.parse(R"( {"a":1,"b":[true,null,"x\n"],"c":{"d":-1.5e3}} )", 10);
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ((*root)["a"].integer(), 1);
  EXPECT_EQ((*root)["b"].size(), 3u);
  EXPECT_EQ((*root)["b"].raw().json, R"([true,null,"x\n"])");
  EXPECT_EQ((*root)["c"]["d"].number(), -1500.0);
  std::string keys;
  for (Value v : *root) keys += v.key().escaped;
  EXPECT_EQ(keys, "abc");
  EXPECT_TRUE((*root)["nope"]["deeper"].missing());
}

TEST(Json, StringsStayEscapedAndUnescapeOnRequest) {
  Document d;
  auto root = *d.parse(R"(["a\u00e9\ud83d\ude00\"","\ud83d"])", 10);
  auto first = *root.begin();
  EXPECT_EQ(first.text().escaped, R"(a\u00e9\ud83d\ude00\")");
  EXPECT_EQ(first.string(), "a\xC3\xA9\xF0\x9F\x98\x80\"");
  auto it = root.begin();
  ++it;
  EXPECT_EQ((*it).string(), "\xEF\xBF\xBD");
}

TEST(Json, DepthIsLimited) {
  Document d;
  EXPECT_TRUE(d.parse("[[[]]]", 3));
  auto deep = d.parse("[[[[]]]]", 3);
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("too deep"), std::string::npos);
}

TEST(Json, BigNumbersAreKept) {
  Document d;
  auto root = *d.parse(R"({"n":123456789012345678901234567890,"e":1e999,"i":1e3})", 3);
  EXPECT_EQ(root["n"].raw().json, "123456789012345678901234567890");
  EXPECT_FALSE(root["n"].integer());
  EXPECT_EQ(root["i"].integer(), 1000);
  EXPECT_FALSE(root["e"].number());
}

TEST(Json, TooSmallNumbersAreZero) {
  Document d;
  auto root = *d.parse("[1e-999,-123.456e-789]", 3);
  for (Value each : root) EXPECT_EQ(each.number(), 0.0);
}

TEST(Json, RefusesWhatIsNotJson) {
  Document d;
  for (const char* bad : {"",          " ",
                          "{",         "[1,]",
                          "{\"a\":}",  "{\"a\" 1}",
                          "{a:1}",     "[1 2]",
                          "\"abc",     "nul",
                          "truex",     "01",
                          "1.",        "+1",
                          "[\"\\x\"]", "[\"\t\"]",
                          "{} {}",     "\"a\"b",
                          "[1]x",      "{\"a\":1,}",
                          "\xff",      "[\"\xed\xa0\x80\"]"})
    EXPECT_FALSE(d.parse(bad, 10)) << bad;
}

TEST(Json, EscapesMayGoUnread) {
  Document d;
  EXPECT_TRUE(d.parse(R"({"a":["\x"]})", 10, Check::structure));
  EXPECT_FALSE(d.parse(R"({"a":["\x"]})", 10));
  EXPECT_FALSE(d.parse(R"({"\u12":1})", 10));
  EXPECT_FALSE(d.parse(R"({"a":"x)", 10, Check::structure));
}

// The look at many bytes at once and the one at single escapes agree, wherever in a text an escape stands.
TEST(Json, EscapesAreFoundAtEveryPlace) {
  for (size_t size : {1u, 31u, 32u, 33u, 34u, 64u, 65u, 100u})
    for (size_t at = 0; at < size; ++at) {
      auto valid = [&](std::string_view escape) {
        std::string text(size, 'x');
        text.replace(at, escape.size(), escape);
        return escapes_are_valid(text);
      };
      for (std::string_view good : {"\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u00e9", "\\\\q"})
        EXPECT_TRUE(valid(good)) << good << " at " << at << " of " << size;
      for (int c = 0; c < 256; ++c) {
        const bool good = std::string_view("\"\\/bfnrt").contains(static_cast<char>(c));
        EXPECT_EQ(valid(std::string{'\\', static_cast<char>(c)}), good) << c << " at " << at << " of " << size;
      }
      EXPECT_FALSE(valid("\\u00g9")) << at << " of " << size;
    }
}

TEST(Json, WriterPutsCommas) {
  std::string out;
  Writer(out)
      .object()
      .key("a")
      .number(-5)
      .key("b")
      .array()
      .boolean(true)
      .null()
      .end_array()
      .key("c")
      .string("\"\n\x01")
      .end_object();
  EXPECT_EQ(out, R"({"a":-5,"b":[true,null],"c":"\"\n\u0001"})");
}

TEST(Json, EscapeRepairsUtf8) {
  std::string out;
  escape(
      "a\xff"
      "b",
      out);
  EXPECT_EQ(out,
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace hanse::json
