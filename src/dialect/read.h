// Reading a client's JSON with errors that name the field and say what was wanted and what came.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace hanse {

// "messages[2].content[0].type": built only when something is wrong or lost.
inline std::string at(std::string_view list, size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}
inline std::string at(std::string_view outer, std::string_view field) {
  return outer.empty() ? std::string(field) : std::string(outer) + "." + std::string(field);
}

inline Failed wanted(std::string_view field, std::string_view what, json::Value got) {
  std::string came = got.missing() ? "it is missing" : "got " + std::string(json::name_of(got.type()));
  return fail(Code::bad_request, std::string(field) + ": wanted " + std::string(what) + ", " + came)
      .at(std::string(field));
}

inline Failed unknown_word(std::string_view field, json::Text got, std::string_view known) {
  std::string word = json::unescape(got).substr(0, 100);
  return fail(Code::bad_request,
              std::string(field) + ": unknown '" + word + "'; known are " + std::string(known))
      .at(std::string(field));
}

}  // namespace hanse
