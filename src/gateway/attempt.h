// One attempt at one offer: the provider's request is built and sent, and its answer goes to the client,
// translated or untouched. An attempt that fails before anything went to the client leaves the client's
// answer unbegun, so the next offer may try.
#pragma once

#include "catalog/snapshot.h"
#include "gateway/call_state.h"

namespace hanse::gateway {

// What an error is worth is said by route/retry.h.
net::Task<Result<void>> attempt(CallState& call, const catalog::Offer& offer);

}  // namespace hanse::gateway
