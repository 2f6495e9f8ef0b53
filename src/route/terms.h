// What an offer must be whatever its model can do: its provider at work, in a place that the model and the
// client allow, and not dearer than the model may cost. Unlike what the catalogue holds against a model
// (plan.h), none of it is ever bent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "catalog/snapshot.h"

namespace hanse::route {

struct Terms {
  const std::vector<std::string>* client_within = nullptr;  // nullptr: anywhere
  int64_t price = -1;  // of this request there, in picodollars; -1: not known
};

// Why it may not be asked, as "provider/model ..." goes on; empty: it may.
std::string reason_against(const catalog::Offer& offer, const catalog::Provider& provider,
                           const Terms& terms);

}  // namespace hanse::route
