#include "route/rate_headers.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace hanse::route {
namespace {

using Kind = Quota::Kind;

// 2026-11-23T10:20:30Z
const std::chrono::system_clock::time_point kNow =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::seconds(10 * 3600 + 20 * 60 + 30);

const RateReport& of(const RateHeaders& said, Kind kind) { return said.of[static_cast<size_t>(kind)]; }

TEST(RateHeaders, InOpenaisWords) {
  RateHeaders said;
  said.field("x-ratelimit-limit-requests", "500", kNow);
  said.field("X-RateLimit-Remaining-Requests", "499", kNow);
  said.field("x-ratelimit-reset-requests", "120ms", kNow);
  said.field("x-ratelimit-limit-tokens", "30000", kNow);
  said.field("x-ratelimit-remaining-tokens", "0", kNow);
  said.field("x-ratelimit-reset-tokens", "6m0s", kNow);
  EXPECT_EQ(of(said, Kind::requests).limit, 500);
  EXPECT_EQ(of(said, Kind::requests).remaining, 499);
  EXPECT_EQ(of(said, Kind::requests).full_in, milliseconds(120));
  EXPECT_EQ(of(said, Kind::tokens).limit, 30'000);
  EXPECT_EQ(of(said, Kind::tokens).remaining, 0);
  EXPECT_EQ(of(said, Kind::tokens).full_in, milliseconds(360'000));
}

TEST(RateHeaders, InAnthropicsWords) {
  RateHeaders said;
  said.field("anthropic-ratelimit-requests-limit", "50", kNow);
  said.field("anthropic-ratelimit-requests-remaining", "0", kNow);
  said.field("anthropic-ratelimit-requests-reset", "2026-11-23T10:21:00Z", kNow);
  EXPECT_EQ(of(said, Kind::requests).limit, 50);
  EXPECT_EQ(of(said, Kind::requests).remaining, 0);
  EXPECT_EQ(of(said, Kind::requests).full_in, milliseconds(30'000));
  EXPECT_EQ(of(said, Kind::tokens).remaining, -1);
}

TEST(RateHeaders, WhatIsAboutOtherThingsOrMakesNoSenseIsSteppedOver) {
  RateHeaders said;
  for (const char* name : {"x-ratelimit-", "x-ratelimit-remaining", "x-ratelimit-remaining-images",
                           "x-ratelimit-requests-remaining", "anthropic-ratelimit-input-tokens-remaining",
                           "anthropic-version", "retry-after", ""})
    said.field(name, "0", kNow);
  said.field("x-ratelimit-remaining-requests", "many", kNow);
  said.field("x-ratelimit-limit-requests", "99999999999999999999", kNow);
  said.field("x-ratelimit-reset-requests", "soon", kNow);
  for (const RateReport& report : said.of) {
    EXPECT_EQ(report.remaining, -1);
    EXPECT_EQ(report.limit, -1);
    EXPECT_EQ(report.full_in, milliseconds(-1));
  }
}

TEST(RateHeaders, Durations) {
  EXPECT_EQ(duration_of("1s"), milliseconds(1'000));
  EXPECT_EQ(duration_of("60"), milliseconds(60'000));
  EXPECT_EQ(duration_of("2m59.56s"), milliseconds(179'560));
  EXPECT_EQ(duration_of("1h0m1s"), milliseconds(3'601'000));
  EXPECT_EQ(duration_of("0s"), milliseconds(0));
  for (const char* wrong : {"", "s", "1x", "-1s", "1..2s", ".", "1s ", "1e9", "99999999999999s", "nan"})
    EXPECT_EQ(duration_of(wrong), std::nullopt) << wrong;
}

TEST(RateHeaders, Moments) {
  EXPECT_EQ(time_until("2026-11-23T10:20:31Z", kNow), milliseconds(1'000));
  EXPECT_EQ(time_until("2026-11-23T10:20:31.250Z", kNow), milliseconds(1'000));
  EXPECT_EQ(time_until("2026-11-24T00:00:00Z", kNow), milliseconds(49'170'000));
  EXPECT_EQ(time_until("2020-01-01T00:00:00Z", kNow), milliseconds(0));
  for (const char* wrong :
       {"", "2026-11-23", "2026-11-23T10:20:31", "2026-13-23T10:20:31Z", "2026-02-30T10:20:31Z",
        "2026-11-23T24:20:31Z", "2026-11-23T10:20:31.Z", "2026-11-23T10:20:31+1Z", "2026/11/23T10:20:31Z"})
    EXPECT_EQ(time_until(wrong, kNow), std::nullopt) << wrong;
}

TEST(RateHeaders, AnyBytesAreBorne) {
  constexpr std::string_view kBytes = "0123456789.-:TZsmh x\xff";
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    Random random(seed);
    std::string text;
    for (size_t i = random.below(30); i > 0; --i) text += kBytes[random.below(kBytes.size())];
    const auto duration = duration_of(text);
    const auto until = time_until(text, kNow);
    EXPECT_TRUE(!duration || duration->count() >= 0) << seed;
    EXPECT_TRUE(!until || until->count() >= 0) << seed;
  }
}

}  // namespace
}  // namespace hanse::route
