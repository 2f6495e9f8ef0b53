// A count of tokens as a provider says it; -1 for what can be none. Accounts are kept by these numbers, so
// what is negative, broken or absurd counts as not said.
#pragma once

#include <cstdint>

#include "base/json.h"

namespace hanse {

inline int64_t token_count(json::Value value) {
  constexpr int64_t kMost = 1'000'000'000'000;  // sums of these still fit
  if (value.type() != json::Type::number) return -1;
  auto count = value.integer();
  if (!count) {  // 12.0, as some servers write a whole number
    double real = value.number().value_or(-1);
    if (!(real >= 0 && real <= static_cast<double>(kMost))) return -1;
    count = static_cast<int64_t>(real);
    if (static_cast<double>(*count) != real) return -1;
  }
  return *count >= 0 && *count <= kMost ? *count : -1;
}

}  // namespace hanse
