#include "gateway/standing_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"
#include "observe/metrics.h"
#include "route/commitment.h"

namespace hanse::gateway {

using route::Health;
using route::Standing;

Standing* StandingTable::of(std::string_view offer) {
  const std::lock_guard lock(mutex_);
  auto found = by_offer_.find(offer);
  if (found != by_offer_.end()) return found->second;
  if (entries_.size() >= kOffersMax) return nullptr;
  Entry& entry = entries_.emplace_back(offer);
  return by_offer_[entry.offer] = &entry.standing;
}

route::Concentration* StandingTable::concentration(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto found = concentrations_.find(name);
  return found != concentrations_.end() ? &found->second : &concentrations_[std::string(name)];
}

namespace {

// Of two numbers of which -1 is not known.
int64_t fewer(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }

}  // namespace

std::vector<StandingTable::Row> StandingTable::rows(Time now, const SetFor& set_for) const {
  std::vector<Row> out;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    const Standing& standing = entry.standing;
    const auto [set, committed] = set_for(entry.offer);
    auto left = [&standing, now, &limits = set](route::Quota::Kind kind) {
      return fewer(standing.quota.left(kind, now), standing.quota.left(kind, now, limits));
    };
    const int64_t utilised = committed ? route::utilisation(standing, set, now) : -1;
    out.push_back({entry.offer, standing.health.look(now),
                   standing.outstanding.load(std::memory_order_relaxed), standing.concurrency.under_way(),
                   left(route::Quota::Kind::requests), left(route::Quota::Kind::tokens),
                   route::places(set.concurrency, standing.concurrency.bears(now)), utilised});
  }
  std::ranges::sort(out, {}, &Row::offer);
  return out;
}

std::string StandingTable::json(Time now, const SetFor& set_for) const {
  std::string out;
  json::Writer w(out);
  w.object().key("offers").array();
  for (const Row& row : rows(now, set_for)) {
    const Health::Look& look = row.health;
    w.object().key("offer").string(row.offer).key("state").string(name_of(look.state));
    if (look.state != Health::State::well) {
      w.key("cause").string(name_of(look.cause));
      w.key("asked_again_in_ms").number(look.asked_in.count());
    }
    w.key("attempts").number(look.attempts).key("failed").number(look.failed);
    w.key("failed_in_a_row").number(look.in_a_row);
    w.key("under_way").number(row.under_way).key("outstanding_tokens").number(row.outstanding);
    if (row.concurrency > 0) w.key("concurrency").number(row.concurrency);
    if (row.requests_left >= 0) w.key("requests_left").number(row.requests_left);
    if (row.tokens_left >= 0) w.key("tokens_left").number(row.tokens_left);
    if (row.utilised >= 0) w.key("commitment_used_percent").number(row.utilised);
    w.end_object();
  }
  w.end_array();
  return out;
}

LeastRoom StandingTable::least_room(Time now, const SetFor& set_for) const {
  LeastRoom out;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    const route::SetLimits set = set_for(entry.offer).set;
    const bool is_limited = set.concurrency > 0 || set.requests_per_minute > 0 || set.tokens_per_minute > 0;
    if (!is_limited || entry.standing.health.is_left(now)) continue;
    const int64_t percent = 100 - route::utilisation(entry.standing, set, now);
    if (out.offer.empty() || percent < out.percent) out = {entry.offer, percent};
  }
  return out;
}

std::string StandingTable::metrics(Time now, const SetFor& set_for) const {
  const std::vector<Row> all = rows(now, set_for);
  std::string out;
  auto gauge = [&](std::string_view name, std::string_view help, auto value) {
    out += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
    for (const Row& row : all)
      if (const int64_t number = value(row); number >= 0)
        out += fmt::format("{}{{offer=\"{}\"}} {}\n", name, observe::label_value(row.offer), number);
  };
  gauge("hanse_offer_state", "0: asked; 1: rests after a 429; 2: left after failures.",
        [](const Row& row) { return static_cast<int64_t>(row.health.state); });
  gauge("hanse_offer_under_way", "Requests that it is answering.",
        [](const Row& row) { return row.under_way; });
  gauge("hanse_offer_concurrency", "Requests that it may answer at once, where that is limited.",
        [](const Row& row) { return row.concurrency > 0 ? row.concurrency : -1; });
  gauge("hanse_offer_requests_left", "Requests that it still takes, as set or told.",
        [](const Row& row) { return row.requests_left; });
  gauge("hanse_offer_tokens_left", "Tokens that it still takes, as set or told.",
        [](const Row& row) { return row.tokens_left; });
  gauge("hanse_commitment_used_percent", "Of what is paid for whether it is used or not.",
        [](const Row& row) { return row.utilised; });
  return out;
}

Standing* CoreStandings::of(std::string_view provider, std::string_view model) {
  key_.assign(provider).append(1, '/').append(model);
  auto found = known_.find(key_);
  if (found != known_.end()) return found->second;
  Standing* standing = table_->of(key_);
  if (standing) known_.emplace(key_, standing);
  return standing;
}

}  // namespace hanse::gateway
