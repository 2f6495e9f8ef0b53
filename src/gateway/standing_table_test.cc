#include "gateway/standing_table.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hanse::gateway {
namespace {

TEST(StandingTable, PlacesAreNeverPassedFromManyThreads) {
  constexpr int64_t kMost = 7;
  StandingTable table;
  route::Standing& standing = *table.of("a/m");
  std::atomic<int64_t> inside{0}, most{0};
  auto work = [&] {
    for (int i = 0; i < 20'000; ++i) {
      const auto place = route::Place::at(standing, kMost);
      if (!place) continue;
      const int64_t now = inside.fetch_add(1) + 1;
      for (int64_t seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      inside.fetch_sub(1);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most.load(), kMost);
  EXPECT_EQ(standing.concurrency.under_way(), 0);
}

}  // namespace
}  // namespace hanse::gateway
