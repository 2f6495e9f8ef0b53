// Secret: a credential that can't be printed by accident. Wiped when it ends; read only by reveal().
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hanse {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  Secret& operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~Secret() {
    volatile char* byte = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) byte[i] = 0;
  }
  bool empty() const { return value_.empty(); }
  // The one way to the value: grep for it.
  std::string_view reveal() const { return value_; }

 private:
  std::string value_;
};

}  // namespace hanse
