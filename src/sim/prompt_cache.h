// Which beginnings of prompts a simulated cloud has seen: the cache behind its cached tokens. Bounded: the
// oldest marks go. Shared by the threads of a cloud.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_set>
#include <vector>

#include "sim/prompt.h"

namespace hanse::sim {

class PromptCache {
 public:
  // The tokens of the longest known prefix (see Prompt::marks; 0 when none), and remembers this prompt's
  // prefixes.
  int64_t visit(std::span<const uint64_t> marks) {
    std::lock_guard lock(mutex_);
    size_t known = marks.size();
    while (known > 0 && !seen_.contains(marks[known - 1])) --known;
    for (uint64_t mark : marks.subspan(known)) remember(mark);
    return Prompt::prefix_tokens(known);
  }

 private:
  static constexpr size_t kMarksMax = 16384;
  void remember(uint64_t mark) {
    if (!seen_.insert(mark).second) return;
    if (ring_.size() < kMarksMax) return ring_.push_back(mark);
    seen_.erase(ring_[next_]);
    ring_[next_] = mark;
    next_ = (next_ + 1) % kMarksMax;
  }

  std::mutex mutex_;
  std::unordered_set<uint64_t> seen_;
  std::vector<uint64_t> ring_;
  size_t next_ = 0;
};

}  // namespace hanse::sim
