// Each place of the order is drawn from those left, by their shares: the first offer gets its share of the
// requests, and what it can't answer goes to the others by theirs. Those without a share stand at the end, as
// they are listed.
#include "route/choose.h"

namespace hanse::route {

void order_weighted(std::span<const Facts> facts, Random& random, std::span<uint8_t> order) {
  uint64_t left = 0;
  for (const Facts& offer : facts) left += offer.share;
  for (size_t place = 0; left > 0; ++place) {
    uint64_t drawn = random.below(left);
    size_t i = place;
    while (drawn >= facts[order[i]].share) drawn -= facts[order[i++]].share;
    left -= facts[order[i]].share;
    // Those before it move back by one, so that the rest stays as it is listed.
    const uint8_t chosen = order[i];
    for (; i > place; --i) order[i] = order[i - 1];
    order[place] = chosen;
  }
}

}  // namespace hanse::route
