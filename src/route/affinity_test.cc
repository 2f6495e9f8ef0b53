#include "route/affinity.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

namespace hanse::route {
namespace {

std::vector<uint64_t> offers(size_t count) {
  std::vector<uint64_t> out;
  for (size_t i = 0; i < count; ++i) out.push_back(session_of("cloud-" + std::to_string(i) + "/m"));
  return out;
}

uint8_t home(uint64_t session, std::span<const uint64_t> names, std::span<const Facts> facts,
             int64_t tokens = 500) {
  std::vector<uint8_t> order(names.size());
  std::iota(order.begin(), order.end(), uint8_t{0});
  order_for_session(session, names, facts, tokens, order);
  std::vector<uint8_t> sorted = order;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], i) << "nobody is lost";
  return order[0];
}

uint64_t session(int i) { return session_of("session-" + std::to_string(i)); }

TEST(Affinity, ASessionKeepsToItsHomeWhateverTheOrderWas) {
  const auto names = offers(5);
  const std::vector<Facts> facts(5);
  for (int i = 0; i < 100; ++i) {
    const uint8_t first = home(session(i), names, facts);
    std::vector<uint8_t> order{4, 2, 0, 1, 3};
    order_for_session(session(i), names, facts, 500, order);
    EXPECT_EQ(order[0], first);
  }
}

TEST(Affinity, SessionsAreSpreadByShares) {
  const auto names = offers(3);
  std::vector<Facts> facts(3);
  facts[0].share = 60, facts[1].share = 40;
  std::vector<int> count(3);
  for (int i = 0; i < 10'000; ++i) ++count[home(session(i), names, facts)];
  EXPECT_NEAR(count[0], 6'000, 200);
  EXPECT_EQ(count[2], 0);
}

TEST(Affinity, WhenOneGoesOnlyItsSessionsMove) {
  const auto names = offers(5);
  const std::vector<Facts> facts(5);
  std::vector<uint64_t> fewer(names.begin(), names.end() - 1);
  for (int i = 0; i < 2'000; ++i) {
    const uint8_t before = home(session(i), names, facts);
    if (before == 4) continue;
    EXPECT_EQ(home(session(i), fewer, std::span(facts).first(4)), before);
  }
}

TEST(Affinity, WhoIsMuchBusierThanTheOthersIsNobodysHome) {
  const auto names = offers(4);
  std::vector<Facts> facts(4);
  for (Facts& offer : facts) offer.outstanding = 40'000;
  facts[2].outstanding = 200'000;
  for (int i = 0; i < 500; ++i) EXPECT_NE(home(session(i), names, facts), 2);
  facts[2].outstanding = 60'000;
  bool any = false;
  for (int i = 0; i < 500; ++i) any |= home(session(i), names, facts) == 2;
  EXPECT_TRUE(any);
}

TEST(Affinity, NoSessionIsNone) { EXPECT_NE(session_of(""), 0u); }

}  // namespace
}  // namespace hanse::route
