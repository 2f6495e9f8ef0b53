#include "route/rate_headers.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

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

std::optional<int> digits(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return {};
  return whole<int>(text);
}

double seconds_of(std::string_view unit) {
  if (unit == "ms") return 0.001;
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  return unit == "d" ? 86400 : -1;
}

bool starts(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix);
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
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size() || text.back() != 'Z') return {};
  for (size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] != '0' && text[i] != kShape[i]) return {};
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)),
             day = digits(text.substr(8, 2));
  const auto hour = digits(text.substr(11, 2)), minute = digits(text.substr(14, 2)),
             second = digits(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return {};
  std::string_view fraction = text.substr(kShape.size(), text.size() - kShape.size() - 1);
  if (!fraction.empty() && (fraction[0] != '.' || !digits(fraction.substr(1, 9)))) return {};
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  const Wall at = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                  std::chrono::seconds(*second);
  const auto left = std::chrono::duration_cast<milliseconds>(at - wall_now);
  return std::clamp(left, milliseconds(0), milliseconds(static_cast<int64_t>(kSecondsMax * 1000)));
}

bool RateHeaders::concerns(std::string_view name) {
  return starts(name, kOpenai) || starts(name, kAnthropic);
}

void RateHeaders::field(std::string_view name, std::string_view value, Wall wall_now) {
  const bool anthropic = starts(name, kAnthropic);
  if (!anthropic && !starts(name, kOpenai)) return;
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
