// Secret: a credential that can't be printed by accident. Wiped when it ends; read only by reveal().
//
//   Secret key(std::getenv("KEY"));
//   head += key.reveal();            // there is no operator<< and no formatter
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hanse {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view value) : value_(value) {}
  Secret(const Secret&) = default;
  // A copy, because a short string's move would leave its bytes behind.
  Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }
  Secret& operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~Secret() { wipe(); }
  bool empty() const { return value_.empty(); }
  // The one way to the value: grep for it.
  std::string_view reveal() const { return value_; }

 private:
  void wipe() {
    volatile char* byte = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) byte[i] = 0;
    value_.clear();
  }

  std::string value_;
};

}  // namespace hanse
