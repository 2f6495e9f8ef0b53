// What the headers of a provider's answer say of its rate limits, in the words of OpenAI (Azure, and most
// servers that speak like it) and of Anthropic:
//
//   RateHeaders said;
//   for (const auto& field : head.headers)
//     if (RateHeaders::concerns(field.name)) said.field(field.name, field.value, wall_now);
//   said.of[Quota::Kind::requests].remaining ...
//
//   x-ratelimit-limit-requests: 500            anthropic-ratelimit-requests-limit: 50
//   x-ratelimit-remaining-requests: 499        anthropic-ratelimit-requests-remaining: 49
//   x-ratelimit-reset-requests: 1m30.5s        anthropic-ratelimit-requests-reset: 2026-11-23T10:20:30Z
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "route/quota.h"

namespace hanse::route {

struct RateHeaders {
  std::array<RateReport, Quota::kKinds> of;

  static bool concerns(std::string_view name);
  // What isn't about limits, or makes no sense, is stepped over.
  void field(std::string_view name, std::string_view value, std::chrono::system_clock::time_point wall_now);
};

// "1m30.5s", "12ms", "6m0s", "2h"; a number alone is seconds. Nothing of it may be left over.
std::optional<milliseconds> duration_of(std::string_view text);
// Until a moment of RFC 3339 in UTC ("2026-11-23T10:20:30Z", with a fraction or without); 0 when it is past.
std::optional<milliseconds> time_until(std::string_view text, std::chrono::system_clock::time_point wall_now);

}  // namespace hanse::route
