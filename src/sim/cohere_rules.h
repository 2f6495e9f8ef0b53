// What Cohere's chat endpoint refuses in a request.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

Check check_cohere_request(json::Value root);

}  // namespace hanse::sim
