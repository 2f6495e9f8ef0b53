// How many requests an offer answers at once, and how many it may: as the config sets, and as it shows by
// refusing more. Shared by all cores without a lock.
//
//   if (!standing->concurrency.enter(most)) ...   // full
//   standing->concurrency.leave();
//   standing->concurrency.refused(now);                // with a 429 or "overloaded": fewer for a while
//
// A place is taken before it is asked, so the number set is never passed, however many cores ask at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace hanse::route {

class Concurrency {
 public:
  // False: `most` are being answered already. 0: as many as come.
  bool enter(int64_t most) {
    const int64_t before = under_way_.fetch_add(1, std::memory_order_relaxed);
    if (most == 0 || before < most) return true;
    leave();
    return false;
  }
  void leave() { under_way_.fetch_sub(1, std::memory_order_relaxed); }
  int64_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

  // It has refused one for there were too many: three quarters of them are taken for what it bears, and twice
  // as many with each kDoubles after that. Refusals of one moment are one sign; and who refuses the only one
  // that it has means its rate, or a bad time.
  void refused(Time now) {
    refused_ms_.store(ms(now), std::memory_order_relaxed);
    const int64_t at_once = under_way();
    if (at_once <= 1 || ms(now) - since_ms_.load(std::memory_order_relaxed) < kMoment.count()) return;
    bears_.store(at_once * 3 / 4, std::memory_order_relaxed);
    since_ms_.store(ms(now), std::memory_order_relaxed);
  }
  void answered(Time asked) {
    const int64_t refused = refused_ms_.load(std::memory_order_relaxed);
    if (refused == 0 || ms(asked) <= answered_ms_.load(std::memory_order_relaxed)) return;
    answered_ms_.store(ms(asked), std::memory_order_relaxed);
  }
  // One that it was asked for later than the one that it refused last.
  bool answered_since_refusal() const {
    return answered_ms_.load(std::memory_order_relaxed) > refused_ms_.load(std::memory_order_relaxed);
  }
  bool refused_within(milliseconds time, Time now) const {
    const int64_t at = refused_ms_.load(std::memory_order_relaxed);
    return at != 0 && ms(now) - at < time.count();
  }
  // What it bears, as it has shown; 0: not known, or long ago.
  int64_t bears(Time now) const {
    const int64_t bears = bears_.load(std::memory_order_relaxed);
    const int64_t doubled = (ms(now) - since_ms_.load(std::memory_order_relaxed)) / kDoubles.count();
    return bears == 0 || doubled >= kForgets ? 0 : bears << std::max<int64_t>(0, doubled);
  }

 private:
  static constexpr milliseconds kDoubles{5'000}, kMoment{1'000};
  static constexpr int64_t kForgets = 6;  // after so many doublings nothing is known any more
  static int64_t ms(Time now) {
    return std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
  }

  std::atomic<int64_t> under_way_{0};
  std::atomic<int64_t> bears_{0}, since_ms_{0}, refused_ms_{0}, answered_ms_{0};
};

// The smaller of two limits of which 0 is none; `spare` percent of it stay for others, but one is always
// left.
inline int64_t places(int64_t set, int64_t other, int spare = 0) {
  const int64_t most = set == 0 ? other : other == 0 ? set : std::min(set, other);
  return most == 0 ? 0 : std::max<int64_t>(1, most - most * spare / 100);
}

}  // namespace hanse::route
