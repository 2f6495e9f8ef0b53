// What one core owns: its view of the config, its pools of connections, its counters, its part of the access
// log. Nothing here is touched by another thread; others post messages to the core's reactor.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "catalog/snapshot.h"
#include "cloud/auth/sigv4.h"
#include "dialect/dialect.h"
#include "gateway/drill.h"
#include "gateway/standing_table.h"
#include "gateway/token.h"
#include "net/client.h"
#include "net/server.h"
#include "observe/access_log.h"
#include "observe/metrics.h"
#include "policy/known_keys.h"
#include "route/retry.h"

namespace hanse::gateway {

// A language of a provider, ready to be spoken.
struct DoorAccess {
  const catalog::Door* door = nullptr;
  const Dialect* dialect = nullptr;
  std::string request_line;  // empty where the door's path names the model
};

// A provider as this core talks to it.
struct ProviderAccess {
  const catalog::Provider* provider = nullptr;
  std::vector<DoorAccess> doors;
  std::shared_ptr<net::ClientPool> pool;
  std::string headers;                                 // those that never change; holds the credential
  std::shared_ptr<cloud::sigv4::SigningKeys> signing;  // nullptr: nothing is signed
  std::shared_ptr<CoreToken> token;                    // nullptr: none has to be fetched

  // The client's own language where the provider speaks it, else the provider's first.
  const DoorAccess& door_for(const Dialect& client) const {
    for (const DoorAccess& door : doors)
      if (door.dialect == &client) return door;
    return doors.front();
  }
};

// An immutable picture of the config for one core. Requests keep the one they began with.
struct View {
  std::shared_ptr<const catalog::Snapshot> snapshot;
  std::vector<ProviderAccess> providers;  // by provider index of the snapshot
  struct Concentration {
    const catalog::Concentration* rule = nullptr;
    route::Concentration* counted = nullptr;  // by all cores; lives as long as the table of standings
    std::vector<bool> concerns;               // by provider index
  };
  std::vector<Concentration> concentrations;
  std::unique_ptr<policy::KnownKeys> keys = std::make_unique<policy::KnownKeys>();
  // Kept idle connections of providers that didn't change survive a reload.
  static std::shared_ptr<const View> build(std::shared_ptr<const catalog::Snapshot> snapshot, const View* old,
                                           net::Resolver& resolver, TokenStore& tokens,
                                           StandingTable& standings);
};

struct Core {
  Core(std::shared_ptr<const catalog::Snapshot> snapshot, observe::LogWriter* writer,
       std::shared_ptr<TokenStore> store = std::make_shared<TokenStore>(),
       std::shared_ptr<StandingTable> offers = std::make_shared<StandingTable>())
      : tokens(std::move(store)),
        standings(std::move(offers)),
        view(View::build(std::move(snapshot), nullptr, resolver, *tokens, standings.table())),
        log(writer) {}

  net::Resolver resolver;
  std::shared_ptr<TokenStore> tokens;  // all cores'
  CoreStandings standings;
  std::shared_ptr<const View> view;
  observe::Metrics metrics;
  observe::AccessLog log;
  Random random;
  route::RetryBudget repetitions;
  std::shared_ptr<const DrillOrder> drill;  // under way, or the last one; nullptr: none was
  size_t provider_connections() const {
    size_t sum = 0;
    for (const auto& access : view->providers) sum += access.pool->open();
    return sum;
  }

  void use(std::shared_ptr<const catalog::Snapshot> snapshot) {
    view = View::build(std::move(snapshot), view.get(), resolver, *tokens, standings.table());
  }
};

}  // namespace hanse::gateway
