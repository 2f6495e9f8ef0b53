#include "gateway/arrange.h"

#include <algorithm>

#include "base/assert.h"
#include "canon/estimate.h"
#include "catalog/price.h"
#include "net/reactor.h"
#include "route/affinity.h"
#include "route/choose.h"
#include "route/commitment.h"

namespace hanse::gateway {
namespace {

// Nobody knows before it is said. It is the same for all offers, so it matters only beside the input.
constexpr int64_t kOutputTokens = 400;

int64_t input_tokens(const CallState& call) { return canon::tokens_in(call.body.size()); }

route::Facts facts_of(const CallState& call, const catalog::Offer& offer, const route::Standing* standing) {
  route::Facts out;
  out.share = offer.share;
  out.price = price_of(call, offer);
  if (standing) {
    out.requests = standing->concurrency.under_way();
    out.outstanding = standing->outstanding.load(std::memory_order_relaxed);
    out.usual = standing->pace.outstanding();
    out.first_token_us = standing->pace.first_token_us(call.body.size());
  }
  return out;
}

// The others have their own reason for who is first.
bool keeps_home(route::Policy policy) {
  return policy == route::Policy::balanced || policy == route::Policy::weighted;
}

// By what the client calls it; else by the beginning of a long request, which is the same for all that share
// a prompt. 0: neither.
uint64_t session_of(const CallState& call, json::Value root) {
  for (const std::string_view name : {"x-session-id", "x-claude-code-session-id", "session_id"})
    if (const std::string_view id = call.exchange.head().headers.get(name); !id.empty())
      return route::session_of(id);
  for (const json::Value id : {root["prompt_cache_key"], root["metadata"]["user_id"]})
    if (id.is_string() && !id.text().empty()) return route::session_of(id.text().escaped);
  constexpr size_t kLongBytes = 16 * 1024, kPrefixBytes = 4 * 1024;  // no cloud caches less than 1,024 tokens
  return call.body.size() < kLongBytes ? 0 : route::session_of(call.body.substr(0, kPrefixBytes));
}

// Those that are committed and have room below their mark come first.
void fill_commitments(const CallState& call, std::vector<catalog::Offer>& offers) {
  auto provider = [&](const catalog::Offer& offer) -> const catalog::Provider& {
    return *call.view->providers[offer.provider].provider;
  };
  if (std::ranges::none_of(offers, [&](const auto& offer) { return provider(offer).committed; })) return;
  const size_t size = std::min(offers.size(), route::kOffersMax);
  const Time now = net::Reactor::current().now();
  std::array<route::Commitment, route::kOffersMax> commitments;
  std::array<uint8_t, route::kOffersMax> order;
  for (size_t i = 0; i < size; ++i) {
    const catalog::Provider& at = provider(offers[i]);
    const route::Standing* standing = at.committed ? standing_of(call, offers[i]) : nullptr;
    order[i] = static_cast<uint8_t>(i);
    if (standing && !standing->health.is_left(now))
      commitments[i] = {true, route::utilisation(*standing, set_limits_of(at), now),
                        static_cast<int>(at.fill)};
  }
  route::commitments_first(commitments, std::span(order).first(size));
  std::vector<catalog::Offer> arranged;
  arranged.reserve(offers.size());
  for (size_t i = 0; i < size; ++i) arranged.push_back(std::move(offers[order[i]]));
  std::move(offers.begin() + static_cast<ptrdiff_t>(size), offers.end(), std::back_inserter(arranged));
  offers = std::move(arranged);
}

}  // namespace

route::Standing* standing_of(const CallState& call, const catalog::Offer& offer) {
  return call.core.standings.of(call.view->providers[offer.provider].provider->name, offer.model);
}

int64_t tokens_under_way(const CallState& call) { return input_tokens(call) + kOutputTokens; }

int64_t price_of(const CallState& call, const catalog::Offer& offer) {
  if (!offer.terms) return -1;
  return catalog::price_of(*offer.terms, input_tokens(call), kOutputTokens).value_or(-1);
}

route::SetLimits set_limits_of(const catalog::Provider& provider) {
  return {static_cast<int64_t>(provider.requests_per_minute),
          static_cast<int64_t>(provider.tokens_per_minute), static_cast<int64_t>(provider.concurrency)};
}

route::SetLimits set_limits_of(const CallState& call, const catalog::Offer& offer) {
  return set_limits_of(*call.view->providers[offer.provider].provider);
}

StandingTable::SetFor configured_by(const View& view) {
  return [&view](std::string_view offer) -> StandingTable::Configured {
    const std::string_view name = offer.substr(0, offer.find('/'));
    for (const ProviderAccess& access : view.providers)
      if (access.provider->name == name) return {set_limits_of(*access.provider), access.provider->committed};
    return {};
  };
}

namespace {

bool is_left(const CallState& call, const catalog::Offer& offer, Time now) {
  const route::Standing* standing = standing_of(call, offer);
  return standing && standing->health.is_left(now);
}

// The shares for when a group is lost: when all its offers of the model are left. nullptr: none is.
const std::vector<size_t>* shares_now(const CallState& call, const std::vector<catalog::Offer>& offers,
                                      Time now) {
  for (const auto& [group, shares] : offers.front().by->shares_without) {
    bool any = false, all = true;
    for (const catalog::Offer& offer : offers) {
      if (!call.view->providers[offer.provider].provider->belongs_to(group)) continue;
      any = true;
      all = all && is_left(call, offer, now);
    }
    if (any && all) return &shares;
  }
  return nullptr;
}

}  // namespace

// Those that are left for now stand behind the others, and so do those for whom there is no room in the
// choice.
void arrange(CallState& call, std::vector<catalog::Offer>& offers, json::Value root) {
  const catalog::Model* by = offers.front().by;
  if (offers.size() < 2) return;
  if (!by || by->policy == "ordered") return fill_commitments(call, offers);
  const auto policy = route::policy_named(by->policy);
  HANSE_ASSERT(policy.has_value());  // the config knows the words
  const Time now = net::Reactor::current().now();
  std::array<uint8_t, route::kOffersMax> which, order;
  std::array<route::Facts, route::kOffersMax> facts;
  size_t count = 0;
  const std::vector<size_t>* shares = shares_now(call, offers, now);
  std::vector<bool> placed(offers.size());
  for (size_t i = 0; i < std::min(offers.size(), route::kOffersMax); ++i) {
    const route::Standing* standing = standing_of(call, offers[i]);
    if (standing && standing->health.is_left(now)) continue;
    facts[count] = facts_of(call, offers[i], standing);
    if (shares) facts[count].share = (*shares)[offers[i].listed];
    which[count++] = static_cast<uint8_t>(i);
    placed[i] = true;
  }
  route::choose(*policy, std::span(facts).first(count), call.core.random, std::span(order).first(count));
  if (const uint64_t session = keeps_home(*policy) ? session_of(call, root) : 0) {
    std::array<uint64_t, route::kOffersMax> names;
    for (size_t i = 0; i < count; ++i) names[i] = route::session_of(name_of(call, offers[which[i]]));
    route::order_for_session(session, std::span(names).first(count), std::span(facts).first(count),
                             tokens_under_way(call), std::span(order).first(count));
  }
  std::vector<catalog::Offer> arranged;
  arranged.reserve(offers.size());
  for (size_t i = 0; i < count; ++i) arranged.push_back(std::move(offers[which[order[i]]]));
  for (size_t i = 0; i < offers.size(); ++i)
    if (!placed[i]) arranged.push_back(std::move(offers[i]));
  offers = std::move(arranged);
  fill_commitments(call, offers);
}

}  // namespace hanse::gateway
