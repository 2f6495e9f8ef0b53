// Time: one monotonic clock for deadlines, one wall clock for people. Pure code takes a Time as an argument
// and never asks for it; the reactor reads the clock once per turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hanse {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;
using std::chrono::milliseconds;

inline constexpr Time kNever = Time::max();

// now + d without overflow; a non-positive d means no limit.
inline Time after(Time now, milliseconds d) { return d.count() <= 0 || d > kNever - now ? kNever : now + d; }

// RFC 3339 in UTC with milliseconds, "2026-11-23T10:20:30.123Z".
std::string wall_time_rfc3339(std::chrono::system_clock::time_point when);
// Seconds since 1970 of such a time, with or without a fraction (cut off); nothing when it isn't one of UTC.
std::optional<int64_t> unix_of_rfc3339(std::string_view text);
// IMF-fixdate of RFC 9110, "Mon, 23 Nov 2026 10:20:30 GMT".
std::string wall_time_http(std::chrono::system_clock::time_point when);

}  // namespace hanse
