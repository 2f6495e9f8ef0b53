#include "route/concentration.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "route/commitment.h"

namespace hanse::route {
namespace {

constexpr milliseconds kWindow{60'000};

Time at(int64_t ms) { return Time(milliseconds(10'000'000 + ms)); }

TEST(Concentration, OfFewRequestsNothingIsSaid) {
  Concentration one;
  for (int i = 0; i < Concentration::kFew - 1; ++i) one.add(at(0), kWindow, 1, true);
  EXPECT_FALSE(one.is_over(at(0), kWindow, 1, 10));
  EXPECT_EQ(one.percent(at(0), kWindow), -1);
  one.add(at(0), kWindow, 1, false);
  EXPECT_TRUE(one.is_over(at(0), kWindow, 1, 10));
  EXPECT_EQ(one.percent(at(0), kWindow), 95);
}

TEST(Concentration, WhatIsOlderThanTheWindowIsForgotten) {
  Concentration one;
  for (int i = 0; i < 100; ++i) one.add(at(0), kWindow, 1, true);
  EXPECT_TRUE(one.is_over(at(55'000), kWindow, 1, 50));
  EXPECT_FALSE(one.is_over(at(64'000), kWindow, 1, 50));
}

TEST(Concentration, WhatCameToNothingIsTakenBack) {
  Concentration one;
  for (int i = 0; i < 100; ++i) one.add(at(0), kWindow, 7, i % 2 == 0);
  one.add(at(1), kWindow, 500, true);
  one.add(at(2), kWindow, -500, true);
  EXPECT_EQ(one.percent(at(2), kWindow), 50);
}

// Whatever comes and in whatever sizes: whoever asks before he adds stays under the share.
TEST(Concentration, TheShareIsMetAtAllTimes) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    Concentration one;
    const auto percent = static_cast<int64_t>(10 + random.below(80));
    int64_t now = 0;
    for (int i = 0; i < 2'000; ++i) {
      now += static_cast<int64_t>(random.below(200));
      const auto units = static_cast<int64_t>(1 + random.below(50));
      const bool wants = random.below(10) < 8;
      one.add(at(now), kWindow, units, wants && !one.is_over(at(now), kWindow, units, percent));
      if (i > 200) {  // a slot of others' that goes raises the share of who is left by its size
        ASSERT_LE(one.percent(at(now), kWindow), percent + 100 / 8) << "seed " << seed << ", request " << i;
      }
    }
  }
}

TEST(Commitment, TheEmptiestBelowItsMarkIsFirst) {
  const std::vector<Commitment> all = {{}, {true, 79, 80}, {true, 80, 80}, {true, 10, 80}, {}};
  std::vector<uint8_t> order{4, 1, 0, 2, 3};
  commitments_first(all, order);
  EXPECT_EQ(order, (std::vector<uint8_t>{3, 1, 4, 0, 2}));
}

TEST(Commitment, IsAsFullAsItsFullestLimit) {
  Standing standing;
  const SetLimits set{.requests_per_minute = 100, .concurrency = 10};
  EXPECT_EQ(utilisation(standing, set, at(0)), 0);
  EXPECT_EQ(utilisation(standing, {}, at(0)), 0);
  for (int i = 0; i < 4; ++i) standing.concurrency.enter(0);
  EXPECT_EQ(utilisation(standing, set, at(0)), 40);
}

}  // namespace
}  // namespace hanse::route
