// One request's body in memory, contiguous, counted against what all requests of the process may hold.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace hanse::net {

class BodyBuffer {
 public:
  // `held`: the bytes of all requests, bounded by held_max.
  BodyBuffer(std::atomic<int64_t>& held, size_t held_max)
      : held_(held), held_max_(static_cast<int64_t>(held_max)) {}
  ~BodyBuffer() { clear(); }
  BodyBuffer(const BodyBuffer&) = delete;

  std::string_view view() const { return {bytes_.get(), size_}; }
  size_t size() const { return size_; }
  // Room for `size` bytes in all. Error: overloaded.
  Result<void> reserve(size_t size) {
    if (size <= room_) return {};
    auto more = static_cast<int64_t>(size - room_);
    if (held_.fetch_add(more, std::memory_order_relaxed) + more > held_max_) {
      held_.fetch_sub(more, std::memory_order_relaxed);
      return fail(Code::overloaded, "too many bytes of requests are in memory; try again");
    }
    room_ = size;
    auto* grown = static_cast<char*>(std::realloc(bytes_.get(), size));
    if (!grown) return fail(Code::overloaded, "out of memory");
    (void)bytes_.release();
    bytes_.reset(grown);
    return {};
  }
  Result<void> append(std::string_view bytes) {
    if (room_ - size_ < bytes.size()) TRY_VOID(reserve(std::max(size_ + bytes.size(), 2 * room_)));
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return {};
  }
  void clear() {
    held_.fetch_sub(static_cast<int64_t>(room_), std::memory_order_relaxed);
    bytes_.reset();
    room_ = size_ = 0;
  }

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::atomic<int64_t>& held_;
  int64_t held_max_;
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0;
  size_t room_ = 0;
};

}  // namespace hanse::net
