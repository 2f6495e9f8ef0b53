#include "base/bytes.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

namespace hanse {
namespace {

// One bit (x86) or four bits (arm) a byte where hay[i] == first and hay[i + gap] == last, for 16 values of i.
#if defined(__SSE2__)
constexpr int kBitsPerByte = 1;
uint64_t match_ends(const char* at, size_t gap, char first, char last) {
  auto a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  auto b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + gap));
  auto both = _mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8(first)), _mm_cmpeq_epi8(b, _mm_set1_epi8(last)));
  return static_cast<uint32_t>(_mm_movemask_epi8(both));
}
#elif defined(__aarch64__)
constexpr int kBitsPerByte = 4;
uint64_t match_ends(const char* at, size_t gap, char first, char last) {
  auto a = vld1q_u8(reinterpret_cast<const uint8_t*>(at));
  auto b = vld1q_u8(reinterpret_cast<const uint8_t*>(at + gap));
  auto both = vandq_u8(vceqq_u8(a, vdupq_n_u8(first)), vceqq_u8(b, vdupq_n_u8(last)));
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(both), 4)), 0);
}
#else
constexpr int kBitsPerByte = 1;
uint64_t match_ends(const char* at, size_t gap, char first, char last) {
  uint64_t bits = 0;
  for (int i = 0; i < 16; ++i) bits |= uint64_t(at[i] == first && at[i + gap] == last) << i;
  return bits;
}
#endif

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

size_t find_bytes(std::string_view hay, std::string_view needle, size_t from) {
  const size_t gap = needle.size() - 1;
  const char first = needle.front(), last = needle.back();
  size_t i = from;
  for (; i + gap + 16 <= hay.size(); i += 16) {
    uint64_t bits = match_ends(hay.data() + i, gap, first, last);
    while (bits) {
      size_t at = i + static_cast<size_t>(std::countr_zero(bits)) / kBitsPerByte;
      if (gap < 2 || std::memcmp(hay.data() + at + 1, needle.data() + 1, gap - 1) == 0) return at;
      bits &= kBitsPerByte == 1 ? bits - 1 : ~(uint64_t{15} << (at - i) * 4);
    }
  }
  for (; i + gap < hay.size(); ++i)
    if (hay[i] == first && std::memcmp(hay.data() + i, needle.data(), needle.size()) == 0) return i;
  return kNotFound;
}

size_t find_bytes_last(std::string_view hay, std::string_view needle) { return hay.rfind(needle); }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // as mostly
  for (size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t kept = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({kept, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace hanse
