// Of two offers drawn at random the one that can be expected to begin sooner: as it usually does, by as much
// later as it has more under way than it usually had. Power of two choices (Mitzenmacher, 2001) on what
// Prequal (Wydrowski et al., NSDI 2024) found to count, the load and the latency that goes with it, with
// tokens for requests. Drawing more of them sends everybody to the same one: what is learned comes late
// (docs/reference/routing.md has the rehearsal).
#include <algorithm>
#include <tuple>

#include "route/choose.h"

namespace hanse::route {
namespace {

// Tokens of a handful of requests: below that more or less of them says nothing.
constexpr double kHandful = 5'000;

double expected_us(const Facts& offer) {
  const auto under_way = static_cast<double>(offer.outstanding);
  if (offer.first_token_us < 0) return -1 / (1 + under_way);  // not known yet: is tried
  const auto usual = static_cast<double>(std::max<int64_t>(0, offer.usual));
  return static_cast<double>(offer.first_token_us) * (under_way + kHandful) / (usual + kHandful);
}

}  // namespace

void order_balanced(std::span<const Facts> facts, Random& random, std::span<uint8_t> order) {
  if (order.size() < 2) return;
  for (size_t i = 0; i < 2; ++i) std::swap(order[i], order[i + random.below(order.size() - i)]);
  // The first of equals stays: chance has put it there.
  if (expected_us(facts[order[1]]) < expected_us(facts[order[0]])) std::swap(order[0], order[1]);
  // If the chosen one fails: the least busy first.
  std::sort(order.begin() + 1, order.end(), [&](uint8_t a, uint8_t b) {
    return std::tie(facts[a].outstanding, a) < std::tie(facts[b].outstanding, b);
  });
}

}  // namespace hanse::route
