// Keys that were found in a config before, so that a client's key isn't hashed anew for each of its requests.
// One a core and config; holds the keys as they were presented, in memory only.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "catalog/snapshot.h"

namespace hanse::policy {

class KnownKeys {
 public:
  // As snapshot.find_client(key), of the snapshot that these are for.
  const catalog::ClientKey* find(std::string_view key, const catalog::Snapshot& snapshot) {
    Known& known = known_[std::hash<std::string_view>()(key) % known_.size()];
    if (known.client && equal_constant_time(known.key, key)) return known.client;
    const catalog::ClientKey* client = snapshot.find_client(key);
    if (client) known = {std::string(key), client};
    return client;
  }

 private:
  struct Known {
    std::string key;
    const catalog::ClientKey* client = nullptr;
  };
  std::array<Known, 64> known_;
};

}  // namespace hanse::policy
