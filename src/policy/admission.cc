#include "policy/admission.h"

namespace hanse::policy {

Result<void> admit(int64_t in_flight, int64_t in_flight_max) {
  if (in_flight <= in_flight_max) return {};
  Error error(Code::overloaded, "too many requests are being answered (limits.in_flight = " +
                                    std::to_string(in_flight_max) + "); try again");
  error.retry_after = std::chrono::milliseconds(1000);
  return fail(std::move(error));
}

}  // namespace hanse::policy
