#include "route/rate_headers.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/clock.h"

namespace hanse::route {
namespace {

using Wall = std::chrono::system_clock::time_point;

constexpr std::string_view kOpenai = "x-ratelimit-", kAnthropic = "anthropic-ratelimit-";
// A longer time is no window of any vendor.
constexpr double kSecondsMax = 1e6;

template <typename Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

double seconds_of(std::string_view unit) {
  if (unit == "ms") return 0.001;
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  return unit == "d" ? 86400 : -1;
}

enum class Part : uint8_t { limit, remaining, reset };

std::optional<Part> part_named(std::string_view name) {
  if (equal_ignoring_case(name, "limit")) return Part::limit;
  if (equal_ignoring_case(name, "remaining")) return Part::remaining;
  if (equal_ignoring_case(name, "reset")) return Part::reset;
  return {};
}

std::optional<Quota::Kind> kind_named(std::string_view name) {
  if (equal_ignoring_case(name, "requests")) return Quota::Kind::requests;
  if (equal_ignoring_case(name, "tokens")) return Quota::Kind::tokens;
  return {};
}

}  // namespace

std::optional<milliseconds> duration_of(std::string_view text) {
  if (text.empty()) return {};
  double seconds = 0;
  while (!text.empty()) {
    const size_t number = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto value = whole<double>(text.substr(0, number));
    text.remove_prefix(number);
    const size_t unit = std::min(text.find_first_of("0123456789."), text.size());
    const double factor = seconds_of(text.substr(0, unit));
    if (!value || factor < 0) return {};
    text.remove_prefix(unit);
    seconds += *value * factor;
    if (!(seconds <= kSecondsMax)) return {};
  }
  return milliseconds(static_cast<int64_t>(seconds * 1000));
}

std::optional<milliseconds> time_until(std::string_view text, Wall wall_now) {
  const auto at = unix_of_rfc3339(text);
  if (!at) return {};
  const auto left = std::chrono::duration_cast<milliseconds>(Wall(std::chrono::seconds(*at)) - wall_now);
  return std::clamp(left, milliseconds(0), milliseconds(static_cast<int64_t>(kSecondsMax * 1000)));
}

bool RateHeaders::concerns(std::string_view name) {
  return starts_ignoring_case(name, kOpenai) || starts_ignoring_case(name, kAnthropic);
}

void RateHeaders::field(std::string_view name, std::string_view value, Wall wall_now) {
  const bool anthropic = starts_ignoring_case(name, kAnthropic);
  if (!anthropic && !starts_ignoring_case(name, kOpenai)) return;
  name.remove_prefix(anthropic ? kAnthropic.size() : kOpenai.size());
  const size_t dash = name.find('-');
  if (dash == name.npos) return;
  const std::string_view first = name.substr(0, dash), second = name.substr(dash + 1);
  const auto kind = kind_named(anthropic ? first : second);
  const auto part = part_named(anthropic ? second : first);
  if (!kind || !part) return;
  RateReport& report = of[static_cast<size_t>(*kind)];
  if (*part == Part::reset) {
    const auto until = anthropic ? time_until(value, wall_now) : duration_of(value);
    report.full_in = until.value_or(milliseconds(-1));
    return;
  }
  const int64_t number = whole<int64_t>(value).value_or(-1);
  (*part == Part::limit ? report.limit : report.remaining) = number;
}

}  // namespace hanse::route
