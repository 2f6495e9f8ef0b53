// Tells when the JSON object that a model writes piece by piece is whole, so that the next block may begin.
//
//   ObjectEnd end;
//   end.feed(delta.fragment);       // escaped, as the inside of a JSON string
//   if (end.reached()) ...
#pragma once

#include "base/json.h"

namespace hanse::anthropic_messages {

class ObjectEnd {
 public:
  bool reached() const { return began_ && depth_ <= 0; }

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
      step(c);
    }
  }

  // The same for JSON as it is.
  void feed_plain(std::string_view json) {
    for (char c : json) step(c);
  }

 private:
  void step(char c) {
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      return;
    }
    if (c == '"')
      in_string_ = true;
    else if (c == '{' || c == '[')
      ++depth_, began_ = true;
    else if (c == '}' || c == ']')
      --depth_;
  }

  // Of four hex digits; anything but ASCII is as good as a letter.
  static char ascii_of(std::string_view hex) {
    auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    if (hex.size() < 4 || hex[0] != '0' || hex[1] != '0' || hex[2] > '7') return 'x';
    return static_cast<char>(digit(hex[2]) * 16 + digit(hex[3]));
  }

  int64_t depth_ = 0;
  bool began_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace hanse::anthropic_messages
