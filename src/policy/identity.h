// Who asks? Client keys come as `Authorization: Bearer KEY` or `x-api-key: KEY`, in every dialect.
#pragma once

#include <string_view>

#include "base/error.h"
#include "catalog/snapshot.h"

namespace hanse::policy {

// nullptr where the config names no clients: then everybody may ask (and `serve` listens on loopback only).
// Errors: unauthenticated. Keys are compared by their SHA-256, in constant time.
Result<const catalog::ClientKey*> identify(std::string_view authorization, std::string_view x_api_key,
                                           const catalog::Snapshot& snapshot);

// Error denied when the client's key isn't good for `model`.
Result<void> may_use(const catalog::ClientKey* client, std::string_view model);

}  // namespace hanse::policy
