// Byte classes of HTTP/1.1 and fast runs over them. RFC 9110 sections 5.5 and 5.6.2, RFC 9112 section 3.
//
//   const char* end_of_name = skip_token(at, end);      // first byte that isn't of the class, or `end`
//
// SIMD where every machine of the kind has it (SSE2, NEON); the *_portable twin elsewhere, and in the tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hanse::http {

enum ByteClass : uint8_t {
  kToken = 1,         // of header names and methods
  kText = 2,          // of header values: HTAB, SP, visible ASCII and obs-text (0x80..)
  kTarget = 4,        // of a request's target: visible ASCII but '#'
  kHostByte = 8,      // of a Host's name part
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

// Names are short: a table look-up a byte is the fastest there is.
inline const char* skip_token(const char* at, const char* end) { return skip_portable<kToken>(at, end); }
const char* skip_text(const char* at, const char* end);
const char* skip_target(const char* at, const char* end);

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
