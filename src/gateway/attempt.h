// One attempt at one offer: the provider's request is built and sent, and its answer goes to the client,
// translated or untouched. An attempt that fails before anything went to the client leaves the client's
// answer unbegun, so the next offer may try.
#pragma once

#include "catalog/snapshot.h"
#include "gateway/call_state.h"

namespace hanse::gateway {

// What an error is worth is said by route/retry.h.
net::Task<Result<void>> attempt(CallState& call, const catalog::Offer& offer);

// What came of it counts for or against the offer (route/health.h). A stream is judged when it begins, too.
void count_for_health(CallState& call, const Result<void>& done);

}  // namespace hanse::gateway
