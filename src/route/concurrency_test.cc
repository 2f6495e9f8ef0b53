#include "route/concurrency.h"

#include <gtest/gtest.h>

namespace hanse::route {
namespace {

Time at(int64_t ms) { return Time(milliseconds(10'000'000 + ms)); }

struct Busy : Concurrency {
  explicit Busy(int requests) {
    for (int i = 0; i < requests; ++i) enter(0);
  }
};

TEST(Concurrency, ARefusalShowsWhatItBears) {
  Busy offer(20);
  EXPECT_EQ(offer.bears(at(0)), 0);
  offer.refused(at(0));
  EXPECT_EQ(offer.bears(at(1)), 15);
  EXPECT_EQ(offer.bears(at(5'000)), 30);
  EXPECT_EQ(offer.bears(at(40'000)), 0);
}

TEST(Concurrency, RefusalsOfOneMomentAreOneSign) {
  Busy offer(20);
  offer.refused(at(0));
  for (int i = 0; i < 15; ++i) offer.leave();
  offer.refused(at(10));
  EXPECT_EQ(offer.bears(at(20)), 15);
  offer.refused(at(1'000));
  EXPECT_EQ(offer.bears(at(1'000)), 3);
}

TEST(Concurrency, WhoRefusesTheOnlyOneSaysNothingOfSeveral) {
  Busy offer(1);
  offer.refused(at(0));
  EXPECT_EQ(offer.bears(at(0)), 0);
  EXPECT_TRUE(offer.refused_within(milliseconds(10), at(9)));
  EXPECT_FALSE(offer.refused_within(milliseconds(10), at(10)));
}

TEST(Concurrency, AnAnswerCountsThatWasAskedForLater) {
  Busy offer(2);
  offer.refused(at(10));
  offer.answered(at(5));
  EXPECT_FALSE(offer.answered_since_refusal());
  offer.answered(at(11));
  EXPECT_TRUE(offer.answered_since_refusal());
  offer.answered(at(5));
  EXPECT_TRUE(offer.answered_since_refusal());
}

}  // namespace
}  // namespace hanse::route
