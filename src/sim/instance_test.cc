#include "sim/instance.h"

#include <gtest/gtest.h>

namespace hanse::sim {
namespace {

std::string make(std::string_view schema, std::string_view prompt = "", uint64_t seed = 1) {
  Random random(seed);
  return make_instance(json::Raw{schema}, read_hints(prompt), random);
}

json::Value parsed(json::Document& document, const std::string& text) {
  auto value = document.parse_copy(text, 64);
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

TEST(Hints, ReadPairsQuotesAndLists) {
  Hints hints = read_hints(
      "call it with city=Lübeck, days=3. name=\"two words\" list=[1, 2] a==b =c url=http://x/?q=1");
  Hints wanted = {{"city", "Lübeck"},       {"days", "3"}, {"name", "two words"}, {"list", "[1, 2]"},
                  {"url", "http://x/?q=1"}, {"q", "1"}};
  EXPECT_EQ(hints, wanted);
}

TEST(Instance, ScalarsObeyTheirLimits) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    json::Document d;
    auto v = parsed(d, make(R"({"type":"object","required":["i","n","s","m","e","x","l"],"properties":{
      "i":{"type":"integer","minimum":3,"exclusiveMaximum":7},"n":{"type":"number","exclusiveMinimum":0,
        "maximum":1},
      "s":{"type":"string","minLength":9,"maxLength":12},"m":{"type":"integer","multipleOf":5,"minimum":11,
        "maximum":21},
      "e":{"enum":["a",2,null]},"x":{"const":{"k":[1]}},"l":{"type":["null","boolean"]}}})",
                            "", seed));
    EXPECT_GE(*v["i"].integer(), 3);
    EXPECT_LT(*v["i"].integer(), 7);
    EXPECT_GT(*v["n"].number(), 0);
    EXPECT_LE(*v["n"].number(), 1);
    EXPECT_GE(v["s"].string().size(), 9u);
    EXPECT_LE(v["s"].string().size(), 12u);
    EXPECT_TRUE(v["m"].integer() == 15 || v["m"].integer() == 20);
    EXPECT_EQ(v["x"].raw().json, R"({"k":[1]})");
    EXPECT_TRUE(v["l"].boolean());
  }
}

TEST(Instance, ArraysReferencesAndCombinations) {
  json::Document d;
  auto v =
      parsed(d, make(R"({"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","required":["kids","tag"],
    "properties":{"tag":{"anyOf":[{"type":"null"},{"type":"integer"}]},
    "kids":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/tree"}}}}}})"));
  EXPECT_TRUE(v["tag"].integer());
  EXPECT_TRUE(v["kids"].is_array());
  auto both =
      parsed(d, make(R"({"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}},
    {"required":["b"],"properties":{"b":{"type":"boolean"}}}]})"));
  EXPECT_TRUE(both["a"].integer());
  EXPECT_TRUE(both["b"].boolean());
  auto list =
      parsed(d, make(R"({"type":"array","minItems":4,"uniqueItems":true,"items":{"type":"string"}})"));
  EXPECT_EQ(list.size(), 4u);
}

TEST(Instance, OptionalPropertiesOnlyWhenNamedOrNothingIsRequired) {
  std::string_view schema =
      R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"},
    "hourly":{"type":"boolean"}},"required":["city"]})";
  EXPECT_EQ(make(schema, "city=Oslo days=3 hourly=true"), R"({"city":"Oslo","days":3,"hourly":true})");
  EXPECT_EQ(make(schema, "city=\"New \\ York\""), R"({"city":"New \\ York"})");
  json::Document d;
  EXPECT_EQ(parsed(d, make(R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object"}}})"))
                .size(),
            2u);
  EXPECT_EQ(make(R"({"type":"object","properties":{}})"), "{}");
  EXPECT_EQ(make(""), "{}");
  EXPECT_EQ(
      make(
          R"({"type":"object","required":["n"],"properties":{"n":{"type":"integer","minimum":1,"maximum":1}}})",
          "n=many"),
      R"({"n":1})");
}

TEST(Instance, EndlessSchemasEnd) {
  EXPECT_LT(make(R"({"type":"object","required":["me"],"properties":{"me":{"$ref":"#"}}})").size(), 1000u);
  EXPECT_EQ(make(R"({"type":"object","$ref":"#"})"), "{}");
  EXPECT_LT(make(R"({"type":"array","minItems":64,"items":{"$ref":"#"}})").size(), 200'000u);
  EXPECT_FALSE(make(R"({"allOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]})").empty());
}

}  // namespace
}  // namespace hanse::sim
