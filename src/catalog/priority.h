// Who gives way first where there isn't room for all. Low priority leaves a part of every limit to the others
// and is refused at once where there is no more; the others wait for a while, and high priority uses all
// there is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hanse::catalog {

enum class Priority : uint8_t { low, normal, high };

inline std::optional<Priority> priority_named(std::string_view name) {
  if (name == "low") return Priority::low;
  if (name == "normal") return Priority::normal;
  if (name == "high") return Priority::high;
  return {};
}

// Percent of each limit that are left to those above.
inline int spare_of(Priority priority) {
  return priority == Priority::low ? 20 : priority == Priority::normal ? 5 : 0;
}

}  // namespace hanse::catalog
