// May one more request be answered now? Keeps the number in flight under its limit.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace hanse::policy {

// `in_flight` counts this request too. Error: overloaded, with retry_after.
Result<void> admit(int64_t in_flight, int64_t in_flight_max);

}  // namespace hanse::policy
