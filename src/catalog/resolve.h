// What a config from a file and one from the environment have in common, once their values are read.
#pragma once

#include <string>
#include <vector>

#include "catalog/config.h"

namespace hanse::catalog {

// Joins what the config says of a provider with the row of its kind.
Result<void> resolve(Provider& provider, const ProviderRow& row, const Limits& limits);

// server.listen into server.addresses; refuses to be open to other machines unless that is meant.
Result<void> resolve_addresses(Config& config);

// What works, but maybe not as its author thinks.
std::vector<std::string> warnings_of(const Config& config);

}  // namespace hanse::catalog
