// What models do the providers have? Asked once at the start (and again while a provider doesn't answer) for
// providers whose config names no models.
#pragma once

#include <string>
#include <vector>

#include "gateway/core.h"

namespace hanse::gateway {

// The ids of GET <models path>, in the provider's order. Both vendors' lists look alike:
// {"data":[{"id":...}]}.
net::Task<Result<std::vector<std::string>>> list_models(const ProviderAccess& access, net::Cancel* cancel);

}  // namespace hanse::gateway
