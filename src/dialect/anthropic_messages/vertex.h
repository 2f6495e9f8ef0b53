// Anthropic Messages as Google's Vertex AI carries it: the same answers and streams, but the path says the
// model and whether the answer streams, and the body says "anthropic_version".
//
//   const Dialect& vertex = anthropic_messages::vertex_dialect();       // "anthropic-vertex"
#pragma once

#include "dialect/dialect.h"

namespace hanse::anthropic_messages {

const Dialect& vertex_dialect();

}  // namespace hanse::anthropic_messages
