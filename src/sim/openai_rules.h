// What OpenAI's chat endpoint refuses in a request, in its words.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

Check check_openai_request(json::Value root);

}  // namespace hanse::sim
