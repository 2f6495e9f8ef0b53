#include "base/json.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <simdjson.h>

#include "base/bytes.h"

namespace hanse::json {

// simdjson's first stage: UTF-8, quotes and control characters are checked, and the place of every token is
// noted. It picks its kernel at run time, so no build flag of this machine is needed; it reads nothing past
// the end.
struct Document::Tokens {
  simdjson::dom::parser parser;
  const uint32_t* places = nullptr;
  uint32_t count = 0;

  simdjson::error_code find(std::string_view bytes) {
    if (parser.capacity() < bytes.size() || parser.capacity() == 0)
      if (auto e = parser.allocate(std::max<size_t>(bytes.size() + bytes.size() / 2, 4096))) return e;
    auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    auto e = parser.implementation->stage1(data, bytes.size(), simdjson::stage1_mode::regular);
    places = parser.implementation->structural_indexes.get();
    count = parser.implementation->n_structural_indexes;
    return e;
  }
};

Document::Document() = default;
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// number = [ "-" ] int [ frac ] [ exp ], RFC 8259 section 6.
bool is_number(std::string_view t) {
  size_t i = 0;
  auto digits = [&] {
    size_t from = i;
    while (i < t.size() && is_digit(t[i])) ++i;
    return i > from;
  };
  if (i < t.size() && t[i] == '-') ++i;
  if (i < t.size() && t[i] == '0')
    ++i;
  else if (!digits())
    return false;
  if (i < t.size() && t[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    ++i;
    if (i < t.size() && (t[i] == '+' || t[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == t.size();
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  char l = static_cast<char>(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// The code unit of four hex digits, or -1.
int hex4(std::string_view t) {
  if (t.size() < 4) return -1;
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    int d = hex_digit(t[static_cast<size_t>(i)]);
    if (d < 0) return -1;
    unit = unit * 16 + d;
  }
  return unit;
}

bool escapes_are_valid(std::string_view t) {
  size_t i = 0;
  while ((i = find_byte(t, '\\', i)) != kNotFound) {
    if (++i >= t.size()) return false;
    switch (t[i]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        ++i;
        break;
      case 'u':
        if (hex4(t.substr(i + 1)) < 0) return false;
        i += 5;
        break;
      default:
        return false;
    }
  }
  return true;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

// Lays the tokens out as nodes: a recursive descent over simdjson's places.
struct Builder {
  using Node = Document::Node;
  Document& document;
  std::string_view bytes;
  const uint32_t* places;
  uint32_t count;
  int depth_max;
  uint32_t next = 0;
  const char* problem = nullptr;
  uint32_t problem_at = 0;

  bool wrong(const char* what, uint32_t at) {
    if (!problem) problem = what, problem_at = at;
    return false;
  }
  uint32_t place() const { return next < count ? places[next] : static_cast<uint32_t>(bytes.size()); }
  char peek() const { return next < count ? bytes[places[next]] : '\0'; }

  // The token at `next`, which ends before the next place but for white space.
  std::string_view take() {
    uint32_t from = place();
    ++next;
    uint32_t to = place();
    while (to > from && is_space(bytes[to - 1])) --to;
    return bytes.substr(from, to - from);
  }

  bool check_string(std::string_view token, uint32_t at) {
    if (token.size() < 2 || token.back() != '"') return wrong("a string does not end", at);
    return true;
  }

  bool value(int depth, uint32_t key_at, uint32_t key_size) {
    if (next >= count) return wrong("the text ends too early", static_cast<uint32_t>(bytes.size()));
    char c = peek();
    if (c == '{' || c == '[') return container(c, depth, key_at, key_size);
    uint32_t at = place();
    std::string_view token = take();
    Type type = Type::null;
    if (c == '"') {
      type = Type::string;
      if (!check_string(token, at)) return false;
    } else if (c == '-' || is_digit(c)) {
      type = Type::number;
      if (!is_number(token)) return wrong("a number is wrong", at);
    } else if (token == "true" || token == "false") {
      type = Type::boolean;
    } else if (token != "null") {
      return wrong("wanted a value", at);
    }
    auto index = static_cast<uint32_t>(document.nodes_.size());
    document.nodes_.push_back(
        {at, static_cast<uint32_t>(token.size()), key_at, key_size, index + 1, 0, type});
    return true;
  }

  bool container(char open, int depth, uint32_t key_at, uint32_t key_size) {
    const bool object = open == '{';
    const char close = object ? '}' : ']';
    uint32_t at = place();
    if (depth >= depth_max) return wrong("nested too deep", at);
    auto index = static_cast<uint32_t>(document.nodes_.size());
    document.nodes_.push_back({at, 0, key_at, key_size, 0, 0, object ? Type::object : Type::array});
    ++next;
    uint32_t members = 0;
    if (peek() == close) {
      ++next;
    } else {
      while (true) {
        if (!(object ? member(depth) : value(depth + 1, 0, 0))) return false;
        ++members;
        char c = peek();
        if (c != ',' && c != close) return wrong(object ? "wanted ',' or '}'" : "wanted ',' or ']'", place());
        ++next;
        if (c == close) break;
      }
    }
    Node& self = document.nodes_[index];
    self.size = places[next - 1] + 1 - at;
    self.count = members;
    self.next = static_cast<uint32_t>(document.nodes_.size());
    return true;
  }

  bool member(int depth) {
    uint32_t at = place();
    if (peek() != '"') return wrong("wanted a key", at);
    std::string_view key = take();
    if (!check_string(key, at)) return false;
    if (peek() != ':') return wrong("wanted ':'", place());
    ++next;
    return value(depth + 1, at + 1, static_cast<uint32_t>(key.size() - 2));
  }
};

Result<Value> Document::parse(std::string_view bytes, int depth_max, Check check) {
  if (!tokens_) tokens_ = std::make_unique<Tokens>();
  // What one huge text needed isn't kept for the small ones after it.
  constexpr size_t kNodesKept = 64 * 1024;
  if (nodes_.capacity() > kNodesKept && bytes.size() < kNodesKept) nodes_ = {};
  nodes_.clear();
  bytes_ = bytes;
  if (bytes.size() >= UINT32_MAX) return fail(Code::too_large, "JSON of 4 GiB or more");
  if (auto e = tokens_->find(bytes))
    return fail(Code::bad_request, std::string("not valid JSON: ") + simdjson::error_message(e));
  // Backslashes stand in strings only, so one look over the whole text finds every bad escape.
  if (check == Check::all && !escapes_are_valid(bytes))
    return fail(Code::bad_request, "not valid JSON: an escape in a string is wrong");
  Builder builder{*this, bytes, tokens_->places, tokens_->count, depth_max};
  bool good = builder.value(0, 0, 0);
  if (good && builder.next < builder.count)
    good = builder.wrong("more text after the value", builder.place());
  constexpr size_t kTextKept = 1024 * 1024;
  if (bytes.size() > kTextKept) tokens_.reset();
  if (!good) {
    nodes_.clear();
    return fail(Code::bad_request, std::string("not valid JSON: ") + builder.problem + " at byte " +
                                       std::to_string(builder.problem_at));
  }
  return Value(this, 0);
}

Result<Value> Document::parse_copy(std::string_view bytes, int depth_max) {
  copy_.assign(bytes);
  return parse(copy_, depth_max);
}

Document& scratch() {
  thread_local Document document;
  return document;
}

std::string_view name_of(Type type) {
  constexpr std::string_view names[] = {"nothing",  "null",     "a boolean", "a number",
                                        "a string", "an array", "an object"};
  return names[static_cast<size_t>(type)];
}

// ---- Value

Type Value::type() const { return document_ ? document_->nodes_[index_].type : Type::missing; }

Value Value::operator[](std::string_view key) const {
  Value found;
  if (type() != Type::object) return found;
  for (Value member : *this) {
    Text name = member.key();
    if (name.escaped == key || (name.escaped.find('\\') != std::string_view::npos && unescape(name) == key))
      found = member;
  }
  return found;
}

size_t Value::size() const { return document_ ? document_->nodes_[index_].count : 0; }

Raw Value::raw() const {
  if (!document_) return {};
  const auto& node = document_->nodes_[index_];
  return {document_->bytes_.substr(node.at, node.size)};
}

Text Value::text() const {
  if (type() != Type::string) return {};
  const auto& node = document_->nodes_[index_];
  return {document_->bytes_.substr(node.at + 1, node.size - 2)};
}

Text Value::key() const {
  if (!document_) return {};
  const auto& node = document_->nodes_[index_];
  return {document_->bytes_.substr(node.key_at, node.key_size)};
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

Value::Iterator Value::begin() const {
  bool holds = type() == Type::array || type() == Type::object;
  return holds ? Iterator(document_, index_ + 1) : Iterator(nullptr, 0);
}

Value::Iterator Value::end() const {
  bool holds = type() == Type::array || type() == Type::object;
  return holds ? Iterator(document_, document_->nodes_[index_].next) : Iterator(nullptr, 0);
}

Value::Iterator& Value::Iterator::operator++() {
  index_ = document_->nodes_[index_].next;
  return *this;
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
        out = put_utf8(out, code_point(t, i));
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

void escape(std::string_view plain, std::string& out) {
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
  char digits[24];
  auto [end, e] = std::to_chars(digits, digits + sizeof digits, n);
  out_.append(digits, static_cast<size_t>(end - digits));
}

}  // namespace hanse::json
