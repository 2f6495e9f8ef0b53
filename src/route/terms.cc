#include "route/terms.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hanse::route {
namespace {

constexpr int64_t kPicodollarsAMillionth = 1'000'000;

bool is_within(const catalog::Provider& provider, const std::vector<std::string>& places) {
  return std::ranges::any_of(places, [&](const std::string& place) {
    return place == provider.region || place == provider.location || place == provider.jurisdiction;
  });
}

std::string outside(const std::vector<std::string>& places) {
  return fmt::format("is not within {}", fmt::join(places, ", "));
}

}  // namespace

std::string reason_against(const catalog::Offer& offer, const catalog::Provider& provider,
                           const Terms& terms) {
  if (provider.maintenance) return "is under maintenance";
  if (offer.by && !offer.by->within.empty() && !is_within(provider, offer.by->within))
    return outside(offer.by->within);
  if (terms.client_within && !terms.client_within->empty() && !is_within(provider, *terms.client_within))
    return outside(*terms.client_within);
  const int64_t most = offer.by ? offer.by->price_max.value_or(-1) : -1;
  if (most >= 0 && terms.price > most * kPicodollarsAMillionth)
    return fmt::format(
        "would cost about ${}, more than price_max",
        catalog::dollars_text((terms.price + kPicodollarsAMillionth / 2) / kPicodollarsAMillionth));
  return {};
}

}  // namespace hanse::route
