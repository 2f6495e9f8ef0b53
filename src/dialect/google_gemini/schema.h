// JSON schema as this dialect has it. It takes JSON schema in `parametersJsonSchema` and
// `responseJsonSchema`, of which it heeds a part of the keywords and ignores the others; what is left of what
// the others said is written with those that it heeds.
#pragma once

#include <string>

#include "base/json.h"
#include "canon/request.h"

namespace hanse::google_gemini {

// Appends `schema`, verbatim when all of it is heeded. What has no twin is a loss, at `path` and below.
void write_schema(json::Raw schema, const std::string& path, std::string& out, canon::Losses& losses);

}  // namespace hanse::google_gemini
