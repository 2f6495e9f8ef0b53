// Tells when a JSON object that comes in pieces is whole, without looking at a byte twice.
//
//   BodyEnd end;
//   end.feed(bytes);
//   if (end.reached()) ...            // the first value has closed; whether it is JSON, a parser must say
#pragma once

#include <string_view>

namespace hanse {

class BodyEnd {
 public:
  bool reached() const { return began_ && depth_ == 0 && !in_string_; }

  void feed(std::string_view bytes) {
    for (char c : bytes) {
      if (in_string_) {
        if (escaped_)
          escaped_ = false;
        else if (c == '\\')
          escaped_ = true;
        else if (c == '"')
          in_string_ = false;
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
        began_ = true;
      } else if (c == '}' || c == ']') {
        --depth_;
      }
    }
  }

 private:
  long depth_ = 0;
  bool began_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace hanse
