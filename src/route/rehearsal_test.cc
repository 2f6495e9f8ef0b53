#include "route/rehearsal.h"

#include <gtest/gtest.h>

#include "route/routing_page.h"

namespace hanse::route {
namespace {

using End = RequestOutcome::End;
using How = PlayedFault::How;

milliseconds s(double seconds) { return milliseconds(static_cast<int64_t>(seconds * 1000)); }

std::vector<PlayedRequest> steady(size_t count, double apart_s) {
  std::vector<PlayedRequest> out;
  for (size_t i = 0; i < count; ++i) out.push_back({s(static_cast<double>(i) * apart_s)});
  return out;
}

size_t count_of(const Rehearsed& out, End end) {
  return static_cast<size_t>(std::ranges::count(out.requests, end, &RequestOutcome::end));
}

TEST(Rehearsal, TheSameSeedIsTheSameOutcome) {
  Rehearsal two;
  two.offers.resize(3);
  two.offers[1].slots = 4;
  two.faults = {{0, s(5), s(20), How::silent, 0.5}, {1, s(10), s(12), How::cut}};
  const auto load = played_load(s(30), 10, 7);
  const Rehearsed one = rehearse(two, load), other = rehearse(two, load);
  ASSERT_EQ(one.requests.size(), other.requests.size());
  for (size_t i = 0; i < one.requests.size(); ++i) {
    EXPECT_EQ(one.requests[i].whole, other.requests[i].whole);
    EXPECT_EQ(one.requests[i].attempts, other.requests[i].attempts);
  }
  two.seed = 2;
  const Rehearsed third = rehearse(two, load);
  EXPECT_FALSE(
      std::ranges::equal(one.requests, third.requests, {}, &RequestOutcome::whole, &RequestOutcome::whole));
}

TEST(Rehearsal, ALostCloudIsLeftAndReturnedTo) {
  Rehearsal two;
  two.policy = Policy::ordered;
  two.offers.resize(2);
  two.faults = {{0, s(10), s(70)}};
  const Rehearsed out = rehearse(two, steady(200, 0.5));
  EXPECT_EQ(count_of(out, End::answered), 200u);
  EXPECT_LT(out.offers[0].attempts - out.offers[0].answers, 30u) << "one in a while";
  EXPECT_GE(out.offers[0].answers, 20u + 45u) << "and again after it";
  EXPECT_EQ(out.offers[0].left, out.offers[0].back);
}

TEST(Rehearsal, WhatItWasAnsweringIsCarriedOn) {
  Rehearsal two;
  two.policy = Policy::ordered;
  two.offers.resize(2);
  two.faults = {{0, s(2), s(20)}};
  const auto load = steady(4, 0.4);  // 2.4 s each
  const Rehearsed out = rehearse(two, load);
  EXPECT_EQ(count_of(out, End::answered), 4u);
  EXPECT_EQ(std::ranges::count_if(out.requests, [](auto& r) { return r.carried_on == 1; }), 4);
}

TEST(Rehearsal, ASilentCloudIsNotWaitedForLongerThanItIsWorth) {
  Rehearsal two;
  two.policy = Policy::ordered;
  two.offers.resize(2);
  two.faults = {{0, s(0), s(60)}};
  two.faults[0].how = How::silent;
  const Rehearsed out = rehearse(two, steady(50, 1));
  EXPECT_EQ(count_of(out, End::answered), 50u);
  for (const RequestOutcome& request : out.requests) EXPECT_LE(request.first_token, s(11));
}

TEST(Rehearsal, OverCapacityLowPriorityIsShedFirst) {
  Rehearsal one;
  one.offers.resize(1);
  one.offers[0].set.concurrency = 10;
  std::vector<PlayedRequest> load = steady(400, 0.15);  // 16 at once
  for (size_t i = 0; i < load.size(); i += 2) load[i].priority = catalog::Priority::low;
  const Rehearsed out = rehearse(one, load);
  size_t low = 0, normal = 0;
  for (size_t i = 0; i < load.size(); ++i)
    if (out.requests[i].end != End::answered) ++(i % 2 ? normal : low);
  EXPECT_GT(low, 60u);
  EXPECT_EQ(normal, 0u);
  EXPECT_LE(out.offers[0].most_at_once, 10);
}

TEST(Rehearsal, RepetitionsStayWithinTheirBudget) {
  Rehearsal two;
  two.offers.resize(2);
  two.health.on = false;
  two.faults = {{0, s(0), s(10'000), How::throttled}, {1, s(0), s(10'000), How::throttled}};
  const Rehearsed out = rehearse(two, steady(5'000, 0.1));
  EXPECT_LE(out.repeated, 100u + 5'000u * two.retry.share / 100);
  EXPECT_GT(out.repeated, 900u);
}

TEST(Rehearsal, SharesAreMet) {
  Rehearsal three;
  three.policy = Policy::weighted;
  three.offers.resize(3);
  three.offers[0].share = 60, three.offers[1].share = 30, three.offers[2].share = 10;
  const Rehearsed out = rehearse(three, steady(10'000, 0.05));
  EXPECT_NEAR(static_cast<double>(out.offers[0].answers), 6'000, 200);
  EXPECT_NEAR(static_cast<double>(out.offers[1].answers), 3'000, 200);
  EXPECT_NEAR(static_cast<double>(out.offers[2].answers), 1'000, 150);
}

// With one cloud slow and one lost, and everything else the same.
TEST(Rehearsal, BalancedIsBetterThanWhatIsUsual) {
  const std::vector<Comparison> all = compare_choosers(6);
  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_LT(all[0].first_token_p99_ms, all[i].first_token_p99_ms) << all[i].name;
    EXPECT_GT(all[0].goodput, all[i].goodput) << all[i].name;
  }
}

// ---- random weather, in which somebody is well at any time

// Each cloud is well or not for a few seconds; one stays well from each weather into the next.
Rehearsal weather_of(uint64_t seed, milliseconds length) {
  constexpr How kHows[] = {How::lost, How::throttled, How::silent, How::slow, How::cut};
  Random random(seed);
  Rehearsal out;
  out.seed = seed;
  out.policy = static_cast<Policy>(random.below(5));
  out.offers.resize(2 + random.below(5));
  for (PlayedOffer& offer : out.offers) offer.share = 1;
  size_t well = random.below(out.offers.size());
  for (milliseconds from{0}; from < length;) {
    const milliseconds until = from + s(1 + 5 * random.fraction());
    const size_t stays = std::exchange(well, random.below(out.offers.size()));
    for (size_t i = 0; i < out.offers.size(); ++i)
      if (i != stays && i != well && random.fraction() > 0.3)
        out.faults.push_back(
            {i, from, until, kHows[random.below(std::size(kHows))], random.fraction() < 0.2 ? 0.5 : 1.0});
    from = until;
  }
  return out;
}

TEST(Rehearsal, WhoeverIsWellIsFoundInAnyWeather) {
  size_t requests = 0, answered = 0, shed = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    const Rehearsed out = rehearse(weather_of(seed, s(60)), played_load(s(60), 15, seed));
    requests += out.requests.size();
    answered += count_of(out, End::answered);
    shed += count_of(out, End::shed);
  }
  EXPECT_GE(static_cast<double>(answered), 0.9995 * static_cast<double>(requests))
      << requests << " requests, " << shed << " shed";
}

// ---- random scripts of faults

struct Script {
  Rehearsal rehearsal;
  std::vector<PlayedRequest> load;
  std::vector<bool> hurt;  // by offer
};

// Up to six offers whose room is set or told, up to three faults, from much too little to much too much load.
Script script_of(uint64_t seed) {
  Random random(seed);
  Script out;
  constexpr Policy kPolicies[] = {Policy::ordered, Policy::weighted, Policy::cheapest, Policy::fastest,
                                  Policy::balanced};
  out.rehearsal.policy = kPolicies[random.below(5)];
  out.rehearsal.seed = seed;
  out.rehearsal.offers.resize(2 + random.below(5));
  out.hurt.resize(out.rehearsal.offers.size());
  for (PlayedOffer& offer : out.rehearsal.offers) {
    offer.share = random.below(3);
    offer.price_input = static_cast<int64_t>(random.below(3));
    offer.first_token = milliseconds(100 + random.below(900));
    switch (random.below(3)) {
      case 0:
        offer.set.concurrency = static_cast<int64_t>(1 + random.below(20));
        break;
      case 1:
        offer.set.requests_per_minute = static_cast<int64_t>(10 + random.below(300));
        break;
      default:
        offer.tells_requests_per_minute = static_cast<int64_t>(30 + random.below(300));
    }
  }
  out.rehearsal.offers[0].share = 1;
  for (uint64_t i = 1 + random.below(3); i > 0; --i) {
    PlayedFault fault;
    fault.offer = random.below(out.hurt.size());
    out.hurt[fault.offer] = true;
    fault.from = milliseconds(random.below(10'000));
    fault.until = fault.from + milliseconds(500 + random.below(8'000));
    fault.how = static_cast<How>(random.below(5));
    fault.share = random.below(2) ? 1 : random.fraction();
    out.rehearsal.faults.push_back(fault);
  }
  out.load = played_load(s(15), 1 + 12 * random.fraction(), seed);
  for (PlayedRequest& request : out.load) request.priority = static_cast<catalog::Priority>(random.below(3));
  return out;
}

// Nobody who is well is asked for more than a tenth above what it takes, whatever falls; nobody who is well
// is left; what was taken is given back to the last unit; nobody waits for ever.
TEST(Rehearsal, TenThousandScriptsOfFaults) {
  constexpr uint64_t kScripts = 10'000;
  double worst = 0;
  size_t requests = 0;
  for (uint64_t seed = 1; seed <= kScripts; ++seed) {
    const Script script = script_of(seed);
    const Rehearsed out = rehearse(script.rehearsal, script.load);
    requests += out.requests.size();
    for (const RequestOutcome& request : out.requests)
      ASSERT_GE(request.whole.count(), 0) << "seed " << seed << ": a request had no end";
    for (size_t i = 0; i < out.offers.size(); ++i) {
      const OfferOutcome& offer = out.offers[i];
      const SetLimits& set = script.rehearsal.offers[i].set;
      ASSERT_EQ(offer.under_way, 0) << "seed " << seed;
      ASSERT_EQ(offer.outstanding, 0) << "seed " << seed;
      if (set.requests_per_minute > 0) {
        ASSERT_EQ(offer.requests_left, set.requests_per_minute) << "seed " << seed;
      }
      if (script.hurt[i]) continue;
      ASSERT_LE(offer.overload, 1.1) << "seed " << seed << ", offer " << i;
      ASSERT_EQ(offer.left, 0u) << "seed " << seed << ", offer " << i << " was well";
      worst = std::max(worst, offer.overload);
    }
  }
  std::printf("%lu scripts (seeds 1 to %lu), %zu requests, overload of the survivors at most %.3f\n",
              kScripts, kScripts, requests, worst);
}

}  // namespace
}  // namespace hanse::route
