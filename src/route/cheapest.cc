// By the price of this request. An offer whose price nobody knows stands behind those with one; the same
// price keeps the order of the list.
#include <algorithm>

#include "route/choose.h"

namespace hanse::route {

void order_cheapest(std::span<const Facts> facts, std::span<uint8_t> order) {
  auto before = [&](uint8_t a, uint8_t b) {
    const bool known_a = facts[a].price >= 0, known_b = facts[b].price >= 0;
    if (known_a != known_b) return known_a;
    if (known_a && facts[a].price != facts[b].price) return facts[a].price < facts[b].price;
    return a < b;
  };
  std::ranges::sort(order, before);
}

}  // namespace hanse::route
