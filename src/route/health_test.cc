#include "route/health.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace hanse::route {
namespace {

using State = Health::State;
using Leave = Health::Leave;
using Turn = Health::Turn;

const catalog::Health kRules;

Time at(int64_t ms) { return Time(milliseconds(1'000'000 + ms)); }

Error error_of(int status) {
  Error error(Code::provider_failed, "no");
  error.status = status;
  return error;
}

Turn fail_at(Health& health, int64_t ms, int status = 503, bool trial = false) {
  return health.failed(error_of(status), at(ms), trial, kRules, 0.5);
}

void break_it(Health& health, int64_t ms) {
  for (size_t i = 0; i < kRules.failures; ++i) fail_at(health, ms);
}

TEST(Health, ANewOfferIsAsked) {
  Health health;
  EXPECT_EQ(health.ask(at(0)), Leave::yes);
  EXPECT_EQ(health.look(at(0)).state, State::well);
}

TEST(Health, FailuresInARowBreakIt) {
  Health health;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(fail_at(health, i * 60'000), Turn::none);
  EXPECT_EQ(health.ask(at(200'000)), Leave::yes);
  EXPECT_EQ(fail_at(health, 240'000), Turn::broke);
  EXPECT_EQ(health.ask(at(240'500)), Leave::no);
  EXPECT_EQ(health.look(at(240'500)).state, State::broken);
  EXPECT_EQ(health.look(at(240'500)).asked_in, milliseconds(500));
}

TEST(Health, MoreThanHalfOfManyBreakIt) {
  Health health;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(health.answered(at(i), false, kRules), Turn::none);
    EXPECT_EQ(fail_at(health, i), Turn::none) << "half of them is borne";
  }
  EXPECT_EQ(fail_at(health, 30), Turn::broke);
}

TEST(Health, WhatWasLongAgoCountsNoMore) {
  Health health;
  for (int i = 0; i < 4; ++i) fail_at(health, 0);
  health.answered(at(25'000), false, kRules);
  EXPECT_EQ(fail_at(health, 25'001), Turn::none);
  EXPECT_EQ(health.look(at(25'001)).failed, 1u);
}

TEST(Health, WhatTheRequestIsBlamedForIsNotTheOffersFault) {
  Health health;
  for (int i = 0; i < 50; ++i)
    for (int status : {400, 404, 413, 422}) EXPECT_EQ(fail_at(health, i, status), Turn::none);
  for (int i = 0; i < 50; ++i) health.failed(Error(Code::cancelled, ""), at(i), false, kRules, 0);
  EXPECT_EQ(health.ask(at(50)), Leave::yes);
}

TEST(Health, AnUnknownKeyBreaksItAtOnceAndAForbiddenRequestDoesNot) {
  Health forbidden, unknown;
  EXPECT_EQ(fail_at(forbidden, 0, 403), Turn::none);
  EXPECT_EQ(fail_at(unknown, 0, 401), Turn::broke);
  EXPECT_EQ(unknown.look(at(0)).cause, Cause::credential);
}

TEST(Health, OneTriesAndTheFirstAnswerBringsItBack) {
  Health health;
  break_it(health, 0);
  EXPECT_EQ(health.ask(at(999)), Leave::no);
  EXPECT_EQ(health.ask(at(1000)), Leave::trial);
  EXPECT_EQ(health.ask(at(1000)), Leave::no) << "one at a time";
  EXPECT_EQ(health.answered(at(1100), true, kRules), Turn::recovered);
  EXPECT_EQ(health.ask(at(1100)), Leave::yes);
  EXPECT_EQ(fail_at(health, 1200), Turn::none) << "what was before is forgiven";
}

TEST(Health, EachFailedTrialDoublesThePauseUpToTheLongest) {
  Health health;
  break_it(health, 0);
  int64_t now = 0;
  for (int64_t pause : {1000, 2000, 4000, 8000, 8000, 8000}) {
    EXPECT_EQ(health.ask(at(now + pause - 1)), Leave::no) << pause;
    now += pause;
    ASSERT_EQ(health.ask(at(now)), Leave::trial) << pause;
    EXPECT_EQ(fail_at(health, now, 503, true), Turn::none) << "it was left before";
  }
}

TEST(Health, AnAnswerThatBeganBeforeItBrokeBringsNothingBack) {
  Health health;
  break_it(health, 0);
  EXPECT_EQ(health.answered(at(10), false, kRules), Turn::none);
  EXPECT_EQ(health.ask(at(20)), Leave::no);
}

TEST(Health, ATrialWhoseClientLeftIsFollowedByAnother) {
  Health health;
  break_it(health, 0);
  ASSERT_EQ(health.ask(at(1000)), Leave::trial);
  health.failed(Error(Code::cancelled, ""), at(1001), true, kRules, 0);
  EXPECT_EQ(health.ask(at(1002)), Leave::trial);
  EXPECT_EQ(health.ask(at(1002 + Health::kTrialMax.count())), Leave::trial) << "nobody judged it";
}

TEST(Health, RestsAsLongAsA429Asks) {
  Health health;
  Error limited = error_of(429);
  limited.retry_after = milliseconds(7000);
  EXPECT_EQ(health.failed(limited, at(0), false, kRules, 0), Turn::rests);
  EXPECT_EQ(health.look(at(0)).state, State::resting);
  EXPECT_EQ(health.ask(at(6999)), Leave::no);
  EXPECT_EQ(health.ask(at(7000)), Leave::trial);
  EXPECT_EQ(health.answered(at(7100), true, kRules), Turn::recovered);
  limited.retry_after = milliseconds(86'400'000);
  health.failed(limited, at(10'000), false, kRules, 0);
  EXPECT_EQ(health.look(at(10'000)).asked_in, kRules.rest_max);
}

TEST(Health, SwitchedOffItOnlyCounts) {
  Health health;
  catalog::Health off;
  off.on = false;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(health.failed(error_of(503), at(i), false, off, 0), Turn::none);
  EXPECT_EQ(health.ask(at(20)), Leave::yes);
  EXPECT_EQ(health.look(at(20)).in_a_row, 20u);
}

// A provider that is down in random stretches, requests at random moments: it is left soon after it went
// down, one request at a time tries it, it is back soon after it came back, and nothing breaks it while it is
// well.
struct Weather {
  explicit Weather(uint64_t seed) : random(seed) {}
  Random random;
  Health health;
  int64_t now = 0, changed = 0;
  bool down = false;
  size_t failed_since = 0, left_well = 0;

  void ask() {
    const Leave leave = health.ask(at(now));
    if (leave == Leave::no) {
      if (!down && now - changed > kRules.pause_max.count() * 12 / 10) ++left_well;
      return;
    }
    const bool trial = leave == Leave::trial;
    if (trial) {
      EXPECT_EQ(health.ask(at(now)), Leave::no);
    }
    if (down) {
      failed_since += !trial;
      health.failed(error_of(random.below(2) ? 503 : 529), at(now), trial, kRules, random.fraction());
    } else {
      health.answered(at(now), trial, kRules);
      EXPECT_EQ(health.ask(at(now)), Leave::yes);
    }
  }
  void turn() { down = !down, changed = now, failed_since = 0; }
};

TEST(Health, TenThousandWeathers) {
  for (uint64_t seed = 1; seed <= 10'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Weather weather(seed);
    for (int step = 0; step < 120; ++step) {
      weather.now += static_cast<int64_t>(weather.random.below(800)) + 1;
      if (weather.random.below(25) == 0) weather.turn();
      weather.ask();
      ASSERT_LE(weather.failed_since, kRules.failures) << "asked on while it was down";
      ASSERT_EQ(weather.left_well, 0u) << "left although it had been well for long";
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace hanse::route
