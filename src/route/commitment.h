// What is paid for whether it is used or not (own GPUs, provisioned throughput) is filled first, up to a
// mark; what is left above it answers bursts, by the model's policy.
//
//   commitments_first(commitments, order);      // after choose()
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "route/standing.h"

namespace hanse::route {

struct Commitment {
  bool is_committed = false;
  int utilised = 0, mark = 80;  // percent
};

// Percent of what the config sets that is in use; of several limits the fullest. 0 where it sets none.
inline int utilisation(const Standing& standing, const SetLimits& set, Time now) {
  auto part = [](int64_t used, int64_t of) { return of > 0 ? static_cast<int>(used * 100 / of) : 0; };
  auto used = [&](Quota::Kind kind, int64_t of) {
    return of > 0 ? part(of - standing.quota.left(kind, now, set), of) : 0;
  };
  return std::max({part(standing.concurrency.under_way(), set.concurrency),
                   used(Quota::Kind::requests, set.requests_per_minute),
                   used(Quota::Kind::tokens, set.tokens_per_minute)});
}

// Those below their mark in front, the emptiest first; the others as they stood. `commitments` by the numbers
// that `order` holds.
inline void commitments_first(std::span<const Commitment> commitments, std::span<uint8_t> order) {
  size_t front = 0;
  for (size_t place = 0; place < order.size(); ++place) {
    const Commitment& one = commitments[order[place]];
    if (!one.is_committed || one.utilised >= one.mark) continue;
    size_t to = front++;
    while (to > 0 && commitments[order[to - 1]].utilised > one.utilised) --to;
    std::rotate(order.begin() + static_cast<ptrdiff_t>(to), order.begin() + static_cast<ptrdiff_t>(place),
                order.begin() + static_cast<ptrdiff_t>(place) + 1);
  }
}

}  // namespace hanse::route
