#include "route/plan.h"

namespace hanse::route {

std::vector<catalog::Offer> plan(std::vector<catalog::Offer> offers) { return offers; }

}  // namespace hanse::route
