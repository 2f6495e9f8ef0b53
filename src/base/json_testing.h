// For tests: any JSON without the white space between its tokens, its strings and numbers as they stand.
//
//   EXPECT_EQ(json::compact(*document.parse(pretty, 64)), R"({"a":[1,2]})");
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

}  // namespace hanse::json
