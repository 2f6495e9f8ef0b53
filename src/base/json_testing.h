// For tests: any JSON without white space between its tokens, or laid out for people; strings and numbers
// stay as they stand.
//
//   EXPECT_EQ(json::compact(*document.parse(pretty, 64)), R"({"a":[1,2]})");
//   file << json::pretty(R"({"a":[1,2]})") << '\n';       // {"a": [1, 2]}
#pragma once

#include <string>

#include "base/json.h"

namespace hanse::json {

inline void copy(Value value, Writer& out) {
  if (value.is_object()) {
    out.object();
    for (Value member : value) copy(member, out.key_text(member.key()));
    out.end_object();
  } else if (value.is_array()) {
    out.array();
    for (Value element : value) copy(element, out);
    out.end_array();
  } else if (value.is_string()) {
    out.text(value.text());
  } else {
    out.raw(value.raw());
  }
}

inline std::string compact(Value value) {
  std::string out;
  Writer writer(out);
  copy(value, writer);
  return out;
}

// What fits on the line stands on it; of what doesn't, each member has its own.
class PrettyPrinter {
 public:
  std::string print(Value root) {
    put(root, 0, 0);
    return std::move(out_);
  }

 private:
  static constexpr size_t kColumns = 110;

  static std::string key_of(Value member) { return "\"" + std::string(member.key().escaped) + "\": "; }

  static std::string inlined(Value value) {
    if (!value.is_object() && !value.is_array()) return std::string(value.raw().json);
    std::string out;
    for (Value each : value) {
      out += out.empty() ? "" : ", ";
      if (value.is_object()) out += key_of(each);
      out += inlined(each);
    }
    return value.is_object() ? "{" + out + "}" : "[" + out + "]";
  }

  void put(Value value, size_t indent, size_t column) {
    std::string line = inlined(value);
    bool holds = (value.is_object() || value.is_array()) && value.size() > 0;
    if (!holds || (indent > 0 && column + line.size() <= kColumns)) {
      out_ += line;
      return;
    }
    out_ += value.is_object() ? '{' : '[';
    bool first = true;
    for (Value each : value) {
      out_.append(first ? "\n" : ",\n").append(indent + 2, ' ');
      first = false;
      std::string key = value.is_object() ? key_of(each) : "";
      out_ += key;
      put(each, indent + 2, indent + 2 + key.size());
    }
    out_.append("\n").append(indent, ' ').append(1, value.is_object() ? '}' : ']');
  }

  std::string out_;
};

inline std::string pretty(std::string_view text) {
  Document document;
  auto root = document.parse(text, 200);
  return root ? PrettyPrinter().print(*root) : "not JSON: " + std::string(text);
}

}  // namespace hanse::json
