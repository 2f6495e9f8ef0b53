// A drill from its beginning to its report, and those that the config wants at certain times.
#pragma once

#include <memory>
#include <string>

#include "gateway/cores.h"
#include "gateway/drill.h"

namespace hanse::gateway {

// Ends by itself, at its time, when it is ended early, or when the program is to stop. Error overloaded:
// another one is under way.
net::Task<Result<std::string>> run_drill(Cores& cores, const Core& core, std::shared_ptr<DrillOrder> order);

// On one core. Ends when its reactor stops.
net::Task<void> keep_drill_schedule(Cores& cores, const Core& core);

}  // namespace hanse::gateway
