// How far the inside of a JSON string is printable ASCII without quote and backslash: eight bytes at a time,
// as nearly all text of an answer is. What stops it may still be plain; the caller looks at that byte.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace hanse {

inline size_t skip_plain(std::string_view text, size_t at) {
  constexpr uint64_t kOnes = 0x0101010101010101u, kHighs = 0x8080808080808080u;
  auto has_zero = [](uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    uint64_t odd = bytes | ((bytes - kOnes * 0x20) & ~bytes) | has_zero(bytes ^ kOnes * '"') |
                   has_zero(bytes ^ kOnes * '\\');
    if (odd & kHighs) break;
  }
  return at;
}

}  // namespace hanse
