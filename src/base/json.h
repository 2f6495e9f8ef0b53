// JSON as this house handles it: parsed once into a flat table of verbatim tokens, written by copying tokens.
//
//   json::Document document;                               // reusable; keep one a core
//   TRY(json::Value root, document.parse(body, 64));       // views into body: body must outlive the
//   document's use for (json::Value message : root["messages"]) ... message["content"].text().escaped ...
//
// The whole text is checked (RFC 8259, UTF-8, depth); numbers and strings stay as written, so big integers,
// lone surrogates and the order of keys survive. The tokens are found by simdjson (its SIMD kernels, chosen
// at run time); simdjson.h stays inside json.cc. A Value is a cursor (16 bytes, copy freely) that lives as
// long as its document isn't parsed again.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

namespace hanse::json {

// The inside of a JSON string, still escaped, without the quotes. Goes from JSON to JSON untouched.
struct Text {
  std::string_view escaped;
  bool empty() const { return escaped.empty(); }
  friend bool operator==(Text, Text) = default;
};
// Any JSON value, verbatim. Empty means absent.
struct Raw {
  std::string_view json;
  bool empty() const { return json.empty(); }
};

enum class Type : uint8_t { missing, null, boolean, number, string, array, object };
std::string_view name_of(Type type);  // "a string", "an array", ... for messages

class Document;

class Value {
 public:
  Value() = default;
  Type type() const;
  bool missing() const { return type() == Type::missing; }
  // Neither missing nor null.
  bool present() const { return type() > Type::null; }
  bool is_string() const { return type() == Type::string; }
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }

  // Member of an object by its unescaped key (the last one wins, as in most parsers), else a missing Value.
  Value operator[](std::string_view key) const;
  size_t size() const;  // elements or members

  Raw raw() const;                         // verbatim, empty when missing
  Text text() const;                       // of a string, else empty
  Text key() const;                        // of a member, still escaped
  std::string string() const;              // unescaped copy
  std::optional<int64_t> integer() const;  // a number without fraction that fits
  std::optional<double> number() const;    // a number under the greatest double; 1e-999 is 0
  std::optional<bool> boolean() const;

  // Elements of an array or members of an object, in order; nothing for other types.
  class Iterator {
   public:
    Value operator*() const { return {document_, index_}; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    friend class Value;
    Iterator(const Document* d, uint32_t i) : document_(d), index_(i) {}
    const Document* document_;
    uint32_t index_;
  };
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class Document;
  Value(const Document* d, uint32_t i) : document_(d), index_(i) {}
  const Document* document_ = nullptr;
  uint32_t index_ = 0;
};

// How much of the text parse() looks at. `structure` leaves the escapes inside strings unread: for bytes that
// go on untouched and of which a number or two is wanted. A bad escape then stands for its own characters.
enum class Check : uint8_t { all, structure };

class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // Parses all of `bytes`. Error bad_request says what is wrong and near which byte.
  Result<Value> parse(std::string_view bytes, int depth_max, Check check = Check::all);
  // The same on a copy that the document keeps.
  Result<Value> parse_copy(std::string_view bytes, int depth_max);

 private:
  friend class Value;
  friend class Value::Iterator;
  friend struct Builder;
  struct Tokens;
  struct Node {
    uint32_t at;      // of the value's first byte
    uint32_t size;    // in bytes, verbatim (strings: with quotes)
    uint32_t key_at;  // of a member's key, inside the quotes
    uint32_t key_size;
    uint32_t next;   // node after this value and all that is in it
    uint32_t count;  // elements or members
    Type type;
    bool key_escaped;
  };
  std::string_view bytes_;
  std::vector<Node> nodes_;  // the last text's, and room for more
  std::string copy_;
  std::unique_ptr<Tokens> tokens_;
};

