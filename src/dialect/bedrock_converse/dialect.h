// AWS Bedrock's Converse and ConverseStream. The model stands in the path, and so does whether the answer
// streams; streams are AWS event streams.
//
//   const Dialect& converse = bedrock_converse::dialect();
#pragma once

#include "dialect/dialect.h"

namespace hanse::bedrock_converse {

const Dialect& dialect();

}  // namespace hanse::bedrock_converse
