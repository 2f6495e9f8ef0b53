// How long an offer is waited for. The config says it for all; once it is known what this offer usually
// takes, that counts: who is always quick is left sooner, and who is always slow gets the time that it needs.
//
//   after(now, patience(pace.first_token_us(bytes), rules.first_content, rules.first_thought))
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace hanse::route {

// Eight times what it usually takes (-1: not known), at least half of what the config says, at most `most`.
inline milliseconds patience(int64_t usual_us, milliseconds set, milliseconds most) {
  constexpr int64_t kTimes = 8;
  if (usual_us < 0) return set;
  const milliseconds learned(kTimes * usual_us / 1000);
  return std::clamp(learned, set / 2, std::max(set, most));
}

}  // namespace hanse::route
