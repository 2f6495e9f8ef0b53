#include "gateway/foretell.h"

#include <fmt/format.h>

#include "base/json.h"
#include "canon/estimate.h"
#include "catalog/price.h"
#include "gateway/arrange.h"
#include "gateway/shares.h"
#include "net/reactor.h"

namespace hanse::gateway {
namespace {

// Why it would be left now; empty: it would be asked.
struct Reason {
  std::string why;
  milliseconds wait{0};
};

Reason reason_against(const CallState& call, const catalog::Offer& offer, const route::Standing& standing,
                      Time now) {
  const route::SetLimits set = set_limits_of(call, offer);
  const int spare = catalog::spare_of(call.priority);
  if (share_of(call, offer, now) != route::Share::within) return {"above its share"};
  const int64_t tokens = tokens_under_way(call);
  if (const milliseconds wait = standing.quota.wait(now, tokens, set, spare); wait.count() > 0)
    return {"at its limit", wait};
  const int64_t places = route::places(set.concurrency, 0, spare);
  if (places > 0 && standing.concurrency.under_way() >= places) return {"all its places are taken"};
  if (const milliseconds wait = standing.quota.wait(now, tokens); wait.count() > 0)
    return {"at its limit, as it said", wait};
  const int64_t bears = standing.concurrency.bears(now);
  if (bears > 0 && standing.concurrency.under_way() >= bears) return {"as much as it showed to bear"};
  const route::Health::Look look = standing.health.look(now);
  if (!standing.health.is_left(now)) return {};
  return {fmt::format("{}: {}", name_of(look.state), name_of(look.cause)), look.asked_in};
}

void write_offer(json::Writer& w, const CallState& call, const catalog::Offer& offer, Time now) {
  w.object().key("offer").string(name_of(call, offer));
  const route::Standing* standing = standing_of(call, offer);
  const Reason against = standing ? reason_against(call, offer, *standing, now) : Reason();
  w.key("asked").boolean(against.why.empty());
  if (!against.why.empty()) w.key("why").string(against.why);
  if (against.wait.count() > 0) w.key("for_ms").number(against.wait.count());
  if (const int64_t price = price_of(call, offer); price >= 0)
    w.key("expected_usd").raw(catalog::text_in_usd(price));
  if (standing) {
    w.key("state").string(name_of(standing->health.look(now).state));
    if (const int64_t us = standing->pace.first_token_us(call.body.size()); us >= 0)
      w.key("first_token_ms").number(us / 1000);
    w.key("under_way").number(standing->concurrency.under_way());
    w.key("outstanding_tokens").number(standing->outstanding.load(std::memory_order_relaxed));
  }
  w.end_object();
}

}  // namespace

std::string foretold(const CallState& call) {
  constexpr std::string_view kPriorities[] = {"low", "normal", "high"};
  const Time now = net::Reactor::current().now();
  std::string out;
  json::Writer w(out);
  w.object().key("model").string(call.model);
  const catalog::Model* by = call.offers.empty() ? nullptr : call.offers.front().by;
  w.key("policy").string(by ? by->policy : "ordered");
  w.key("priority").string(kPriorities[static_cast<size_t>(call.priority)]);
  w.key("input_tokens").number(canon::tokens_in(call.body.size()));
  w.key("offers").array();
  for (const catalog::Offer& offer : call.offers) write_offer(w, call, offer, now);
  w.end_array().key("skipped").array();
  for (const auto& [offer, reason] : call.skipped)
    w.object().key("offer").string(name_of(call, offer)).key("why").string(reason).end_object();
  w.end_array().end_object();
  return out;
}

}  // namespace hanse::gateway
