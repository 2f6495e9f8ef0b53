// Puts the offers of a call into the order in which its model's policy (route/choose.h) wants them tried.
#pragma once

#include "gateway/call_state.h"

namespace hanse::gateway {

// `root` is the request.
void arrange(CallState& call, std::vector<catalog::Offer>& offers, json::Value root);

// nullptr: more offers than are watched.
route::Standing* standing_of(const CallState& call, const catalog::Offer& offer);

// About how many tokens a request keeps an offer busy with: what it has to read, and what it will say.
int64_t tokens_under_way(const CallState& call);

// Of this request at the offer, in picodollars; -1: not known.
int64_t price_of(const CallState& call, const catalog::Offer& offer);

// What the config sets for each offer of the provider, and for this one.
route::SetLimits set_limits_of(const catalog::Provider& provider);
route::SetLimits set_limits_of(const CallState& call, const catalog::Offer& offer);

// And for any, by its name, as long as the view.
StandingTable::SetFor configured_by(const View& view);

}  // namespace hanse::gateway
