// OpenAI Chat Completions: what OpenAI, Azure and every compatible server speak.
#pragma once

#include "dialect/dialect.h"

namespace hanse::openai_chat {

const Dialect& dialect();

}  // namespace hanse::openai_chat
