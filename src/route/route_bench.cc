// A choice among twenty offers by each policy, and what an attempt adds to the books.
#include <benchmark/benchmark.h>

#include "route/choose.h"
#include "route/standing.h"

namespace hanse::route {
namespace {

constexpr size_t kOffers = 20;

void choice(benchmark::State& state) {
  Random random(1);
  std::array<Facts, kOffers> facts;
  for (Facts& one : facts) {
    one.share = 1 + random.below(5);
    one.price = static_cast<int64_t>(random.below(1'000'000));
    one.outstanding = static_cast<int64_t>(random.below(10'000));
    one.first_token_us = static_cast<int64_t>(random.below(500'000));
  }
  std::array<uint8_t, kOffers> order;
  for (auto _ : state) {
    choose(static_cast<Policy>(state.range(0)), facts, random, order);
    benchmark::DoNotOptimize(order);
  }
}
BENCHMARK(choice)->DenseRange(static_cast<int>(Policy::ordered), static_cast<int>(Policy::balanced));

void admission_and_verdict(benchmark::State& state) {
  Standing standing;
  const catalog::Health rules;
  const Time now(milliseconds(1'000'000));
  for (auto _ : state) {
    const Outstanding under_way(&standing, 500);
    benchmark::DoNotOptimize(standing.health.ask(now));
    benchmark::DoNotOptimize(standing.health.answered(now, false, rules));
  }
}
BENCHMARK(admission_and_verdict);

}  // namespace
}  // namespace hanse::route
