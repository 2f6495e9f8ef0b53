// Who asks: by a key (policy/identity.h), or by a signature as for AWS, which covers the body and is checked
// when that is there.
//
//   CO_TRY(call.client, caller_of(call));
//   CO_TRY_VOID(check_signature(call, body));     // before the body is believed
#pragma once

#include "gateway/call_state.h"

namespace hanse::gateway {

// nullptr where no client keys are configured. Error unauthenticated.
Result<const catalog::ClientKey*> caller_of(const CallState& call);
// Nothing to check where the client sent a key. Error unauthenticated, in AWS's words.
Result<void> check_signature(const CallState& call, std::string_view body);
// Both, for requests without a body.
Result<const catalog::ClientKey*> caller_without_body(const CallState& call);

}  // namespace hanse::gateway
