// What is known of each offer, by "provider/model": one entry for the process, that all cores share and a
// reload keeps.
//
//   route::Standing* standing = core.standings.of(provider, model);      // nullptr: more names than are
//   watched
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/drill.h"
#include "route/concentration.h"
#include "route/retry.h"
#include "route/standing.h"

namespace hanse::gateway {

class StandingTable {
 public:
  // Clients may make up names where nobody knows a provider's models.
  static constexpr size_t kOffersMax = 10'000;

  // From any thread; stays valid as long as the table.
  route::Standing* of(std::string_view offer);
  // What is counted for the config's rule of that name.
  route::Concentration* concentration(std::string_view name);

  route::SpendBudget spending;  // of attempts beyond what requests need

  // What the config says of an offer of that name.
  struct Configured {
    route::SetLimits set;
    bool committed = false;
  };
  using SetFor = std::function<Configured(std::string_view offer)>;
  // {"offers":[...], for GET /status: open for what others add.
  std::string json(Time now, const SetFor& set_for) const;
  // Of the offers that are well and whose limits are known.
  LeastRoom least_room(Time now, const SetFor& set_for) const;
  // Prometheus text: hanse_offer_state and its siblings.
  std::string metrics(Time now, const SetFor& set_for) const;

 private:
  struct Entry {
    explicit Entry(std::string_view name) : offer(name) {}
    std::string offer;
    route::Standing standing;
  };
  struct Row {
    std::string_view offer;
    route::Health::Look health;
    int64_t outstanding = 0;
    int64_t under_way = 0;
    int64_t requests_left = -1, tokens_left = -1;  // -1: not known
    int64_t concurrency = 0;                       // 0: as many as come
    int64_t utilised = -1;                         // percent of what is committed; -1: it isn't
  };
  std::vector<Row> rows(Time now, const SetFor& set_for) const;

  mutable std::mutex mutex_;  // of the list; what is in it needs none
  std::deque<Entry> entries_;
  std::unordered_map<std::string_view, route::Standing*> by_offer_;
  std::map<std::string, route::Concentration, std::less<>> concentrations_;
};

// A core's way into the table, without its lock where the offer was asked before.
class CoreStandings {
 public:
  explicit CoreStandings(std::shared_ptr<StandingTable> table) : table_(std::move(table)) {}
  route::Standing* of(std::string_view provider, std::string_view model);
  StandingTable& table() const { return *table_; }

 private:
  std::shared_ptr<StandingTable> table_;
  std::unordered_map<std::string, route::Standing*> known_;
  std::string key_;  // scratch
};

}  // namespace hanse::gateway
