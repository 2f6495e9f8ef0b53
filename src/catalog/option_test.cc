#include "catalog/option.h"

#include <gtest/gtest.h>

namespace hanse::catalog {
namespace {

TEST(Option, SizesAreReadAsTheyAreWritten) {
  EXPECT_EQ(parse_bytes("64MiB"), 64 << 20);
  EXPECT_EQ(parse_bytes("64 KiB"), 64 << 10);
  EXPECT_EQ(parse_bytes("1GB"), 1'000'000'000);
  EXPECT_EQ(parse_bytes("0B"), 0);
  for (const char* bad : {"", "64", "MiB", "-1B", "1.5GiB", "64mib", "64MiB ", " 1B", "9999999999999GiB",
                          "99999999999999999999B", "1B1B"})
    EXPECT_FALSE(parse_bytes(bad)) << bad;
  for (int64_t bytes : {0LL, 1LL, 1023LL, 1LL << 10, 3LL << 20, 5LL << 30, (1LL << 20) + 1})
    EXPECT_EQ(parse_bytes(bytes_text(bytes) + (bytes_text(bytes).back() == 'B' ? "" : "B")), bytes);
}

TEST(Option, TimesAreReadAsTheyAreWritten) {
  EXPECT_EQ(parse_time("500ms"), milliseconds(500));
  EXPECT_EQ(parse_time("30s"), milliseconds(30'000));
  EXPECT_EQ(parse_time("5 m"), milliseconds(300'000));
  EXPECT_EQ(parse_time("2h"), milliseconds(7'200'000));
  for (const char* bad : {"", "5", "s", "-1s", "1d", "1m30s", "99999999999999999h"})
    EXPECT_FALSE(parse_time(bad)) << bad;
  for (int ms : {1, 999, 1000, 1500, 60'000, 75'000, 3'600'000, 86'400'000})
    EXPECT_EQ(parse_time(time_text(milliseconds(ms))), milliseconds(ms));
}

struct Sample {
  std::string colour = "green \"dark\"", empty;
  bool on = true;
  size_t many = 3, size = 2048;
  milliseconds wait{1500};
  std::vector<std::string> names{"a", "b"};
  std::vector<std::pair<std::string, std::string>> pairs;

  template <class V>
  void describe(V& v) {
    v.word("colour", colour, {"green", "red"}, "c");
    v.text("empty", empty, "e");
    v.flag("on", on, "o");
    v.count("many", many, {1, 9}, "m");
    v.bytes("size", size, {1, 4096}, "s");
    v.time("wait", wait, {0, 5000}, "w");
    v.list("names", names, "n");
    v.table("pairs", pairs, "p");
  }
};

TEST(Option, FactsHoldTheDefaultsAsTheyAreWritten) {
  std::string said;
  for (const auto& fact : facts_of<Sample>())
    said += fact.name + ":" + fact.kind + "=" + fact.standard + "|" + fact.help + "\n";
  EXPECT_EQ(said,
            "colour:word=\"green \\\"dark\\\"\"|c\n"
            "empty:text=|e\n"
            "on:flag=true|o\n"
            "many:count=3|m\n"
            "size:bytes=\"2KiB\"|s\n"
            "wait:time=\"1500ms\"|w\n"
            "names:list=[\"a\", \"b\"]|n\n"
            "pairs:table=|p\n");
}

}  // namespace
}  // namespace hanse::catalog
