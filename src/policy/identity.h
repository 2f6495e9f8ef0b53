// Who asks? Client keys come where the vendors' SDKs put them; each place is good in every dialect.
#pragma once

#include <string_view>

#include "base/error.h"
#include "catalog/priority.h"
#include "catalog/snapshot.h"
#include "policy/known_keys.h"

namespace hanse::policy {

// The places of a request where a key may stand; empty: it doesn't.
struct PresentedKeys {
  std::string_view authorization;   // "Bearer KEY"
  std::string_view x_api_key;       // Anthropic
  std::string_view api_key;         // Azure
  std::string_view x_goog_api_key;  // Google
  std::string_view query;           // of the target; Google's ?key=KEY
};

// nullptr where the config names no clients: then everybody may ask (and `serve` listens on loopback only).
// Errors: unauthenticated. Keys are compared by their SHA-256, in constant time; those that were found
// before, themselves.
Result<const catalog::ClientKey*> identify(const PresentedKeys& presented, const catalog::Snapshot& snapshot,
                                           KnownKeys& known);

// Error denied when the client's key isn't good for `model`.
Result<void> may_use(const catalog::ClientKey* client, std::string_view model);

// The client's class, or less where `asked` (x-hanse-priority) says so; everybody's own choice where there
// are no keys. Error bad_request: no such word.
Result<catalog::Priority> priority_of(const catalog::ClientKey* client, std::string_view asked);

}  // namespace hanse::policy
