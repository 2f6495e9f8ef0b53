#include "route/plan.h"

#include <gtest/gtest.h>

#include "canon/needs.h"

namespace hanse::route {
namespace {

catalog::Offer offer(size_t provider, std::string model, const catalog::ModelRow* known = nullptr) {
  return {provider, std::move(model), known, nullptr};
}

std::string names(const std::vector<catalog::Offer>& offers) {
  std::string out;
  for (const auto& each : offers) out += std::to_string(each.provider) + each.model + " ";
  return out;
}

TEST(Plan, OffersAreTriedInTheOrderOfTheConfig) {
  auto planned = plan({offer(2, "c"), offer(0, "a"), offer(2, "a"), offer(1, "b")}, {});
  EXPECT_EQ(names(planned.offers), "2c 0a 2a 1b ");
  EXPECT_TRUE(planned.skipped.empty());
}

TEST(Plan, ModelsThatCannotDoWhatIsAskedAreSkippedWithTheReason) {
  catalog::ModelRow blind, small;
  blind.lacks = canon::kImages | canon::kAudio;
  small.context_tokens = 1000;
  std::vector<catalog::Offer> offers{offer(0, "blind", &blind), offer(1, "small", &small),
                                     offer(2, "unknown")};
  EXPECT_TRUE(depends_on_ask(offers, 10));

  auto with_image = plan(offers, {canon::kImages, 20});
  EXPECT_EQ(names(with_image.offers), "1small 2unknown ");
  ASSERT_EQ(with_image.skipped.size(), 1u);
  EXPECT_EQ(with_image.skipped[0].reason, "takes no images");

  auto long_one = plan(offers, {canon::kTools, 1001});
  EXPECT_EQ(names(long_one.offers), "0blind 2unknown ");
  ASSERT_EQ(long_one.skipped.size(), 1u);
  EXPECT_EQ(long_one.skipped[0].reason, "takes 1000 tokens, and the request has about 1001");
}

TEST(Plan, WhereNobodyCanAllAreTried) {
  catalog::ModelRow blind;
  blind.lacks = canon::kImages;
  auto planned = plan({offer(0, "a", &blind), offer(1, "b", &blind)}, {canon::kImages, 0});
  EXPECT_EQ(names(planned.offers), "0a 1b ");
  EXPECT_TRUE(planned.skipped.empty());
}

TEST(Plan, WhatIsAskedIsOnlyFoundOutWhereItCouldMatter) {
  catalog::ModelRow able, small;
  small.context_tokens = 1000;
  EXPECT_FALSE(depends_on_ask(std::vector{offer(0, "a", &small)}, 5000)) << "there is no choice";
  EXPECT_FALSE(depends_on_ask(std::vector{offer(0, "a", &able), offer(1, "b")}, 5000));
  EXPECT_FALSE(depends_on_ask(std::vector{offer(0, "a", &small), offer(1, "b")}, 1000));
  EXPECT_TRUE(depends_on_ask(std::vector{offer(0, "a", &small), offer(1, "b")}, 1001));
}

}  // namespace
}  // namespace hanse::route
