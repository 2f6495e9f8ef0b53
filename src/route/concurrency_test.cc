#include "route/concurrency.h"

#include <gtest/gtest.h>

#include "route/standing.h"

namespace hanse::route {
namespace {

Time at(int64_t ms) { return Time(milliseconds(1'000'000 + ms)); }

TEST(Concurrency, NoLimitIsNoLimit) {
  Concurrency all;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(all.enter(0));
  EXPECT_EQ(all.under_way(), 1000);
}

TEST(Concurrency, WhoRefusesIsAskedFewerAndThenMoreAgain) {
  Concurrency some;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(some.enter(0));
  EXPECT_EQ(some.bears(at(0)), 0);
  some.refused(at(0));
  EXPECT_EQ(some.bears(at(0)), 6);
  EXPECT_EQ(some.bears(at(4'999)), 6);
  EXPECT_EQ(some.bears(at(5'000)), 12);
  EXPECT_EQ(some.bears(at(30'000)), 0) << "long ago";
}

TEST(Concurrency, OneIsAlwaysLeft) {
  EXPECT_EQ(places(0, 0, 20), 0);
  EXPECT_EQ(places(1, 0, 20), 1);
  EXPECT_EQ(places(10, 0, 20), 8);
  EXPECT_EQ(places(10, 4, 0), 4);
  EXPECT_EQ(places(0, 4, 0), 4);
}

TEST(Place, IsGivenBackOnce) {
  Standing standing;
  {
    std::optional<Place> first = Place::at(standing, 1);
    EXPECT_TRUE(first);
    EXPECT_FALSE(Place::at(standing, 1));
    Place second;
    second = std::move(*first);
    EXPECT_EQ(standing.concurrency.under_way(), 1);
  }
  EXPECT_EQ(standing.concurrency.under_way(), 0);
}

}  // namespace
}  // namespace hanse::route
