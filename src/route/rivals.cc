// What others choose by, for comparison in a rehearsal.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "route/rehearsal.h"

namespace hanse::route {
namespace {

void shuffle(Random& random, std::span<uint8_t> order) {
  std::iota(order.begin(), order.end(), uint8_t{0});
  for (size_t i = 0; i + 1 < order.size(); ++i)
    std::swap(order[i], order[i + random.below(order.size() - i)]);
}

struct AtRandom final : Chooser {
  void order(std::span<const Facts>, std::span<const uint8_t>, Time, Random& random,
             std::span<uint8_t> order) override {
    shuffle(random, order);
  }
};

struct RoundRobin final : Chooser {
  void order(std::span<const Facts>, std::span<const uint8_t>, Time, Random&,
             std::span<uint8_t> order) override {
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint8_t>((next + i) % order.size());
    next = (next + 1) % order.size();
  }
  size_t next = 0;
};

struct LeastRequests final : Chooser {
  void order(std::span<const Facts> facts, std::span<const uint8_t>, Time, Random& random,
             std::span<uint8_t> order) override {
    shuffle(random, order);
    std::ranges::sort(order, {}, [&](uint8_t i) { return facts[i].requests; });
  }
};

struct PeakEwma final : Chooser {
  static constexpr double kForgetsSeconds = 10;
  struct Delay {
    double ms = 0;
    Time at{};
  };
  std::array<Delay, kOffersMax> delays{};

  static double faded(const Delay& delay, Time now) {
    return std::exp(-std::chrono::duration<double>(now - delay.at).count() / kForgetsSeconds);
  }
  void first_token(size_t offer, milliseconds after, Time now) override {
    Delay& delay = delays[offer];
    const auto ms = static_cast<double>(after.count());
    const double old = faded(delay, now);
    delay.ms = ms > delay.ms ? ms : delay.ms * old + ms * (1 - old);
    delay.at = now;
  }
  void order(std::span<const Facts> facts, std::span<const uint8_t> which, Time now, Random& random,
             std::span<uint8_t> order) override {
    shuffle(random, order);
    auto load = [&](uint8_t i) {
      const Delay& delay = delays[which[i]];
      return delay.ms * faded(delay, now) * static_cast<double>(facts[i].requests + 1);
    };
    if (order.size() > 1 && load(order[1]) < load(order[0])) std::swap(order[0], order[1]);
  }
};

}  // namespace

std::unique_ptr<Chooser> rival(std::string_view name) {
  if (name == "random") return std::make_unique<AtRandom>();
  if (name == "round robin") return std::make_unique<RoundRobin>();
  if (name == "least requests") return std::make_unique<LeastRequests>();
  if (name == "peak EWMA") return std::make_unique<PeakEwma>();
  return nullptr;
}

}  // namespace hanse::route
