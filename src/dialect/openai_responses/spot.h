// The places of a client's request: items have parts, groups have tools, and the canonical form has one
// number.
#pragma once

#include "canon/request.h"

namespace hanse::openai_responses {

// Where a part or a tool stands: the number of its item, and of its place inside that, in one.
struct Spot {
  static constexpr uint32_t kInsideMax = 1022;
  uint32_t item = 0;
  uint32_t inside = canon::kAlone;

  static Spot of(uint32_t at) {
    uint32_t inside = at % (kInsideMax + 2);
    return {at / (kInsideMax + 2), inside == 0 ? canon::kAlone : inside - 1};
  }
  // What is too far behind is named by its item.
  uint32_t packed() const { return item * (kInsideMax + 2) + (inside > kInsideMax ? 0 : inside + 1); }
};

}  // namespace hanse::openai_responses
