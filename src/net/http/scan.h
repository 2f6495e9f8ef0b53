// Byte classes of HTTP/1.1 and fast runs over them. RFC 9110 sections 5.5 and 5.6.2, RFC 9112 section 3.
//
//   const char* end_of_name = skip_token(at, end);      // first byte that isn't of the class, or `end`
//
// SIMD where every machine of the kind has it (SSE2, NEON), inlined as the runs are short; the portable twin
// elsewhere, and in the tests.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#define HANSE_HTTP_SIMD 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#define HANSE_HTTP_SIMD 1
#else
#define HANSE_HTTP_SIMD 0
#endif

namespace hanse::http {

enum ByteClass : uint8_t {
  kToken = 1,     // of header names and methods
  kText = 2,      // of header values: HTAB, SP, visible ASCII and obs-text (0x80..)
  kTarget = 4,    // of a request's target: visible ASCII but '#'
  kHostByte = 8,  // of a Host's name part
  kDigit = 16,
  kHexDigit = 32,
  kLower = 64,
};

namespace detail {
constexpr bool is_one_of(int c, std::string_view set) { return set.find(static_cast<char>(c)) != set.npos; }
constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> of{};
  for (int c = 0; c < 256; ++c) {
    bool digit = c >= '0' && c <= '9', lower = c >= 'a' && c <= 'z';
    bool letter = lower || (c >= 'A' && c <= 'Z');
    bool plain = digit || letter;
    uint8_t bits = 0;
    if (plain || (c != 0 && is_one_of(c, "!#$%&'*+-.^_`|~"))) bits |= kToken;
    if (c == '\t' || (c >= ' ' && c != 0x7f)) bits |= kText;
    if (c > ' ' && c < 0x7f && c != '#') bits |= kTarget;
    if (plain || (c != 0 && is_one_of(c, "-._~%!$&'()*+;="))) bits |= kHostByte;
    if (digit) bits |= kDigit;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) bits |= kHexDigit;
    if (lower) bits |= kLower;
    of[static_cast<size_t>(c)] = bits;
  }
  return of;
}
inline constexpr std::array<uint8_t, 256> kClasses = make_classes();
}  // namespace detail

inline bool is(char c, ByteClass wanted) { return detail::kClasses[static_cast<uint8_t>(c)] & wanted; }

template <ByteClass wanted>
const char* skip_portable(const char* at, const char* end) {
  while (at != end && is(*at, wanted)) ++at;
  return at;
}

// Is the token `name`, of the literal's size, this one in any case? Only for literals of letters and '-': to
// fold the case of a whole word at once is right for no other bytes.
template <size_t size_with_nul>
bool is_name(const char* name, const char (&lower_case)[size_with_nul]) {
  constexpr size_t kSize = size_with_nul - 1;
  using Word = std::conditional_t<kSize >= 8, uint64_t, uint32_t>;
  static_assert(kSize >= 4 && kSize <= 24);
  constexpr Word kFold = static_cast<Word>(0x2020202020202020);
  auto differs = [&](size_t i) {
    Word a, b;
    std::memcpy(&a, name + i, sizeof a);
    std::memcpy(&b, lower_case + i, sizeof b);
    return (a | kFold) ^ b;
  };
  Word difference = differs(0) | differs(kSize - sizeof(Word));
  if constexpr (kSize > 2 * sizeof(Word)) difference |= differs(sizeof(Word));
  return difference == 0;
}

#if HANSE_HTTP_SIMD
namespace detail {
// Where, among 16 bytes, those stand that may end a run: one bit a byte (x86) or four (arm).
template <ByteClass wanted>
uint64_t stops16(const char* at) = delete;

#if defined(__SSE2__)
inline constexpr int kBitsPerByte = 1;
inline __m128i load16(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
inline __m128i within(__m128i v, char low, char high) {
  auto above = _mm_sub_epi8(v, _mm_set1_epi8(low));
  return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(static_cast<char>(high - low))), above);
}
inline __m128i equal(__m128i v, char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); }
inline __m128i either(__m128i a, __m128i b) { return _mm_or_si128(a, b); }
inline __m128i folded(__m128i v) { return _mm_or_si128(v, _mm_set1_epi8(0x20)); }
inline uint64_t where(__m128i v) { return static_cast<uint32_t>(_mm_movemask_epi8(v)); }
inline uint64_t where_not(__m128i v) { return where(v) ^ 0xffff; }
#else
inline constexpr int kBitsPerByte = 4;
inline uint8x16_t load16(const char* at) { return vld1q_u8(reinterpret_cast<const uint8_t*>(at)); }
inline uint8x16_t within(uint8x16_t v, char low, char high) {
  return vcleq_u8(vsubq_u8(v, vdupq_n_u8(static_cast<uint8_t>(low))),
                  vdupq_n_u8(static_cast<uint8_t>(high - low)));
}
inline uint8x16_t equal(uint8x16_t v, char c) { return vceqq_u8(v, vdupq_n_u8(static_cast<uint8_t>(c))); }
inline uint8x16_t either(uint8x16_t a, uint8x16_t b) { return vorrq_u8(a, b); }
inline uint8x16_t folded(uint8x16_t v) { return vorrq_u8(v, vdupq_n_u8(0x20)); }
inline uint64_t where(uint8x16_t v) {
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(v), 4)), 0);
}
inline uint64_t where_not(uint8x16_t v) { return ~where(v); }
#endif

template <>
inline uint64_t stops16<kText>(const char* at) {
  auto v = load16(at);
  return where(either(within(v, 0, 0x1f), equal(v, 0x7f)));
}
template <>
inline uint64_t stops16<kTarget>(const char* at) {
  auto v = load16(at);
  return where_not(within(v, '!', '~')) | where(equal(v, '#'));
}
// Letters, digits and '-'; the other bytes of tokens are rare.
template <>
inline uint64_t stops16<kToken>(const char* at) {
  auto v = load16(at);
  return where_not(either(either(within(folded(v), 'a', 'z'), within(v, '0', '9')), equal(v, '-')));
}
}  // namespace detail
#endif

// Passes bytes while they are of the class.
template <ByteClass wanted>
const char* skip(const char* at, const char* end) {
#if HANSE_HTTP_SIMD
  while (end - at >= 16) {
    uint64_t stops = detail::stops16<wanted>(at);
    if (!stops) {
      at += 16;
      continue;
    }
    at += std::countr_zero(stops) / detail::kBitsPerByte;
    if (!is(*at, wanted)) return at;
    ++at;  // of the class, but not what a block takes for it: a tab in a text, '_' in a token
  }
#endif
  return skip_portable<wanted>(at, end);
}

inline bool all(std::string_view text, ByteClass wanted) {
  for (char c : text)
    if (!is(c, wanted)) return false;
  return true;
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace hanse::http
