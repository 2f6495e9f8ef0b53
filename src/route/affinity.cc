#include "route/affinity.h"

#include <algorithm>
#include <cmath>

namespace hanse::route {
namespace {

// Of splitmix64.
uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// The largest of these wins: each with a chance of its weight among all, and nobody's chance changes between
// two others when a third one goes.
double draw(uint64_t session, uint64_t offer, uint64_t weight) {
  const double fraction = (static_cast<double>(mixed(session ^ mixed(offer)) >> 11) + 0.5) * 0x1.0p-53;
  return static_cast<double>(weight) / -std::log(fraction);
}

}  // namespace

uint64_t session_of(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return std::max<uint64_t>(1, mixed(hash));
}

void order_for_session(uint64_t session, std::span<const uint64_t> names, std::span<const Facts> facts,
                       int64_t tokens, std::span<uint8_t> order) {
  // A quarter more than all have on average; below a handful of requests nobody is busy.
  constexpr double kBound = 1.25;
  constexpr double kHandful = 20'000;
  int64_t outstanding = tokens;
  uint64_t shares = 0;
  for (const Facts& offer : facts) outstanding += offer.outstanding, shares += offer.share;
  const double most = kHandful + kBound * static_cast<double>(outstanding) /
                                     static_cast<double>(std::max<size_t>(1, facts.size()));
  size_t home = order.size();
  double best = 0;
  for (size_t place = 0; place < order.size(); ++place) {
    const Facts& offer = facts[order[place]];
    if (static_cast<double>(offer.outstanding + tokens) > most) continue;
    const double drawn = draw(session, names[order[place]], shares ? offer.share : 1);
    if (drawn > best) best = drawn, home = place;
  }
  if (home == order.size()) return;
  std::rotate(order.begin(), order.begin() + static_cast<ptrdiff_t>(home),
              order.begin() + static_cast<ptrdiff_t>(home) + 1);
}

}  // namespace hanse::route
