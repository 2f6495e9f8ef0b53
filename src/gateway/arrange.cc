#include "gateway/arrange.h"

#include "base/assert.h"
#include "canon/estimate.h"
#include "catalog/price.h"
#include "route/choose.h"

namespace hanse::gateway {
namespace {

// Nobody knows before it is said. It is the same for all offers, so it matters only beside the input.
constexpr int64_t kOutputTokens = 400;

int64_t input_tokens(const CallState& call) { return canon::tokens_in(call.body.size()); }

route::Facts facts_of(CallState& call, const catalog::Offer& offer) {
  route::Facts out;
  out.share = offer.share;
  out.price = price_of(call, offer);
  const std::string& provider = call.view->providers[offer.provider].provider->name;
  if (const route::Standing* standing = call.core.standings.of(provider, offer.model)) {
    out.outstanding = standing->outstanding.load(std::memory_order_relaxed);
    out.first_token_us = standing->pace.first_token_us(call.body.size());
  }
  return out;
}

}  // namespace

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

void arrange(CallState& call, std::vector<catalog::Offer>& offers) {
  const catalog::Model* by = offers.front().by;
  if (!by || by->policy == "ordered" || offers.size() < 2) return;
  const auto policy = route::policy_named(by->policy);
  HANSE_ASSERT(policy.has_value());  // the config knows the words
  const size_t size = std::min(offers.size(), route::kOffersMax);
  std::array<route::Facts, route::kOffersMax> facts;
  std::array<uint8_t, route::kOffersMax> order;
  for (size_t i = 0; i < size; ++i) facts[i] = facts_of(call, offers[i]);
  route::choose(*policy, std::span(facts).first(size), call.core.random, std::span(order).first(size));
  std::vector<catalog::Offer> arranged;
  arranged.reserve(offers.size());
  for (size_t i = 0; i < size; ++i) arranged.push_back(std::move(offers[order[i]]));
  for (size_t i = size; i < offers.size(); ++i) arranged.push_back(std::move(offers[i]));
  offers = std::move(arranged);
}

}  // namespace hanse::gateway
