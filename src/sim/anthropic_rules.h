// What Anthropic's messages endpoint refuses in a request, in its words.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

// counting: of a request to count tokens, which needs no max_tokens.
Check check_anthropic_request(json::Value root, bool counting);

// The same for its messages alone, in anthropic_messages.cc. thinking: reasoning is on in the request.
Check check_anthropic_messages(json::Value messages, bool thinking);

CloudError anthropic_invalid(std::string message);

}  // namespace hanse::sim
