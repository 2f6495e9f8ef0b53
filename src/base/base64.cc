#include "base/base64.h"

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace hanse {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint32_t kNone = 0x80;  // no digit; lies outside of the six bits of one

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> out{};
  for (auto& each : out) each = kNone;
  for (uint8_t i = 0; i < 64; ++i) out[static_cast<unsigned char>(kDigits[i])] = i;
  return out;
}
constexpr std::array<uint8_t, 256> kValues = make_values();

uint32_t value(std::string_view text, size_t at) { return kValues[static_cast<unsigned char>(text[at])]; }

// Without the padding that belongs there.
std::string_view unpadded(std::string_view text) {
  if (text.size() % 4 != 0 || !text.ends_with('=')) return text;
  text.remove_suffix(1);
  if (text.ends_with('=')) text.remove_suffix(1);
  return text;
}

// The bytes of `text` at `out`, which has room for them; nothing is written when that is nullptr.
bool decode(std::string_view text, char* out) {
  const size_t rest = text.size() % 4, whole = text.size() - rest;
  uint32_t wrong = 0;
  for (size_t at = 0; at < whole; at += 4) {
    const uint32_t a = value(text, at), b = value(text, at + 1), c = value(text, at + 2),
                   d = value(text, at + 3);
    wrong |= a | b | c | d;
    if (!out) continue;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    *out++ = static_cast<char>(b << 4 | c >> 2);
    *out++ = static_cast<char>(c << 6 | d);
  }
  if (rest == 1) return false;
  if (rest) {
    const uint32_t a = value(text, whole), b = value(text, whole + 1);
    const uint32_t c = rest == 3 ? value(text, whole + 2) : 0;
    wrong |= a | b | c;
    if ((rest == 2 && b & 0xF) || (rest == 3 && c & 0x3)) return false;
    if (out) *out++ = static_cast<char>(a << 2 | b >> 4);
    if (out && rest == 3) *out++ = static_cast<char>(b << 4 | c >> 2);
  }
  return !(wrong & kNone);
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  char* to = extend(out, (bytes.size() + 2) / 3 * 4);
  auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(bytes[i])}; };
  size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const uint32_t three = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    for (int shift : {18, 12, 6, 0}) *to++ = kDigits[three >> shift & 63];
  }
  if (at == bytes.size()) return;
  const bool two = at + 2 == bytes.size();
  const uint32_t last = byte(at) << 16 | (two ? byte(at + 1) << 8 : 0);
  *to++ = kDigits[last >> 18];
  *to++ = kDigits[last >> 12 & 63];
  *to++ = two ? kDigits[last >> 6 & 63] : '=';
  *to++ = '=';
}

bool append_from_base64(std::string_view text, std::string& out) {
  text = unpadded(text);
  const size_t before = out.size(), rest = text.size() % 4;
  if (decode(text, extend(out, text.size() / 4 * 3 + (rest ? rest - 1 : 0)))) return true;
  out.resize(before);
  return false;
}

bool is_base64(std::string_view text) { return decode(unpadded(text), nullptr); }

}  // namespace hanse
