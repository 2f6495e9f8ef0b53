#include "route/choose.h"

#include <numeric>

#include "base/assert.h"

namespace hanse::route {

std::optional<Policy> policy_named(std::string_view name) {
  constexpr std::string_view kNames[] = {"ordered", "weighted", "cheapest", "fastest", "balanced"};
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<Policy>(i);
  return {};
}

void choose(Policy policy, std::span<const Facts> facts, Random& random, std::span<uint8_t> order) {
  HANSE_ASSERT(facts.size() == order.size() && order.size() <= kOffersMax);
  std::iota(order.begin(), order.end(), uint8_t{0});
  switch (policy) {
    case Policy::ordered:
      return;
    case Policy::weighted:
      return order_weighted(facts, random, order);
    case Policy::cheapest:
      return order_cheapest(facts, order);
    case Policy::fastest:
      return order_fastest(facts, random, order);
    case Policy::balanced:
      return order_balanced(facts, random, order);
  }
}

}  // namespace hanse::route
