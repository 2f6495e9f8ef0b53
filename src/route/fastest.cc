// By the learned time to the first token. One that was never measured is asked at once, and now and then any:
// who was slow yesterday may be fast today.
#include <algorithm>

#include "route/choose.h"

namespace hanse::route {

void order_fastest(std::span<const Facts> facts, Random& random, std::span<uint8_t> order) {
  constexpr uint64_t kLooksAround = 32;  // one request of so many
  std::ranges::sort(order, [&](uint8_t a, uint8_t b) {
    const int64_t time_a = facts[a].first_token_us, time_b = facts[b].first_token_us;
    return time_a != time_b ? time_a < time_b : a < b;  // -1, not known, is first
  });
  if (order.size() > 1 && random.below(kLooksAround) == 0)
    std::swap(order[0], order[1 + random.below(order.size() - 1)]);
}

}  // namespace hanse::route
