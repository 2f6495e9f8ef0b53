// Where in a client's request a value stands. Links on the stack; spelled out only when something is to be
// said.
//
//   Place at = Place::of("messages")[2]["content"];   // "messages[2].content": keep each link alive
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace hanse::anthropic_messages {

struct Place {
  const Place* in = nullptr;
  std::string_view key;  // empty: an element, at `index`
  size_t index = 0;

  Place operator[](std::string_view member) const { return {this, member, 0}; }
  Place operator[](size_t element) const { return {this, {}, element}; }

  std::string path() const {
    std::string out = in ? in->path() : std::string();
    if (key.empty() && in) return out + "[" + std::to_string(index) + "]";
    if (!out.empty()) out += '.';
    return out.append(key);
  }
};

inline Failed refuse(const Place& at, std::string_view what) {
  std::string path = at.path();
  return fail(Code::bad_request, path + ": " + std::string(what)).at(path);
}
inline Failed wrong_type(const Place& at, std::string_view wanted, json::Value got) {
  if (got.missing()) return refuse(at, "field required: wanted " + std::string(wanted));
  return refuse(at, "wanted " + std::string(wanted) + ", got " + std::string(json::name_of(got.type())));
}

}  // namespace hanse::anthropic_messages
