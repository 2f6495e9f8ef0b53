// How many tokens a request may be, where nobody who knows can be asked. A guess: 4 ASCII characters are a
// token, and so is any other character; an image or a document is kMediaTokens. Whoever tells it says that it
// is an estimate.
//
//   int64_t tokens = canon::estimate_tokens(root);     // of any dialect's body
#pragma once

#include "base/json.h"

namespace hanse::canon {

constexpr int64_t kMediaTokens = 1'500;  // an image of about a megapixel, or a page or two

int64_t estimate_tokens(json::Value body);

// Where the text isn't even looked at.
constexpr int64_t tokens_in(size_t bytes) { return static_cast<int64_t>(bytes + 3) / 4; }

}  // namespace hanse::canon
