#include "canon/estimate.h"

#include <gtest/gtest.h>

namespace hanse::canon {
namespace {

int64_t estimate(const std::string& text) {
  json::Document document;
  auto root = document.parse(text, 64);
  return root ? estimate_tokens(*root) : -1;
}

TEST(Estimate, GrowsWithTheText) {
  EXPECT_EQ(estimate(R"({"a":"12345678"})"), 4);
  EXPECT_EQ(estimate(R"({"a":"Überfälle"})"), 2 + 2 + 2);
  EXPECT_EQ(estimate(R"(["漢字仮名"])"), 4);
  EXPECT_EQ(estimate("{}"), 2);
  EXPECT_GT(estimate(R"({"m":[{"t":"some words"},{"t":"some more words"}]})"),
            estimate(R"({"m":[{"t":"some words"}]})"));
}

TEST(Estimate, MediaCountsAsOnePieceWhateverItsBytes) {
  for (size_t size : {300, 300'000}) EXPECT_EQ(estimate("\"" + std::string(size, 'A') + "\""), kMediaTokens);
  EXPECT_EQ(estimate(R"("data:image/png;base64,AAAA")"), kMediaTokens);
  EXPECT_LT(estimate("\"" + std::string(100, 'A') + "\""), kMediaTokens);
}

}  // namespace
}  // namespace hanse::canon
