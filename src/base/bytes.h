// Searching and comparing bytes fast. SIMD where the machine has it (SSE2 on x86-64, NEON on arm64), a
// portable twin elsewhere; no flag that only one machine has.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace hanse {

inline constexpr size_t kNotFound = std::string_view::npos;

// First place of `needle` (2..16 bytes) in `hay` at or after `from`, else kNotFound. glibc's memmem is
// several times slower for needles this short.
size_t find_bytes(std::string_view hay, std::string_view needle, size_t from = 0);
// First place of `byte` at or after `from`, else kNotFound. Inline, for places that are near: memchr's call
// costs more than looking at the next sixteen bytes.
inline size_t find_byte(std::string_view hay, char byte, size_t from);
// Last place of `needle` in `hay`, else kNotFound.
size_t find_bytes_last(std::string_view hay, std::string_view needle);

// ASCII case-insensitive equality, as HTTP names want it.
bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_ignoring_case(std::string_view text, std::string_view prefix);

// Appends `size` bytes for the caller to fill, at the place returned.
inline char* extend(std::string& out, size_t size) {
  const size_t at = out.size();
  // libstdc++ 12 tells the capacity where the size belongs.
  out.resize_and_overwrite(at + size, [=](char*, size_t) { return at + size; });
  return out.data() + at;
}

// Equality whose time depends on the lengths only: for keys and signatures.
bool equal_constant_time(std::string_view a, std::string_view b);

// The known word nearest to `word` (edit distance up to a third of its length), or empty: for "did you mean".
template <class Range>
std::string_view nearest(std::string_view word, const Range& known);
size_t edit_distance(std::string_view a, std::string_view b);

// Where the sixteen bytes at `at` equal `byte`: the lowest set bit, shifted right by kMatchShift, is the
// first place.
#if defined(__SSE2__)
inline constexpr int kMatchShift = 0;
inline uint64_t match16(const char* at, char byte) {
  auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte))));
}
#elif defined(__aarch64__)
inline constexpr int kMatchShift = 2;
inline uint64_t match16(const char* at, char byte) {
  auto equal =
      vceqq_u8(vld1q_u8(reinterpret_cast<const uint8_t*>(at)), vdupq_n_u8(static_cast<uint8_t>(byte)));
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(equal), 4)), 0);
}
#else
inline constexpr int kMatchShift = 0;
inline uint64_t match16(const char* at, char byte) {
  uint64_t bits = 0;
  for (int i = 0; i < 16; ++i) bits |= uint64_t(at[i] == byte) << i;
  return bits;
}
#endif

inline size_t find_byte(std::string_view hay, char byte, size_t from) {
  for (; from + 16 <= hay.size(); from += 16)
    if (uint64_t bits = match16(hay.data() + from, byte))
      return from + (static_cast<size_t>(std::countr_zero(bits)) >> kMatchShift);
  for (; from < hay.size(); ++from)
    if (hay[from] == byte) return from;
  return kNotFound;
}

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
