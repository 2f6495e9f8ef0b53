#include "base/random.h"

#include <sys/random.h>

#include <bit>

#include "base/assert.h"
#include "base/bytes.h"

namespace hanse {

Random::Random() { HANSE_ASSERT(::getrandom(state_, sizeof state_, 0) == sizeof state_); }

Random::Random(uint64_t seed) {
  // splitmix64 spreads a small seed over the state.
  for (auto& word : state_) {
    uint64_t z = seed += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    word = z ^ z >> 31;
  }
}

uint64_t Random::next() {
  uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
  uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return out;
}

std::string Random::id(std::string_view prefix, int digits) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  out.reserve(prefix.size() + static_cast<size_t>(digits));
  out.append(prefix);
  char* at = extend(out, static_cast<size_t>(digits));
  uint64_t word = 0;
  for (int i = 0; i < digits; ++i) {
    if (i % 16 == 0) word = next();
    *at++ = hex[word & 15];
    word >>= 4;
  }
  return out;
}

}  // namespace hanse
