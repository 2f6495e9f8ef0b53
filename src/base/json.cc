#include "base/json.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <simdjson.h>

#include "base/bytes.h"
#include "base/json_escapes.h"

namespace hanse::json {

std::string_view name_of(Type type) {
  constexpr std::string_view names[] = {"nothing",  "null",     "a boolean", "a number",
                                        "a string", "an array", "an object"};
  return names[static_cast<size_t>(type)];
}

// ---- Value

// Members are compared by size first; an escaped key is always longer than what it stands for.
Value Value::operator[](std::string_view key) const {
  Value found;
  if (type() != Type::object) return found;
  const auto* nodes = document_->nodes_.data();
  const char* bytes = document_->bytes_.data();
  for (uint32_t i = index_ + 1; i != nodes[index_].next; i = nodes[i].next) {
    const auto& node = nodes[i];
    bool same = node.key_size == key.size() && std::memcmp(bytes + node.key_at, key.data(), key.size()) == 0;
    if (same || (node.key_escaped && unescape(Value(document_, i).key()) == key)) found.index_ = i;
  }
  if (found.index_) found.document_ = document_;
  return found;
}

std::string Value::string() const { return unescape(text()); }

std::optional<int64_t> Value::integer() const {
  if (type() != Type::number) return {};
  std::string_view t = raw().json;
  int64_t out = 0;
  auto [end, e] = std::from_chars(t.data(), t.data() + t.size(), out);
  if (e == std::errc() && end == t.data() + t.size()) return out;
  auto real = number();  // 1e3 and 5.0 are integers too
  if (real && std::abs(*real) < 9e15 && *real == static_cast<double>(static_cast<int64_t>(*real)))
    return static_cast<int64_t>(*real);
  return {};
}

std::optional<double> Value::number() const {
  if (type() != Type::number) return {};
  std::string_view t = raw().json;
  double out = 0;
  auto [end, e] = std::from_chars(t.data(), t.data() + t.size(), out);
  if (e == std::errc()) return out;
  out = std::strtod(std::string(t).c_str(), nullptr);  // too big, or so small that it is nothing
  return std::isinf(out) ? std::nullopt : std::optional(out);
}

std::optional<bool> Value::boolean() const {
  if (type() != Type::boolean) return {};
  return raw().json == "true";
}

// ---- strings

namespace {

char* put_utf8(char* out, uint32_t c) {
  if (c < 0x80) {
    *out++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<char>(0xC0 | c >> 6);
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = static_cast<char>(0xE0 | c >> 12);
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | c >> 18);
    *out++ = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

// Reads the \uXXXX (or pair) whose digits start at t[i]; moves i past it.
uint32_t code_point(std::string_view t, size_t& i) {
  auto unit = static_cast<uint32_t>(hex4(t.substr(i)));
  i += 4;
  if (unit < 0xD800 || unit > 0xDFFF) return unit;
  bool pair = unit < 0xDC00 && t.substr(i, 2) == "\\u";
  int low = pair ? hex4(t.substr(i + 2)) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return 0xFFFD;
  i += 6;
  return 0x10000 + ((unit - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00);
}

// Writes what `t` stands for; never longer than t (a lone surrogate's six characters become three bytes).
char* unescape_to(std::string_view t, char* out) {
  size_t i = 0;
  while (i < t.size()) {
    const void* hit = std::memchr(t.data() + i, '\\', t.size() - i);
    size_t stop = hit ? static_cast<size_t>(static_cast<const char*>(hit) - t.data()) : t.size();
    std::memcpy(out, t.data() + i, stop - i);
    out += stop - i;
    i = stop;
    if (!hit || i + 1 >= t.size()) break;
    char c = t[i + 1];
    i += 2;
    switch (c) {
      case 'b':
        *out++ = '\b';
        break;
      case 'f':
        *out++ = '\f';
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 'r':
        *out++ = '\r';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'u':
        if (hex4(t.substr(i)) >= 0)
          out = put_utf8(out, code_point(t, i));
        else
          *out++ = c;
        break;
      default:
        *out++ = c;
    }
  }
  return out;
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

void escape_clean(std::string_view plain, std::string& out) {
  constexpr char hex[] = "0123456789abcdef";
  size_t from = 0;
  for (size_t i = 0; i < plain.size(); ++i) {
    auto c = static_cast<unsigned char>(plain[i]);
    if (!needs_escape(c)) continue;
    out.append(plain, from, i - from);
    from = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out.append("\\u00").append(1, hex[c >> 4]).append(1, hex[c & 15]);
    }
  }
  out.append(plain, from);
}

// Length of the well-formed UTF-8 sequence at the start of s, or 0 (Unicode table 3-7).
size_t utf8_length(std::string_view s) {
  auto byte = [&](size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    bool second = tail(1) && (a != 0xE0 || b >= 0xA0) && (a != 0xED || b < 0xA0);
    return second && tail(2) ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    bool second = tail(1) && (a != 0xF0 || b >= 0x90) && (a != 0xF4 || b < 0x90);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string_view unescape(Text text, Arena& arena) {
  std::string_view t = text.escaped;
  if (t.find('\\') == std::string_view::npos) return t;
  char* out = arena.take(t.size());
  char* end = unescape_to(t, out);
  arena.trim(end);
  return {out, static_cast<size_t>(end - out)};
}

std::string unescape(Text text) {
  std::string out(text.escaped.size(), '\0');
  char* end = unescape_to(text.escaped, out.data());
  out.resize(static_cast<size_t>(end - out.data()));
  return out;
}

bool is_plain(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x80 * kOnes;
  auto zero_in = [](uint64_t word) { return word - kOnes; };  // borrows into the high bit of a zero byte
  uint64_t odd = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    odd |= zero_in(word ^ ('"' * kOnes)) | zero_in(word ^ ('\\' * kOnes)) | (word - ' ' * kOnes) | word;
  }
  bool plain = (odd & kHighs) == 0;
  for (; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    plain &= c < 0x80 && !needs_escape(c);
  }
  return plain;
}

void escape(std::string_view plain, std::string& out) {
  if (is_plain(plain)) return void(out.append(plain));
  if (simdjson::validate_utf8(plain.data(), plain.size())) return escape_clean(plain, out);
  for (size_t i = 0; i < plain.size();) {
    size_t n = utf8_length(plain.substr(i));
    escape_clean(n ? plain.substr(i, n) : std::string_view("\xEF\xBF\xBD"), out);
    i += n ? n : 1;
  }
}

Text escape(std::string_view plain, Arena& arena) {
  std::string out;
  escape(plain, out);
  return {out == plain ? plain : arena.copy(out)};
}

void Writer::append_number(int64_t n) {
  constexpr size_t kDigitsMax = 20;
  char* at = extend(out_, kDigitsMax);
  out_.resize(static_cast<size_t>(std::to_chars(at, at + kDigitsMax, n).ptr - out_.data()));
}

}  // namespace hanse::json
