// How each offer does, by "provider/model": one entry for the process, that all cores share and a reload
// keeps.
//
//   route::Health* health = core.health.of(provider, model);      // nullptr: more names than are watched
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "route/health.h"

namespace hanse::gateway {

class HealthTable {
 public:
  // Clients may make up names where nobody knows a provider's models.
  static constexpr size_t kOffersMax = 10'000;

  // From any thread; stays valid as long as the table.
  route::Health* of(std::string_view offer);

  // {"offers":[...]}: what `hanse status` shows.
  std::string json(Time now) const;
  // Prometheus text: hanse_offer_state.
  std::string metrics(Time now) const;

 private:
  struct Entry {
    explicit Entry(std::string_view name) : offer(name) {}
    std::string offer;
    route::Health health;
  };
  std::vector<std::pair<std::string_view, route::Health::Look>> looks(Time now) const;

  mutable std::mutex mutex_;  // of the list; what is in it needs none
  std::deque<Entry> entries_;
  std::unordered_map<std::string_view, route::Health*> by_offer_;
};

// A core's way into the table, without its lock where the offer was asked before.
class CoreHealth {
 public:
  explicit CoreHealth(std::shared_ptr<HealthTable> table) : table_(std::move(table)) {}
  route::Health* of(std::string_view provider, std::string_view model);
  const HealthTable& table() const { return *table_; }

 private:
  std::shared_ptr<HealthTable> table_;
  std::unordered_map<std::string, route::Health*> known_;
  std::string key_;  // scratch
};

}  // namespace hanse::gateway
