// Searching and comparing bytes fast. SIMD where the machine has it (SSE2 on x86-64, NEON on arm64), a portable twin
// elsewhere; no flag that only one machine has.
#pragma once

#include <cstddef>
#include <string_view>

namespace hanse {

inline constexpr size_t kNotFound = std::string_view::npos;

// First place of `needle` (2..16 bytes) in `hay` at or after `from`, else kNotFound. glibc's memmem is several times
// slower for needles this short.
size_t find_bytes(std::string_view hay, std::string_view needle, size_t from = 0);
// Last place of `needle` in `hay`, else kNotFound.
size_t find_bytes_last(std::string_view hay, std::string_view needle);

// ASCII case-insensitive equality, as HTTP names want it.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Equality whose time depends on the lengths only: for keys and signatures.
bool equal_constant_time(std::string_view a, std::string_view b);

// The known word nearest to `word` (edit distance up to a third of its length), or empty: for "did you mean".
template <class Range>
std::string_view nearest(std::string_view word, const Range& known);
size_t edit_distance(std::string_view a, std::string_view b);

template <class Range>
std::string_view nearest(std::string_view word, const Range& known) {
  std::string_view best;
  size_t best_distance = word.size() / 3 + 2;
  for (std::string_view candidate : known) {
    size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) best = candidate, best_distance = distance;
  }
  return best;
}

}  // namespace hanse
