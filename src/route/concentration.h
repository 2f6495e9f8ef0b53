// How much of all goes to one group of offers, over a sliding window: of requests, tokens or money. Shared by
// all cores without a lock; what several say at the same moment is counted in some order.
//
//   if (concentration.is_over(now, window, units, 60)) ...   // with so many more it would be above 60 %
//   concentration.add(now, window, units, true);             // and negative ones, when nothing came of it
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace hanse::route {

class Concentration {
 public:
  // Of fewer requests nothing can be said.
  static constexpr int64_t kFew = 20;

  void add(Time now, milliseconds window, int64_t units, bool in_group);
  bool is_over(Time now, milliseconds window, int64_t units, int64_t percent) const;
  // -1: too few.
  int64_t percent(Time now, milliseconds window) const;

 private:
  // The window is cut in as many; the oldest goes as a whole.
  static constexpr size_t kSlots = 16;
  struct Slot {
    std::atomic<int64_t> when{-1}, requests{0}, all{0}, group{0};
  };
  struct Sums {
    int64_t requests = 0, all = 0, group = 0;
  };
  Sums sums(Time now, milliseconds window) const;
  std::array<Slot, kSlots> slots_;
};

}  // namespace hanse::route
