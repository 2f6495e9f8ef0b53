// In which order offers are tried. Pure: the clock, randomness and health will come in as arguments, so that
// a decision can be replayed. Today one policy: ordered, as the config lists them.
#pragma once

#include <vector>

#include "catalog/snapshot.h"

namespace hanse::route {

// `offers` are never empty, and neither is the plan.
std::vector<catalog::Offer> plan(std::vector<catalog::Offer> offers);

}  // namespace hanse::route
