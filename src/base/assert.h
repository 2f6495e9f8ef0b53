// HANSE_ASSERT(condition): an invariant of our own. Always on; prints where and aborts. Never for outside
// data.
#pragma once

namespace hanse {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define HANSE_ASSERT(...) \
  ((__VA_ARGS__) ? (void)0 : ::hanse::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__))
