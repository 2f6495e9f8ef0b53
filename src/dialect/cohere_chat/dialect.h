// Cohere's v2 Chat: POST /v2/chat. SSE with `event:` names, `message-end` last, then [DONE].
#pragma once

#include "dialect/dialect.h"

namespace hanse::cohere_chat {

const Dialect& dialect();

}  // namespace hanse::cohere_chat
