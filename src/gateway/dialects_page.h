// docs/reference/dialects.md: what each language is to clients and to providers, from the tables that serve
// them. Made by `hanse docs dialects`; nothing else calls it.
//
//   std::string page = dialects_reference_markdown();
#pragma once

#include <string>

namespace hanse::gateway {

std::string dialects_reference_markdown();

}  // namespace hanse::gateway
