#include "route/order.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace hanse::route {
namespace {

using catalog::Priority;

Time at(int64_t ms) { return Time(milliseconds(10'000'000 + ms)); }

struct Played final : Order::Offers {
  explicit Played(size_t count) : standings(count), sets(count), shares(count) {}
  Standing* standing(size_t i) override { return &standings[i]; }
  SetLimits set(size_t i) override { return sets[i]; }
  Share share(size_t i) override { return shares[i]; }
  void left(size_t i, const Health::Look&) override { told_left.push_back(i); }
  void at_limit(size_t i, milliseconds) override { told_full.push_back(i); }

  void breaks(size_t i) {
    Error error(Code::unreachable, "");
    const catalog::Health rules;
    for (size_t n = 0; n < rules.failures; ++n)
      (void)standings[i].health.failed(error, at(0), false, rules, 0.5);
  }
  // It says that it takes ten requests a minute and that there are none left.
  void is_empty(size_t i) {
    standings[i].quota.told(Quota::Kind::requests, {10, 0, milliseconds(60'000)}, at(0));
  }

  std::deque<Standing> standings;
  std::vector<SetLimits> sets;
  std::vector<Share> shares;
  std::vector<size_t> told_left, told_full;
};

std::vector<size_t> all_of(Order& order) {
  std::vector<size_t> out;
  while (const auto i = order.next(at(1))) out.push_back(*i);
  return out;
}

TEST(Order, IsThatOfTheListWhereAllAreWell) {
  Played offers(3);
  Order order(offers, 3, 100, Priority::normal);
  EXPECT_EQ(all_of(order), (std::vector<size_t>{0, 1, 2}));
  EXPECT_FALSE(order.wait());
}

TEST(Order, WhoIsLeftIsTheLastResort) {
  Played offers(3);
  offers.breaks(0);
  Order order(offers, 3, 100, Priority::normal);
  EXPECT_EQ(order.next(at(1)), 1u);
  EXPECT_FALSE(order.trial());
  EXPECT_EQ(order.next(at(1)), 2u);
  EXPECT_TRUE(order.others_left());
  EXPECT_EQ(order.next(at(1)), 0u);
  EXPECT_TRUE(order.trial());
  EXPECT_FALSE(order.next(at(1)));
  EXPECT_EQ(offers.told_left, (std::vector<size_t>{0}));
}

TEST(Order, AllAreAskedASecondTimeAndNoThird) {
  Played offers(2);
  Order order(offers, 2, 100, Priority::normal);
  EXPECT_EQ(all_of(order), (std::vector<size_t>{0, 1}));
  EXPECT_TRUE(order.start_again(Order::Round::all));
  EXPECT_EQ(all_of(order), (std::vector<size_t>{0, 1}));
  EXPECT_FALSE(order.start_again(Order::Round::all));
  Order alone(offers, 1, 100, Priority::normal);
  EXPECT_FALSE(alone.start_again(Order::Round::all));
}

TEST(Order, WhoSaidNoAndIsWellIsAskedOnceMoreAfterASilentOne) {
  Played offers(3);
  Order order(offers, 3, 100, Priority::normal);
  ASSERT_EQ(order.next(at(1)), 0u);
  ASSERT_EQ(order.next(at(1), true), 1u);
  ASSERT_EQ(order.next(at(1)), 2u);
  EXPECT_FALSE(order.others_left());
  EXPECT_TRUE(order.others_are_well(at(1)));
  EXPECT_FALSE(order.next(at(1), true));
  EXPECT_TRUE(order.start_again(Order::Round::not_the_silent));
  EXPECT_EQ(all_of(order), (std::vector<size_t>{1}));
  EXPECT_FALSE(order.others_are_well(at(1)));
}

TEST(Order, WhoSaidNoAndIsLeftIsNotWell) {
  Played offers(2);
  Order order(offers, 2, 100, Priority::normal);
  ASSERT_EQ(order.next(at(1)), 0u);
  ASSERT_EQ(order.next(at(1)), 1u);
  EXPECT_TRUE(order.others_are_well(at(1)));
  offers.breaks(0);
  EXPECT_FALSE(order.others_are_well(at(1)));
}

TEST(Order, WhatTheConfigSetsIsNeverPassed) {
  Played offers(1);
  offers.sets[0].concurrency = 1;
  Order first(offers, 1, 100, Priority::high), second(offers, 1, 100, Priority::high);
  ASSERT_EQ(first.next(at(1)), 0u);
  {
    const Place held = first.take_place();
    EXPECT_FALSE(second.next(at(1)));
    EXPECT_TRUE(second.wait());
  }
  second.look_again();
  EXPECT_EQ(second.next(at(2)), 0u);
}

TEST(Order, APlaceIsHeldOnlyWhereOneIsAsked) {
  Played offers(2);
  Order order(offers, 2, 100, Priority::normal);
  ASSERT_EQ(order.next(at(1)), 0u);
  EXPECT_EQ(offers.standings[0].concurrency.under_way(), 1);
  ASSERT_EQ(order.next(at(1)), 1u);
  EXPECT_EQ(offers.standings[0].concurrency.under_way(), 0);
  EXPECT_FALSE(order.next(at(1)));
  EXPECT_EQ(offers.standings[1].concurrency.under_way(), 0);
}

TEST(Order, WhatWasToldIsPassedByOneAtATimeAndNotBehindARefusal) {
  Played offers(2);
  offers.is_empty(0);
  offers.is_empty(1);
  Order first(offers, 2, 100, Priority::normal), second(offers, 2, 100, Priority::normal);
  ASSERT_EQ(first.next(at(1)), 0u);
  const Place held = first.take_place();
  EXPECT_EQ(second.next(at(1)), 1u) << "nobody asks that one";
  offers.standings[1].concurrency.refused(at(1));
  Order third(offers, 2, 100, Priority::normal);
  EXPECT_FALSE(third.next(at(2)));
  EXPECT_TRUE(third.wait());
}

TEST(Order, LowPriorityDoesNotPassIt) {
  Played offers(2);
  offers.is_empty(0);
  offers.is_empty(1);
  Order order(offers, 2, 100, Priority::low);
  EXPECT_FALSE(order.next(at(1)));
  EXPECT_GT(order.wait(), milliseconds(1'000));
}

TEST(Order, AShareBendsWhenNobodyElseIsLeft) {
  Played offers(2);
  offers.shares[0] = Share::above_but_bends;
  Order order(offers, 2, 100, Priority::normal);
  EXPECT_EQ(order.next(at(1)), 1u);
  EXPECT_FALSE(order.bent());
  EXPECT_EQ(order.next(at(1)), 0u);
  EXPECT_TRUE(order.bent());
  offers.shares[0] = Share::above;
  Order never(offers, 2, 100, Priority::normal);
  EXPECT_EQ(all_of(never), (std::vector<size_t>{1}));
  EXPECT_TRUE(never.wait());
}

TEST(Order, BehindThoseThatAreWatchedComeTheOthers) {
  Played offers(kOffersMax + 3);
  Order order(offers, kOffersMax + 3, 100, Priority::normal);
  EXPECT_EQ(all_of(order).size(), kOffersMax + 3);
}

}  // namespace
}  // namespace hanse::route
