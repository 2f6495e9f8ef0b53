#include "route/choose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "route/standing.h"

namespace hanse::route {
namespace {

std::vector<uint8_t> order_of(Policy policy, const std::vector<Facts>& facts, Random& random) {
  std::vector<uint8_t> order(facts.size());
  choose(policy, facts, random, order);
  std::vector<uint8_t> sorted = order;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], i) << "each offer stands there once";
  return order;
}

std::vector<double> firsts(Policy policy, const std::vector<Facts>& facts, int times = 20'000) {
  Random random(7);
  std::vector<double> share(facts.size());
  for (int i = 0; i < times; ++i) share[order_of(policy, facts, random)[0]] += 1.0 / times;
  return share;
}

TEST(Choose, OrderedIsAsListed) {
  Random random(1);
  EXPECT_EQ(order_of(Policy::ordered, {{.price = 9}, {.price = 1}}, random), (std::vector<uint8_t>{0, 1}));
}

TEST(Choose, PoliciesHaveTheirNames) {
  EXPECT_EQ(policy_named("balanced"), Policy::balanced);
  EXPECT_FALSE(policy_named("best"));
}

TEST(Choose, WeightedMeetsTheShares) {
  const auto share = firsts(Policy::weighted, {{.share = 70}, {.share = 20}, {.share = 0}, {.share = 10}});
  EXPECT_NEAR(share[0], 0.70, 0.02);
  EXPECT_NEAR(share[1], 0.20, 0.02);
  EXPECT_EQ(share[2], 0);
  EXPECT_NEAR(share[3], 0.10, 0.02);
}

TEST(Choose, WhatAnOfferCantAnswerGoesToTheOthersByTheirShares) {
  Random random(3);
  int second = 0, of = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto order = order_of(Policy::weighted, {{.share = 80}, {.share = 15}, {.share = 5}}, random);
    if (order[0] == 0) ++of, second += order[1] == 1;
  }
  EXPECT_NEAR(second / static_cast<double>(of), 0.75, 0.02);
}

TEST(Choose, CheapestByThePriceOfTheRequestAndUnknownLast) {
  Random random(1);
  const std::vector<Facts> facts{{.price = -1}, {.price = 500}, {.price = 30}, {.price = 500}};
  EXPECT_EQ(order_of(Policy::cheapest, facts, random), (std::vector<uint8_t>{2, 1, 3, 0}));
}

TEST(Choose, FastestAsksTheUnknownFirstAndLooksAroundNowAndThen) {
  Random random(1);
  EXPECT_EQ(order_of(Policy::fastest, {{.first_token_us = 10}, {.first_token_us = -1}}, random)[0], 1);
  const auto share =
      firsts(Policy::fastest, {{.first_token_us = 900}, {.first_token_us = 200}, {.first_token_us = 400}});
  EXPECT_NEAR(share[1], 31.0 / 32, 0.01);
  EXPECT_GT(share[0], 0);
  EXPECT_GT(share[2], 0);
}

TEST(Choose, BalancedAsksWhoCanBeExpectedToBeginSooner) {
  const auto quiet = firsts(Policy::balanced, {{.first_token_us = 900}, {.first_token_us = 200}});
  EXPECT_NEAR(quiet[1], 1, 1e-9);
  const auto usual =
      firsts(Policy::balanced,
             {{.first_token_us = 900}, {.outstanding = 50'000, .first_token_us = 200, .usual = 50'000}});
  EXPECT_NEAR(usual[1], 1, 1e-9) << "it is as busy as it was when it took 200";
  const auto busy = firsts(Policy::balanced, {{.first_token_us = 900},
                                              {.outstanding = 50'000, .first_token_us = 200, .usual = 0}});
  EXPECT_NEAR(busy[0], 1, 1e-9) << "it was quick when it had nothing to do";
}

TEST(Choose, BalancedTriesWhoIsNotKnownYet) {
  const auto share =
      firsts(Policy::balanced, {{.first_token_us = 1}, {.outstanding = 900, .first_token_us = -1}});
  EXPECT_NEAR(share[1], 1, 1e-9);
}

TEST(Choose, BalancedSpreadsOverEquals) {
  const std::vector<Facts> equal(10);
  for (const double share : firsts(Policy::balanced, equal)) EXPECT_NEAR(share, 0.1, 0.02);
}

TEST(Choose, TheSameFactsAndSeedGiveTheSameOrder) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    Random facts_random(seed);
    std::vector<Facts> facts(1 + facts_random.below(kOffersMax));
    for (Facts& one : facts) {
      one.share = facts_random.below(4);
      one.price = static_cast<int64_t>(facts_random.below(5)) - 1;
      one.outstanding = static_cast<int64_t>(facts_random.below(3)) * 100;
      one.first_token_us = static_cast<int64_t>(facts_random.below(5)) - 1;
    }
    for (const Policy policy : {Policy::weighted, Policy::cheapest, Policy::fastest, Policy::balanced}) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Random first(seed), second(seed);
      EXPECT_EQ(order_of(policy, facts, first), order_of(policy, facts, second));
    }
  }
}

TEST(Pace, LearnsBySize) {
  Pace pace;
  EXPECT_EQ(pace.first_token_us(100), -1);
  pace.measured(100, 800, 0);
  pace.measured(100'000, 90'000, 0);
  EXPECT_EQ(pace.first_token_us(4'000), 800);
  EXPECT_EQ(pace.first_token_us(40'000), 90'000);
  for (int i = 0; i < 100; ++i) pace.measured(100, 1600, 0);
  EXPECT_NEAR(static_cast<double>(pace.first_token_us(100)), 1600, 16);
}

TEST(Outstanding, IsGivenBackExactly) {
  Standing standing;
  {
    const Outstanding one(&standing, 500), other(&standing, 70), nobody(nullptr, 9);
    EXPECT_EQ(standing.outstanding.load(), 570);
  }
  EXPECT_EQ(standing.outstanding.load(), 0);
}

}  // namespace
}  // namespace hanse::route
