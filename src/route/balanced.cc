// The hot/cold rule of Prequal (Wydrowski et al., NSDI 2024), with tokens for requests: of a few offers drawn
// at random, those with more tokens under way than most are hot. Of the cold ones the fastest is asked; if
// all are hot, the one with the least under way.
#include <algorithm>
#include <array>
#include <tuple>

#include "route/choose.h"

namespace hanse::route {
namespace {

constexpr size_t kDrawn = 3;
// Hot is what has more under way than so many of a hundred offers.
constexpr size_t kHotQuantile = 84;

int64_t hot_above(std::span<const Facts> facts) {
  std::array<int64_t, kOffersMax> load;
  for (size_t i = 0; i < facts.size(); ++i) load[i] = facts[i].outstanding;
  // Of few offers the busiest is hot.
  const size_t place = std::min(facts.size() * kHotQuantile / 100, facts.size() - 2);
  std::nth_element(load.begin(), load.begin() + place, load.begin() + facts.size());
  return load[place];
}

}  // namespace

void order_balanced(std::span<const Facts> facts, Random& random, std::span<uint8_t> order) {
  if (order.size() < 2) return;
  const size_t drawn = std::min(kDrawn, order.size());
  for (size_t i = 0; i < drawn; ++i) std::swap(order[i], order[i + random.below(order.size() - i)]);
  const int64_t limit = hot_above(facts);
  auto before = [&](uint8_t a, uint8_t b) {
    const Facts &one = facts[a], &other = facts[b];
    const bool hot_a = one.outstanding > limit, hot_b = other.outstanding > limit;
    if (hot_a != hot_b) return hot_b;
    if (hot_a || one.first_token_us == other.first_token_us) return one.outstanding < other.outstanding;
    return one.first_token_us < other.first_token_us;  // -1, not known yet, is tried
  };
  for (size_t i = 1; i < drawn; ++i)  // the first of equals stays: chance has put it there
    for (size_t k = i; k > 0 && before(order[k], order[k - 1]); --k) std::swap(order[k], order[k - 1]);
  // If the chosen one fails: the least busy first.
  std::sort(order.begin() + 1, order.end(), [&](uint8_t a, uint8_t b) {
    return std::tie(facts[a].outstanding, a) < std::tie(facts[b].outstanding, b);
  });
}

}  // namespace hanse::route
