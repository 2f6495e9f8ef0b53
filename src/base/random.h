// Random: a small fast generator (xoshiro256**), seeded from the kernel or by a number; not for secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hanse {

class Random {
 public:
  Random();  // seeded by the kernel
  explicit Random(uint64_t seed);
  uint64_t next();
  // In [0, 1).
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  uint64_t below(uint64_t n) { return n ? next() % n : 0; }
  // prefix + `digits` hex digits, for ids of requests and messages.
  std::string id(std::string_view prefix, int digits = 24);

 private:
  uint64_t state_[4];
};

}  // namespace hanse
