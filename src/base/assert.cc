#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace hanse {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "hanse: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace hanse
