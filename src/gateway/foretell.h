// What would become of a request, without asking anybody (x-hanse-explain: only; `hanse explain`): which
// offers there are, in what order they would be tried now, at what price, and why one would be left.
#pragma once

#include <string>

#include "gateway/call_state.h"

namespace hanse::gateway {

// JSON, of a call that was read and arranged:
//
//   {"model":"fast","policy":"balanced","priority":"normal","input_tokens":120,
//    "offers":[{"offer":"a/m","asked":true,"expected_usd":0.0012,"first_token_ms":320,"state":"well",...},
//              {"offer":"b/m","asked":false,"why":"broken: transient","for_ms":700,...}],
//    "skipped":[{"offer":"c/m","why":"takes no images"}]}
std::string foretold(const CallState& call);

}  // namespace hanse::gateway
