// What Bedrock's Converse refuses in a request.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

Check check_converse_request(json::Value root);

}  // namespace hanse::sim
