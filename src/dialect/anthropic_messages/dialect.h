// Anthropic Messages, as a client's and as a provider's language.
//
//   const Dialect& anthropic = anthropic_messages::dialect();
#pragma once

#include "dialect/dialect.h"

namespace hanse::anthropic_messages {

const Dialect& dialect();

}  // namespace hanse::anthropic_messages
