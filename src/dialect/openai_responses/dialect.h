// OpenAI Responses: what OpenAI's newest models, Azure, Bedrock's mantle and some compatible servers speak.
#pragma once

#include "dialect/dialect.h"

namespace hanse::openai_responses {

const Dialect& dialect();

}  // namespace hanse::openai_responses
