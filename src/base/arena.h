// Arena: bump memory for the pieces of one request or one event, freed all at once.
//
//   Arena arena;
//   std::string_view kept = arena.copy(text);   // lives until arena.clear() or the arena's end
//
// Not thread-safe; one owner. Small arenas cost no allocation: the first kilobyte stands in the object.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace hanse {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Uninitialised bytes, not aligned: for text.
  char* take(size_t size) {
    if (size > static_cast<size_t>(end_ - next_)) grow(size);
    char* out = next_;
    next_ += size;
    return out;
  }
  // Gives back the tail of the last take().
  void trim(char* new_end) { next_ = new_end; }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* out = take(text.size());
    std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
  }
  void clear() {
    blocks_.clear();
    next_ = first_;
    end_ = first_ + sizeof first_;
  }

 private:
  void grow(size_t size) {
    size_t block = std::max<size_t>(size, 4096u << std::min<size_t>(blocks_.size(), 8));
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    next_ = blocks_.back().get();
    end_ = next_ + block;
  }

  char first_[1024];
  char* next_ = first_;
  char* end_ = first_ + sizeof first_;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

}  // namespace hanse
