#include "base/clock.h"

#include <gtest/gtest.h>

namespace hanse {
namespace {

TEST(Clock, Rfc3339IsReadBack) {
  EXPECT_EQ(unix_of_rfc3339("1970-01-02T00:00:01Z"), 86401);
  EXPECT_EQ(unix_of_rfc3339("2026-11-23T10:00:00.123456789Z"), unix_of_rfc3339("2026-11-23T10:00:00+00:00"));
  const std::chrono::system_clock::time_point when{std::chrono::seconds(1'790'000'000)};
  EXPECT_EQ(unix_of_rfc3339(wall_time_rfc3339(when)), 1'790'000'000);
}

TEST(Clock, WhatIsNoTimeIsNone) {
  for (std::string_view bad :
       {"", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T10:00:00", "2026-11-23T10:00:0aZ",
        "2026-11-23T10:00:00.Z1", "2026-11-23T10:00:00.Z", "2026-11-23T24:00:00Z", "2026-11-23T10:60:00Z",
        "2026-11-23T10:00:61Z", "2026-11-23T10:00:00+01:00", "2026-02-30T10:00:00Z"})
    EXPECT_FALSE(unix_of_rfc3339(bad)) << bad;
}

}  // namespace
}  // namespace hanse
