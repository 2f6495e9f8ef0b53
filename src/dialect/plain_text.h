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

inline bool is_short_escape(std::string_view text) {
  constexpr std::string_view letters = "nt\"\\/rbf";
  return !text.empty() && letters.find(text.front()) != std::string_view::npos;
}

// Of the sequence at the start; 0 for what isn't, or may not be, well-formed (Unicode table 3-7): E0, ED,
// F0 and F4 restrict the second byte, so they are left to the parser, but for the emoji of F0 9F.
inline size_t utf8_size(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE1 && lead <= 0xEF && lead != 0xED) return tail(1) && tail(2) ? 3 : 0;
  return lead == 0xF0 && byte(1) == 0x9F && tail(2) && tail(3) ? 4 : 0;
}

// Where plain text of a JSON string (UTF-8 and short escapes) ends: at its quote, or at what must be
// parsed.
inline size_t end_of_plain(std::string_view text, size_t at) {
  for (at = skip_plain(text, at); at < text.size();) {
    auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == '"') return at;
    size_t size = c < 0x80 ? 1 : utf8_size(text.substr(at));
    if (c == '\\') size = is_short_escape(text.substr(at + 1)) ? 2 : 0;
    if (size == 0) return at;
    at = size == 1 ? at + 1 : skip_plain(text, at + size);
  }
  return at;
}

// The closing quote of such a string; npos for any other.
inline size_t end_of_plain_string(std::string_view text, size_t at) {
  at = end_of_plain(text, at);
  return at < text.size() && text[at] == '"' ? at : std::string_view::npos;
}

}  // namespace hanse
