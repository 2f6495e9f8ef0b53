// Document::parse: from bytes to a flat table of verbatim tokens.
#include <simdjson.h>

#include <cstring>

#include "base/bytes.h"
#include "base/json.h"

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

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

// All of a Builder is inlined into its one user, and so its state lives in registers.
#define HANSE_INLINE [[gnu::always_inline]] inline

// Lays the tokens out as nodes, in one loop over simdjson's places. While a container is open, its node's
// `next` names the container around it.
struct Builder {
  using Node = Document::Node;
  std::string_view bytes;
  const uint32_t* places;
  const uint32_t count;
  const uint32_t depth_max;
  Node* const nodes;
  uint32_t size = 0;    // of nodes
  uint32_t next = 0;    // place
  uint32_t inside = 0;  // the open container
  uint32_t depth = 0;
  const char* problem = nullptr;
  uint32_t problem_at = 0;

  bool wrong(const char* what, uint32_t at) {
    if (!problem) problem = what, problem_at = at;
    return false;
  }
  HANSE_INLINE uint32_t place() const {
    return next < count ? places[next] : static_cast<uint32_t>(bytes.size());
  }
  HANSE_INLINE char peek() const { return next < count ? bytes[places[next]] : '\0'; }

  // Of the token at `next`, which it passes: where it ends. The next place may be behind white space.
  HANSE_INLINE uint32_t token_end(uint32_t at) {
    ++next;
    uint32_t end = place();
    while (end > at && is_space(bytes[end - 1])) --end;
    return end;
  }

  HANSE_INLINE bool run() {
    Node member{};
    do {
      if (!value(member)) return false;
      while (depth > 0 && peek() == (nodes[inside].type == Type::object ? '}' : ']')) close();
    } while (depth > 0 && go_on(member));
    if (!problem && next < count) wrong("more text after the value", place());
    return !problem;
  }

  // What stands before an element or member: a comma, but for the first one; and the member's key.
  HANSE_INLINE bool go_on(Node& member) {
    Node& container = nodes[inside];
    const bool object = container.type == Type::object;
    if (container.count++ > 0) {
      if (peek() != ',') return wrong(object ? "wanted ',' or '}'" : "wanted ',' or ']'", place());
      ++next;
    }
    if (!object) {
      member = {};
      return true;
    }
    const uint32_t at = place();
    if (peek() != '"') return wrong("wanted a key", at);
    const uint32_t end = token_end(at);
    if (!check_string(at, end)) return false;
    if (peek() != ':') return wrong("wanted ':'", place());
    ++next;
    member.key_at = at + 1;
    member.key_size = end - at - 2;
    member.key_escaped = holds_backslash(at + 1, end - 1);
    return true;
  }

  HANSE_INLINE bool value(const Node& member) {
    if (next >= count) return wrong("the text ends too early", static_cast<uint32_t>(bytes.size()));
    const uint32_t at = places[next];
    const char c = bytes[at];
    Node& node = nodes[size];
    node = member;
    node.at = at;
    if (c == '{' || c == '[') return open(node, c == '{' ? Type::object : Type::array);
    const uint32_t end = token_end(at);
    node.size = end - at;
    node.next = ++size;
    const std::string_view token = bytes.substr(at, end - at);
    if (c == '"') {
      node.type = Type::string;
      return check_string(at, end);
    }
    if (c == '-' || is_digit(c)) {
      node.type = Type::number;
      return is_number(token) || wrong("a number is wrong", at);
    }
    node.type = token == "null" ? Type::null : Type::boolean;
    return node.type == Type::null || token == "true" || token == "false" || wrong("wanted a value", at);
  }

  HANSE_INLINE bool open(Node& node, Type type) {
    if (depth == depth_max) return wrong("nested too deep", node.at);
    node.type = type;
    node.next = std::exchange(inside, size++);
    ++depth;
    ++next;
    return true;
  }

  HANSE_INLINE void close() {
    Node& node = nodes[inside];
    node.size = places[next++] + 1 - node.at;
    inside = std::exchange(node.next, size);
    --depth;
  }

  HANSE_INLINE bool check_string(uint32_t at, uint32_t end) {
    return (end - at >= 2 && bytes[end - 1] == '"') || wrong("a string does not end", at);
  }

  HANSE_INLINE bool holds_backslash(uint32_t from, uint32_t to) const {
    if (to - from > 16 || from + 16 > bytes.size())
      return find_byte(bytes.substr(from, to - from), '\\', 0) != kNotFound;
    uint64_t bits = match16(bytes.data() + from, '\\');
    return bits && (static_cast<uint32_t>(std::countr_zero(bits)) >> kMatchShift) < to - from;
  }
};

namespace {

// A valid text has at most (places + 1) / 2 values, a broken one as many more as there are open containers.
size_t nodes_for(uint32_t places, int depth_max) {
  return std::min<size_t>(places, places / 2 + static_cast<size_t>(depth_max)) + 1;
}

}  // namespace

Result<Value> Document::parse(std::string_view bytes, int depth_max, Check check) {
  if (!tokens_) tokens_ = std::make_unique<Tokens>();
  // What one huge text needed isn't kept for the small ones after it.
  constexpr size_t kNodesKept = 64 * 1024;
  if (nodes_.size() > kNodesKept && bytes.size() < kNodesKept) nodes_ = {};
  bytes_ = bytes;
  if (bytes.size() >= UINT32_MAX) return fail(Code::too_large, "JSON of 4 GiB or more");
  if (auto e = tokens_->find(bytes))
    return fail(Code::bad_request, std::string("not valid JSON: ") + simdjson::error_message(e));
  if (check == Check::all && !escapes_are_valid(bytes))
    return fail(Code::bad_request, "not valid JSON: an escape in a string is wrong");
  const size_t room = nodes_for(tokens_->count, depth_max);
  if (nodes_.size() < room) nodes_.resize(room);
  Builder builder{bytes, tokens_->places, tokens_->count, static_cast<uint32_t>(depth_max), nodes_.data()};
  const bool good = builder.run();
  constexpr size_t kTextKept = 1024 * 1024;
  if (bytes.size() > kTextKept) tokens_.reset();
  if (!good)
    return fail(Code::bad_request, std::string("not valid JSON: ") + builder.problem + " at byte " +
                                       std::to_string(builder.problem_at));
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

}  // namespace hanse::json
