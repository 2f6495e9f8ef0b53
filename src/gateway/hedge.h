// A stream whose first token is later than this offer's usually is, is asked of the next offer as well:
// whoever says something first answers, and the other one is cancelled. Off unless the model says `hedge`.
#pragma once

#include "gateway/call_state.h"
#include "gateway/order.h"

namespace hanse::gateway {

bool may_hedge(const CallState& call);

// As counted_attempt(), at `offer` and, if that is late, at the next one of `order`. The call gets the
// outcome of the one that answered; of the last one that failed, when both did.
net::Task<Result<void>> hedged_attempt(CallState& call, const catalog::Offer& offer, Order& order);

// Kept while a stream goes out, where somebody is left who could carry it on.
void keep_told(CallState& call);

}  // namespace hanse::gateway
