// Block: 64 kB borrowed from a free list of this thread for as long as bytes are being handled, and given
// back before waiting on anybody: idle connections hold none.
#pragma once

#include <cstddef>
#include <utility>

namespace hanse::net {

inline constexpr size_t kBlockSize = 64 * 1024;

class Block {
 public:
  Block() = default;  // holds nothing
  static Block borrow();
  Block(Block&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Block& operator=(Block&& other) noexcept {
    if (this != &other) {
      give_back();
      data_ = std::exchange(other.data_, nullptr);
    }
    return *this;
  }
  ~Block() { give_back(); }

  explicit operator bool() const { return data_ != nullptr; }
  char* data() const { return data_; }
  static constexpr size_t size() { return kBlockSize; }
  void give_back();

 private:
  char* data_ = nullptr;
};

}  // namespace hanse::net
