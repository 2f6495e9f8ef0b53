// Anthropic Messages as AWS Bedrock's Invoke carries it: the same bodies, but the path says the model and
// whether the answer streams, the body says "anthropic_version", and events travel as base64 in the frames of
// an AWS event stream. Errors are AWS's.
//
//   const Dialect& invoke = anthropic_messages::invoke_dialect();       // "bedrock-invoke"
//
// Bodies of other makers (Titan, Nova, ...) go by the same paths: they pass untouched to a provider that
// speaks this language, and nowhere else.
#pragma once

#include "dialect/dialect.h"

namespace hanse::anthropic_messages {

const Dialect& invoke_dialect();

}  // namespace hanse::anthropic_messages
