// Members of Google's messages. Its JSON takes each name in camelCase and in snake_case, and numbers as
// strings.
//
//   auto [name, args] = read_fields<2>(call, {"name", "args"}, arena, [&](json::Value other) { ... });
#pragma once

#include <charconv>

#include "dialect/read.h"

namespace hanse::google_gemini {

// Whether `key` is `camel` or its twin in snake_case.
inline bool is_named(std::string_view key, std::string_view camel) {
  if (key == camel) return true;
  if (key.size() <= camel.size() || key.front() != camel.front()) return false;
  size_t at = 0;
  for (size_t i = 0; i < key.size(); ++i, ++at) {
    char c = key[i];
    if (c == '_' && i > 0 && i + 1 < key.size() && key[i + 1] >= 'a' && key[i + 1] <= 'z')
      c = static_cast<char>(key[++i] - 'a' + 'A');
    if (at == camel.size() || camel[at] != c) return false;
  }
  return at == camel.size();
}

// The known members, each at the place of its name (the last of its name wins); `other` gets the rest, and
// neither null.
template <size_t N, class Other>
std::array<json::Value, N> read_fields(json::Value object, const std::array<std::string_view, N>& names,
                                       Arena& arena, Other&& other) {
  std::array<json::Value, N> values;
  if (!object.is_object()) return values;
  for (json::Value member : object) {
    if (!member.present()) continue;
    std::string_view key = member.key().escaped;
    if (key.find('\\') != std::string_view::npos) key = json::unescape(member.key(), arena);
    size_t i = 0;
    while (i < N && !is_named(key, names[i])) ++i;
    if (i < N)
      values[i] = member;
    else
      other(member);
  }
  return values;
}

inline json::Value field(json::Value object, std::string_view name) {
  json::Value out;
  if (object.is_object())
    for (json::Value member : object)
      if (is_named(member.key().escaped, name)) out = member;
  return out;
}

inline Result<json::Raw> want_number_or_its_text(json::Value value, const Place& place) {
  if (!value.is_string()) return want_number(value, place);
  std::string_view text = value.text().escaped;
  double number = 0;
  auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool begins = !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
  if (!begins || e != std::errc() || end != text.data() + text.size())
    return wanted(place, "a number", value);
  // As JSON has numbers: "01", "1." and "-inf" are none.
  json::Document document;
  if (!document.parse(text, 1)) return wanted(place, "a number", value);
  return json::Raw{text};
}

inline Result<int64_t> want_whole_number(json::Value value, const Place& place) {
  TRY(json::Raw raw, want_number_or_its_text(value, place));
  double number = 0;
  std::from_chars(raw.json.data(), raw.json.data() + raw.json.size(), number);
  constexpr double kMost = 1e15;
  if (!(number >= -kMost && number <= kMost) || static_cast<double>(static_cast<int64_t>(number)) != number)
    return wanted(place, "a whole number", value);
  return static_cast<int64_t>(number);
}

}  // namespace hanse::google_gemini
