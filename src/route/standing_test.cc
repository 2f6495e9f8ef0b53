#include "route/standing.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "route/patience.h"

namespace hanse::route {
namespace {

TEST(Patience, IsWhatIsSetUntilTheOfferIsKnown) {
  EXPECT_EQ(patience(-1, milliseconds(10'000), milliseconds(60'000)), milliseconds(10'000));
}

TEST(Patience, FollowsWhatTheOfferUsuallyTakes) {
  const milliseconds set(10'000), most(60'000);
  EXPECT_EQ(patience(1'000'000, set, most), milliseconds(8'000));
  EXPECT_EQ(patience(200'000, set, most), milliseconds(5'000)) << "half of what is set, however quick it is";
  EXPECT_EQ(patience(3'000'000, set, most), milliseconds(24'000)) << "who is always slow is not cut off";
  EXPECT_EQ(patience(30'000'000, set, most), most);
  EXPECT_EQ(patience(30'000'000, set, milliseconds(0)), set) << "never under what is set for want of more";
}

TEST(Pace, TheLongestSilenceIsForgottenSlowly) {
  Pace pace;
  EXPECT_EQ(pace.silence_us(), -1);
  pace.was_silent(800'000);
  pace.was_silent(1'000);
  EXPECT_GT(pace.silence_us(), 750'000);
  for (int i = 0; i < 500; ++i) pace.was_silent(1'000);
  EXPECT_LT(pace.silence_us(), 2'000);
  EXPECT_GE(pace.silence_us(), 1'000);
}

TEST(Pace, KnowsWhatIsSeldomPassed) {
  Random random(3);
  Pace pace;
  EXPECT_EQ(pace.late_us(100), -1);
  double above = 0;
  constexpr int kAsked = 20'000;
  for (int i = 0; i < kAsked; ++i) {
    const auto took = static_cast<int64_t>(100'000 + 900'000 * random.fraction());
    if (i > 1'000) above += took > pace.late_us(100);
    pace.measured(100, took, 0);
  }
  EXPECT_NEAR(above / kAsked, 0.05, 0.02);
}

}  // namespace
}  // namespace hanse::route
