#include "route/routing_page.h"

#include <algorithm>

#include <fmt/format.h>

namespace hanse::route {
namespace {

constexpr milliseconds kLength{180'000};
constexpr size_t kLoads = 16;
constexpr double kPerSecond = 14;

Rehearsal scene() {
  Rehearsal out;
  for (const char* name : {"a", "b", "c", "d", "slow", "lost"}) {
    PlayedOffer offer;
    offer.name = name;
    offer.slots = 24;
    out.offers.push_back(offer);
  }
  out.offers[4].first_token = milliseconds(1'600);
  out.offers[4].tokens_per_second = 30;
  out.faults.push_back({5, kLength / 3, 2 * kLength / 3});
  return out;
}

double quantile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto place = static_cast<size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(place), values.end());
  return values[place];
}

Comparison play(std::string name, Rehearsal rehearsal, size_t loads) {
  std::vector<double> first;
  uint64_t good = 0, answered = 0, all = 0;
  for (uint64_t seed = 1; seed <= loads; ++seed) {
    rehearsal.seed = seed;
    const auto load = played_load(kLength, kPerSecond, seed);
    for (const RequestOutcome& outcome : rehearse(rehearsal, load).requests) {
      const bool whole = outcome.end == RequestOutcome::End::answered;
      ++all;
      answered += whole;
      good += whole && outcome.first_token <= kGoodFirstToken;
      if (outcome.first_token.count() >= 0) first.push_back(static_cast<double>(outcome.first_token.count()));
    }
  }
  Comparison out;
  out.name = std::move(name);
  out.first_token_p50_ms = quantile(first, 0.5);
  out.first_token_p99_ms = quantile(first, 0.99);
  const double played_seconds = std::chrono::duration<double>(kLength).count() * static_cast<double>(loads);
  out.goodput = static_cast<double>(good) / played_seconds;
  out.answered = 100 * static_cast<double>(answered) / static_cast<double>(all);
  return out;
}

}  // namespace

std::vector<Comparison> compare_choosers(size_t loads) {
  std::vector<Comparison> out;
  out.push_back(play("balanced", scene(), loads));
  for (const char* name : {"random", "round robin", "least requests", "peak EWMA"}) {
    Rehearsal other = scene();
    other.instead = [name] { return rival(name); };
    out.push_back(play(name, std::move(other), loads));
  }
  return out;
}

std::string routing_reference_markdown() {
  std::string out = fmt::format(
      R"(# Routing

Generated from the code by `./dev docs`; don't edit. The policies are in [keep answering](../how-to/keep-answering.md).

How ways to choose an offer do beside each other, in a rehearsal: {} loads of {} s each, {} requests a second
with sizes as real ones have them, on six offers of 24 slots. One of these is slow all the time (four times as
long until the first token, 30 tokens a second for 80), one is lost for a third of the time. Breakers, retries,
deadlines and carrying on are the same for all: the code that decides in the gateway plays in virtual time, and
only the clouds are played. `balanced` is the policy of that name, the others are what is usual elsewhere.

| | first token, median | first token, p99 | goodput | answered |
| --- | --- | --- | --- | --- |
)",
      kLoads, std::chrono::duration_cast<std::chrono::seconds>(kLength).count(), kPerSecond);
  for (const Comparison& row : compare_choosers(kLoads))
    out += fmt::format("| {} | {:.0f} ms | {:.0f} ms | {:.2f} /s | {:.2f} % |\n", row.name,
                       row.first_token_p50_ms, row.first_token_p99_ms, row.goodput, row.answered);
  out += fmt::format(R"(
Goodput: requests a second that were answered whole, with their first token within {} s. A rehearsal of your own:
`hanse drill --simulate`, see [drills](../how-to/drill-a-blackout.md).
)",
                     kGoodFirstToken.count() / 1000);
  return out;
}

}  // namespace hanse::route
