#include "route/quota.h"

#include <deque>

#include <gtest/gtest.h>

#include "base/random.h"

namespace hanse::route {
namespace {

using Kind = Quota::Kind;

Time at(int64_t ms) { return Time(milliseconds(1'000'000 + ms)); }

TEST(Quota, WhatIsNotKnownFits) {
  Quota quota;
  EXPECT_EQ(quota.wait(at(0), 1'000'000), milliseconds(0));
  EXPECT_EQ(quota.left(Kind::requests, at(0)), -1);
  quota.told(Kind::requests, {10, -1, milliseconds(1000)}, at(0));
  quota.told(Kind::requests, {10, 0, milliseconds(-1)}, at(0));
  EXPECT_EQ(quota.wait(at(0), 1), milliseconds(0));
}

TEST(Quota, AnEmptyBucketFillsEvenly) {
  Quota quota;
  quota.told(Kind::requests, {60, 0, milliseconds(60'000)}, at(0));
  EXPECT_EQ(quota.wait(at(0), 1), milliseconds(1000));
  EXPECT_EQ(quota.wait(at(999), 1), milliseconds(1));
  EXPECT_EQ(quota.wait(at(1000), 1), milliseconds(0));
  EXPECT_EQ(quota.left(Kind::requests, at(999)), 0);
  EXPECT_EQ(quota.left(Kind::requests, at(30'000)), 30);
  EXPECT_EQ(quota.left(Kind::requests, at(600'000)), 60);
}

TEST(Quota, TokensCountByTheirNumber) {
  Quota quota;
  quota.told(Kind::tokens, {10'000, 1'000, milliseconds(54'000)}, at(0));
  EXPECT_EQ(quota.wait(at(0), 1'000), milliseconds(0));
  EXPECT_EQ(quota.wait(at(0), 2'000), milliseconds(6'000));
  EXPECT_EQ(quota.wait(at(6'000), 2'000), milliseconds(0));
}

TEST(Quota, WhatIsLargerThanTheBucketWaitsForAFullOne) {
  Quota quota;
  quota.told(Kind::tokens, {1'000, 0, milliseconds(10'000)}, at(0));
  EXPECT_EQ(quota.wait(at(0), 5'000), milliseconds(10'000));
  EXPECT_EQ(quota.wait(at(10'000), 5'000), milliseconds(0));
}

TEST(Quota, WhoDoesntSayItsLimitHasWhatWasSeen) {
  Quota quota;
  quota.told(Kind::requests, {-1, 20, milliseconds(0)}, at(0));
  EXPECT_EQ(quota.wait(at(0), 1), milliseconds(0));
  quota.told(Kind::requests, {-1, 0, milliseconds(20'000)}, at(0));
  EXPECT_EQ(quota.wait(at(0), 1), milliseconds(1'000));
}

TEST(Quota, AnAttemptTakesItsPart) {
  Quota quota;
  quota.told(Kind::requests, {2, 1, milliseconds(1000)}, at(0));
  const Reservation first(&quota, at(0), 10);
  EXPECT_EQ(quota.left(Kind::requests, at(0)), 0);
  EXPECT_EQ(quota.wait(at(0), 10), milliseconds(1000));
}

TEST(Quota, WhatTheOfferHasSaidSinceIsNotPutBackOver) {
  Quota quota;
  quota.told(Kind::requests, {10, 5, milliseconds(5'000)}, at(0));
  {
    const Reservation lost(&quota, at(0), 10);
    quota.told(Kind::requests, {10, 0, milliseconds(10'000)}, at(1));
  }
  EXPECT_EQ(quota.left(Kind::requests, at(1)), 0);
}

TEST(Quota, NumbersOfAnySizeAreBorne) {
  constexpr int64_t kHuge = INT64_MAX;
  Quota quota;
  for (const int64_t n : {int64_t{0}, int64_t{1}, kHuge})
    for (const int64_t limit : {int64_t{-1}, int64_t{0}, int64_t{1}, kHuge})
      for (const int64_t ms : {int64_t{0}, int64_t{1}, kHuge / 1'000'000}) {
        quota.told(Kind::tokens, {limit, n, milliseconds(ms)}, at(0));
        const Reservation taken(&quota, at(0), kHuge);
        EXPECT_GE(quota.wait(at(1), kHuge).count(), 0);
        EXPECT_GE(quota.left(Kind::tokens, at(1)), 0);
      }
}

// Whatever is taken and put back in whatever order: then there is as much as if nobody had asked.
TEST(Quota, WhatWasTakenIsPutBackToTheLastUnit) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Quota quota, untouched;
    const auto limit = static_cast<int64_t>(1 + random.below(100'000));
    for (Quota* each : {&quota, &untouched}) {
      each->told(Kind::requests, {500, 400, milliseconds(12'000)}, at(0));
      each->told(Kind::tokens, {limit, limit / 3, milliseconds(30'000)}, at(0));
    }
    std::vector<std::unique_ptr<Reservation>> taken;
    int64_t now = 0;
    for (int i = 0; i < 40; ++i) {
      now += static_cast<int64_t>(random.below(1'500));
      if (taken.empty() || random.below(3) != 0) {
        const auto tokens = static_cast<int64_t>(random.below(20'000));
        taken.push_back(std::make_unique<Reservation>(&quota, at(now), tokens));
      } else {
        taken.erase(taken.begin() + static_cast<ptrdiff_t>(random.below(taken.size())));
      }
    }
    taken.clear();
    for (const int64_t tokens : {1, 1'000, 20'000})
      ASSERT_EQ(quota.wait(at(now), tokens), untouched.wait(at(now), tokens));
    ASSERT_EQ(quota.left(Kind::tokens, at(now)), untouched.left(Kind::tokens, at(now)));
    ASSERT_EQ(quota.left(Kind::requests, at(now)), untouched.left(Kind::requests, at(now)));
  }
}

// A provider with a bucket of requests that says how it stands with each answer, a while later.
struct Provider {
  double limit, a_ms, level;
  int64_t seen = 0;

  bool take(int64_t now) {
    level = std::min(limit, level + a_ms * static_cast<double>(now - seen)), seen = now;
    if (level < 1) return false;
    level -= 1;
    return true;
  }
  RateReport report() const {
    const auto full_in = static_cast<int64_t>((limit - level) / a_ms);
    return {static_cast<int64_t>(limit), static_cast<int64_t>(level), milliseconds(full_in)};
  }
};

TEST(Quota, WhoHeedsItIsNotRefused) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const auto limit = static_cast<double>(20 + random.below(200));
    Provider provider{limit, limit / static_cast<double>(10'000 + random.below(50'000)), limit};
    Quota quota;
    int asked = 0, refused = 0, held_back = 0;
    for (int64_t now = 0; now < 120'000; now += static_cast<int64_t>(1 + random.below(60))) {
      if (quota.wait(at(now), 1).count() > 0) {
        ++held_back;
        continue;
      }
      Reservation taken(&quota, at(now), 1);
      ++asked;
      if (!provider.take(now)) ++refused;
      taken.keep();
      quota.told(Kind::requests, provider.report(), at(now));
    }
    ASSERT_GT(held_back, 0);
    ASSERT_LE(refused, asked / 50) << asked;
    // Nor is it left alone more than needed.
    ASSERT_GE(asked - refused, static_cast<int>(0.9 * (limit + provider.a_ms * 110'000)));
  }
}

TEST(Quota, WhatIsSetHoldsBesidesWhatIsLearned) {
  const SetLimits set{.requests_per_minute = 2, .tokens_per_minute = 1'000};
  Quota quota;
  EXPECT_EQ(quota.left(Kind::requests, at(0), set), 2);
  EXPECT_EQ(quota.left(Kind::requests, at(0), {}), -1);
  Reservation one(&quota, at(0), 100, set), other(&quota, at(0), 100, set);
  EXPECT_EQ(quota.wait(at(0), 1, set), milliseconds(30'000));
  EXPECT_EQ(quota.wait(at(0), 1), milliseconds(0)) << "nothing is learned";
  EXPECT_EQ(quota.left(Kind::tokens, at(0), set), 800);
  one.keep();
  EXPECT_EQ(quota.left(Kind::requests, at(0), set), 0);
}

TEST(Quota, APartIsSparedForThoseAbove) {
  const SetLimits set{.requests_per_minute = 10};
  Quota quota;
  std::deque<Reservation> taken;
  for (int i = 0; i < 8; ++i) taken.emplace_back(&quota, at(0), 1, set);
  EXPECT_EQ(quota.wait(at(0), 1, set), milliseconds(0));
  EXPECT_EQ(quota.wait(at(0), 1, set, 20), milliseconds(6'000));
}

TEST(Quota, TokensAreCorrectedToWhatTheyCameTo) {
  const SetLimits set{.tokens_per_minute = 1'000};
  Quota quota;
  for (const int64_t used : {10, 700}) {
    Reservation taken(&quota, at(0), 400, set);
    EXPECT_EQ(quota.left(Kind::tokens, at(0), set), used == 10 ? 600 : 590);
    taken.keep();
    taken.used(used);
  }
  EXPECT_EQ(quota.left(Kind::tokens, at(0), set), 290);
  {
    const Reservation never_answered(&quota, at(0), 400, set);
  }
  EXPECT_EQ(quota.left(Kind::tokens, at(0), set), 290);
}

}  // namespace
}  // namespace hanse::route
