// What stands behind a backslash in a JSON string. Private to json*.cc.
#pragma once

#include <string_view>

namespace hanse::json {

// The code unit of the four hex digits at the start of `text`, or -1.
inline int hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  int unit = 0;
  for (char c : text.substr(0, 4)) {
    const char letter = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9')
      unit = unit * 16 + (c - '0');
    else if (letter >= 'a' && letter <= 'f')
      unit = unit * 16 + (letter - 'a' + 10);
    else
      return -1;
  }
  return unit;
}

}  // namespace hanse::json
