#include "route/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "canon/needs.h"

namespace hanse::route {
namespace {

// Why the offer's model can't do what is asked; empty when nothing is known against it.
std::string reason_against(const catalog::Offer& offer, const Ask& ask) {
  if (!offer.known) return {};
  const catalog::ModelRow& row = *offer.known;
  for (auto [need, name] : canon::kNeeds)
    if (ask.needs & row.lacks & need) return fmt::format("takes no {}", name);
  if (row.context_tokens && ask.input_tokens > static_cast<int64_t>(row.context_tokens))
    return fmt::format("takes {} tokens, and the request has about {}", row.context_tokens, ask.input_tokens);
  return {};
}

}  // namespace

bool depends_on_ask(std::span<const catalog::Offer> offers, size_t body_bytes) {
  auto against = [&](const catalog::Offer& offer) {
    return offer.known &&
           (offer.known->lacks || (offer.known->context_tokens && body_bytes > offer.known->context_tokens));
  };
  return offers.size() > 1 && std::ranges::any_of(offers, against);
}

Plan plan(std::vector<catalog::Offer> offers, const Ask& ask) {
  Plan out;
  for (const catalog::Offer& offer : offers)
    if (std::string reason = reason_against(offer, ask); !reason.empty())
      out.skipped.push_back({offer, std::move(reason)});
  if (out.skipped.empty() || out.skipped.size() == offers.size()) return {std::move(offers), {}};
  std::erase_if(offers, [&](const catalog::Offer& offer) { return !reason_against(offer, ask).empty(); });
  out.offers = std::move(offers);
  return out;
}

}  // namespace hanse::route
