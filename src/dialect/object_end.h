// Tells when the JSON object that a model writes piece by piece is whole, so that the next block may begin.
//
//   ObjectEnd end;
//   end.feed(delta.fragment);       // escaped, as the inside of a JSON string
//   if (end.reached()) ...
#pragma once

#include "base/json.h"
#include "dialect/body_end.h"

namespace hanse {

class ObjectEnd {
 public:
  bool reached() const { return end_.reached(); }

  void feed(json::Text fragment) {
    std::string_view t = fragment.escaped;
    for (size_t i = 0; i < t.size(); ++i) {
      char c = t[i];
      if (c == '\\' && i + 1 < t.size()) {
        c = t[++i];
        if (c == 'u') {
          c = ascii_of(t.substr(i + 1));
          i += 4;
        } else if (c != '"' && c != '\\') {
          c = ' ';  // a control character or a slash: none of ours
        }
      }
      end_.feed({&c, 1});
    }
  }

 private:
  // Of four hex digits; anything but ASCII is as good as a letter.
  static char ascii_of(std::string_view hex) {
    auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    if (hex.size() < 4 || hex[0] != '0' || hex[1] != '0' || hex[2] > '7') return 'x';
    return static_cast<char>(digit(hex[2]) * 16 + digit(hex[3]));
  }

  BodyEnd end_;
};

}  // namespace hanse
