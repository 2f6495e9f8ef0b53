// Reading a client's JSON with errors that name the field and say what was wanted and what came.
//
//   Place messages{nullptr, "messages"}, message = messages[2], content = message["content"];
//   TRY(Text text, want_text(value, content));      // "messages[2].content: wanted a string, got a number"
//
// A Place is links on the stack, so each must outlive the next; it is spelled out only when something is
// wrong or lost.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace hanse {

struct Place {
  const Place* in = nullptr;
  std::string_view key;  // empty: an element, at `index`
  size_t index = 0;

  Place operator[](std::string_view member) const { return {this, member, 0}; }
  Place operator[](size_t element) const { return {this, {}, element}; }

  std::string path() const {
    std::string out = in ? in->path() : std::string();
    if (key.empty()) return out.empty() && !in ? out : out + "[" + std::to_string(index) + "]";
    if (!out.empty()) out += '.';
    return out.append(key);
  }
};

inline Failed refuse(const Place& place, std::string_view what) {
  std::string path = place.path();
  return fail(Code::bad_request, path + ": " + std::string(what)).at(path);
}

inline Failed wanted(const Place& place, std::string_view what, json::Value got) {
  std::string came = got.missing() ? "it is missing" : "got " + std::string(json::name_of(got.type()));
  return refuse(place, "wanted " + std::string(what) + ", " + came);
}

inline Failed unknown_word(const Place& place, json::Text got, std::string_view known) {
  return refuse(place,
                "unknown '" + json::unescape(got).substr(0, 100) + "'; known are " + std::string(known));
}

inline Result<json::Text> want_text(json::Value value, const Place& place) {
  if (!value.is_string()) return wanted(place, "a string", value);
  return value.text();
}
// Absent and null are empty.
inline Result<json::Text> want_text_or_nothing(json::Value value, const Place& place) {
  if (!value.present()) return json::Text();
  return want_text(value, place);
}
inline Result<json::Raw> want_number(json::Value value, const Place& place) {
  if (value.type() != json::Type::number) return wanted(place, "a number", value);
  return value.raw();
}
inline Result<int64_t> want_count(json::Value value, const Place& place, int64_t least) {
  auto n = value.integer();
  if (value.type() != json::Type::number || !n) return wanted(place, "a whole number", value);
  if (*n < least)
    return refuse(place, "wanted at least " + std::to_string(least) + ", got " + std::to_string(*n));
  return *n;
}
inline Result<bool> want_flag(json::Value value, const Place& place) {
  auto flag = value.boolean();
  if (!flag) return wanted(place, "true or false", value);
  return *flag;
}

// null, false, "", [] and {} ask for nothing, so nothing is lost with them.
inline bool asks_nothing(json::Value value) {
  switch (value.type()) {
    case json::Type::number:
      return false;
    case json::Type::boolean:
      return !*value.boolean();
    case json::Type::string:
      return value.text().empty();
    case json::Type::array:
    case json::Type::object:
      return value.size() == 0;
    default:
      return true;
  }
}

// The members of `object` that are known, each at the place of its name, in one pass (the last of its name
// wins); `other` gets the rest.
//
//   auto [role, content] = read_members<2>(message, {"role", "content"}, arena, [&](Value m) { ... });
template <size_t N, class Other>
std::array<json::Value, N> read_members(json::Value object, const std::array<std::string_view, N>& names,
                                        Arena& arena, Other&& other) {
  std::array<json::Value, N> values;
  auto take = [&](json::Value member, std::string_view key) {
    for (size_t i = 0; i < N; ++i)
      if (names[i] == key) return values[i] = member, true;
    return false;
  };
  if (!object.is_object()) return values;
  for (json::Value member : object) {
    json::Text key = member.key();
    if (take(member, key.escaped)) continue;
    bool escaped = key.escaped.find('\\') != std::string_view::npos;
    if (!escaped || !take(member, json::unescape(key, arena))) other(member);
  }
  return values;
}

}  // namespace hanse