inline Type Value::type() const { return document_ ? document_->nodes_[index_].type : Type::missing; }
inline size_t Value::size() const { return document_ ? document_->nodes_[index_].count : 0; }
inline Raw Value::raw() const {
  if (!document_) return {};
  const auto& node = document_->nodes_[index_];
  return {{document_->bytes_.data() + node.at, node.size}};
}
inline Text Value::text() const {
  if (type() != Type::string) return {};
  const auto& node = document_->nodes_[index_];
  return {{document_->bytes_.data() + node.at + 1, node.size - 2}};
}
inline Text Value::key() const {
  if (!document_) return {};
  const auto& node = document_->nodes_[index_];
  return {{document_->bytes_.data() + node.key_at, node.key_size}};
}
inline Value::Iterator Value::begin() const {
  return type() >= Type::array ? Iterator(document_, index_ + 1) : Iterator(nullptr, 0);
}
inline Value::Iterator Value::end() const {
  return type() >= Type::array ? Iterator(document_, document_->nodes_[index_].next) : Iterator(nullptr, 0);
}
inline Value::Iterator& Value::Iterator::operator++() {
  index_ = document_->nodes_[index_].next;
  return *this;
}

// A document of this thread, for work that ends before the next parse on this thread.
Document& scratch();

// Are all escapes in the strings of this JSON right? What parse() looks at with Check::all.
bool escapes_are_valid(std::string_view json);

// The text that an escaped string stands for; a view of `text` itself when nothing is escaped, else in the
// arena. Lone surrogates become U+FFFD.
std::string_view unescape(Text text, Arena& arena);
std::string unescape(Text text);
// ASCII of which nothing needs an escape: it may stand in a JSON string as it is.
bool is_plain(std::string_view text);
// Appends `plain` escaped, without quotes. Invalid UTF-8 becomes U+FFFD.
void escape(std::string_view plain, std::string& out);
Text escape(std::string_view plain, Arena& arena);

// Writes JSON by appending to a string that somebody else owns; puts the commas.
//
//   Writer w(out);
//   w.object().key("model").text(model).key("n").number(1).end_object();
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  Writer& object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& array() { return open('['); }
  Writer& end_array() { return close(']'); }
  // `name` must need no escaping: a literal of the wire format.
  Writer& key(std::string_view name) {
    put(name, "\":");
    fresh_ = true;
    return *this;
  }
  Writer& key_text(Text name) { return key(name.escaped); }
  Writer& text(Text text) {
    put(text.escaped, "\"");
    return *this;
  }
  Writer& string(std::string_view plain) {
    comma();
    out_.append(1, '"');
    escape(plain, out_);
    out_.append(1, '"');
    return *this;
  }
  Writer& raw(Raw raw) {
    comma();
    out_.append(raw.json);
    return *this;
  }
  Writer& raw(std::string_view json) { return raw(Raw{json}); }
  Writer& number(int64_t n) {
    comma();
    append_number(n);
    return *this;
  }
  Writer& boolean(bool b) { return raw(b ? std::string_view("true") : std::string_view("false")); }
  Writer& null() { return raw(std::string_view("null")); }
  // For pieces that the caller appends itself between two values.
  std::string& out() { return out_; }

 private:
  Writer& open(char c) {
    comma();
    out_.append(1, c);
    fresh_ = true;
    return *this;
  }
  Writer& close(char c) {
    out_.append(1, c);
    fresh_ = false;
    return *this;
  }
  void comma() {
    if (!fresh_) out_.append(1, ',');
    fresh_ = false;
  }
  // `quoted` between quotes, the comma before it where one is due.
  template <size_t N>
  void put(std::string_view quoted, const char (&closing)[N]) {
    const bool first = std::exchange(fresh_, false);
    char* at = extend(out_, quoted.size() + N + (first ? 0 : 1));
    if (!first) *at++ = ',';
    *at++ = '"';
    quoted.copy(at, quoted.size());  // not memcpy, which may not be given the null of an empty view
    std::memcpy(at + quoted.size(), closing, N - 1);
  }
  void append_number(int64_t n);
  std::string& out_;
  bool fresh_ = true;
};

}  // namespace hanse::json
