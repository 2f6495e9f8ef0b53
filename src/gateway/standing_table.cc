#include "gateway/standing_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"
#include "observe/metrics.h"

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

std::vector<StandingTable::Row> StandingTable::rows(Time now) const {
  std::vector<Row> out;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    const Standing& standing = entry.standing;
    out.push_back({entry.offer, standing.health.look(now),
                   standing.outstanding.load(std::memory_order_relaxed),
                   standing.quota.left(route::Quota::Kind::requests, now),
                   standing.quota.left(route::Quota::Kind::tokens, now)});
  }
  std::ranges::sort(out, {}, &Row::offer);
  return out;
}

std::string StandingTable::json(Time now) const {
  std::string out;
  json::Writer w(out);
  w.object().key("offers").array();
  for (const auto& [offer, look, outstanding, requests_left, tokens_left] : rows(now)) {
    w.object().key("offer").string(offer).key("state").string(name_of(look.state));
    if (look.state != Health::State::well) {
      w.key("cause").string(name_of(look.cause));
      w.key("asked_again_in_ms").number(look.asked_in.count());
    }
    w.key("attempts").number(look.attempts).key("failed").number(look.failed);
    w.key("failed_in_a_row").number(look.in_a_row);
    w.key("outstanding_tokens").number(outstanding);
    if (requests_left >= 0) w.key("requests_left").number(requests_left);
    if (tokens_left >= 0) w.key("tokens_left").number(tokens_left);
    w.end_object();
  }
  w.end_array().end_object();
  return out;
}

std::string StandingTable::metrics(Time now) const {
  std::string out =
      "# HELP hanse_offer_state 0: asked; 1: rests after a 429; 2: left after failures.\n"
      "# TYPE hanse_offer_state gauge\n";
  for (const Row& row : rows(now))
    out += fmt::format("hanse_offer_state{{offer=\"{}\"}} {}\n", observe::label_value(row.offer),
                       static_cast<int>(row.health.state));
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
