// A bucket of tokens: `burst` at once, `per_second` in the long run. Pure: the time is passed in.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace hanse::net {

class RateBudget {
 public:
  RateBudget(double burst, double per_second, Time now)
      : burst_(burst), per_second_(per_second), left_(burst), filled_(now) {}
  // False when it is spent.
  bool take(Time now) {
    double seconds = std::chrono::duration<double>(now - filled_).count();
    left_ = std::min(burst_, left_ + seconds * per_second_);
    filled_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double burst_, per_second_, left_;
  Time filled_;
};

}  // namespace hanse::net
