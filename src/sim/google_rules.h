// What the Gemini API refuses in a request.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

Check check_google_request(json::Value root, bool counting);

}  // namespace hanse::sim
