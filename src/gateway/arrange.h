// Puts the offers of a call into the order in which its model's policy (route/choose.h) wants them tried.
#pragma once

#include "gateway/call_state.h"

namespace hanse::gateway {

void arrange(CallState& call, std::vector<catalog::Offer>& offers);

// About how many tokens a request keeps an offer busy with: what it has to read, and what it will say.
int64_t tokens_under_way(const CallState& call);

}  // namespace hanse::gateway
