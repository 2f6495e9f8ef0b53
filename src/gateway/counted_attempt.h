// One attempt with all that is counted and learned of it: what the offer has before it, its share, its
// health, its pace.
#pragma once

#include "gateway/call_state.h"

namespace hanse::gateway {

net::Task<Result<void>> counted_attempt(CallState& call, const catalog::Offer& offer);

// Whether one more attempt at the offer than the request needs is within the budgets of such attempts, in
// requests and in money; then it is taken from them.
bool may_spend(CallState& call, const catalog::Offer& offer);

}  // namespace hanse::gateway
