// Arguments of a tool's call as OpenAI's languages have them: the text of an object, in a string.
//
//   TRY(part.arguments, read_arguments(call["arguments"], request.arena, at["arguments"]));
#pragma once

#include "canon/request.h"
#include "dialect/read.h"

namespace hanse {

// A string with the text of an object; blank when the tool takes none. Some clients send the object itself.
inline Result<canon::Raw> read_arguments(json::Value value, Arena& arena, const Place& at) {
  constexpr int kDepthMax = 128;
  if (!value.present()) return canon::Raw{"{}"};
  if (value.is_object()) return value.raw();
  if (!value.is_string()) return wanted(at, "a string with a JSON object in it", value);
  std::string_view plain = json::unescape(value.text(), arena);
  size_t from = plain.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos || plain == "{}") return canon::Raw{"{}"};
  thread_local json::Document document;  // the client's body is in json::scratch() perhaps
  auto root = document.parse(plain, kDepthMax);
  if (!root) return refuse(at, root.error().message);
  if (!root->is_object()) return wanted(at, "the text of a JSON object", *root);
  return canon::Raw{plain};
}

}  // namespace hanse
