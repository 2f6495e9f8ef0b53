// What is known of an offer while the program runs, shared by all cores without a lock: its health, what it
// is answering now, how fast it begins, how much it still takes.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "route/concurrency.h"
#include "route/health.h"
#include "route/quota.h"

namespace hanse::route {

// The time to the first token, learned by the size of the request: longer prompts take longer to read. And
// the longest silence inside its streams, of which old ones are forgotten.
class Pace {
 public:
  // `outstanding`: tokens that the offer had before it when the request came.
  void measured(size_t request_bytes, int64_t first_token_us, int64_t outstanding) {
    learn(of_[size_class(request_bytes)], first_token_us);
    learn_late(late_[size_class(request_bytes)], first_token_us);
    learn(outstanding_, outstanding);
  }
  void was_silent(int64_t us) {
    const int64_t before = silence_us_.load(std::memory_order_relaxed);
    silence_us_.store(std::max(us, before - before / kForgets), std::memory_order_relaxed);
  }
  int64_t silence_us() const { return silence_us_.load(std::memory_order_relaxed); }  // -1: not known
  // -1: not known.
  int64_t first_token_us(size_t request_bytes) const {
    return of_[size_class(request_bytes)].load(std::memory_order_relaxed);
  }

  // What 95 of 100 stay under; -1: not known.
  int64_t late_us(size_t request_bytes) const {
    return late_[size_class(request_bytes)].load(std::memory_order_relaxed);
  }
  // What it had before it at those times; -1: not known.
  int64_t outstanding() const { return outstanding_.load(std::memory_order_relaxed); }

 private:
  static constexpr int64_t kMemory = 8;  // a measurement counts for an eighth
  static void learn(std::atomic<int64_t>& known, int64_t value) {
    const int64_t before = known.load(std::memory_order_relaxed);
    known.store(before < 0 ? value : before + (value - before) / kMemory, std::memory_order_relaxed);
  }
  static size_t size_class(size_t bytes) {
    return bytes < 4'096 ? 0 : bytes < 32'768 ? 1 : bytes < 262'144 ? 2 : 3;
  }
  static constexpr int64_t kForgets = 64;  // a part of so much with each stream
  // Goes up by much when one is above it and down by little when one is below, so that it stands where that
  // is even: 19 below for one above.
  static void learn_late(std::atomic<int64_t>& known, int64_t value) {
    const int64_t before = known.load(std::memory_order_relaxed);
    const int64_t step = before / 10;
    const int64_t now = before < 0 ? 2 * value : value > before ? before + step : before - step / 19;
    known.store(now, std::memory_order_relaxed);
  }
  std::array<std::atomic<int64_t>, 4> of_{-1, -1, -1, -1}, late_{-1, -1, -1, -1};
  std::atomic<int64_t> silence_us_{-1}, outstanding_{-1};
};

struct Standing {
  Health health;
  std::atomic<int64_t> outstanding{0};  // tokens, estimated, of requests that it is answering
  Pace pace;
  Quota quota;
  Concurrency concurrency;
};

// A place at an offer, for one attempt or several.
class Place {
 public:
  Place() = default;
  // Nothing: it is full.
  static std::optional<Place> at(Standing& standing, int64_t most) {
    if (!standing.concurrency.enter(most)) return {};
    Place out;
    out.standing_ = &standing;
    return out;
  }
  Place(Place&& other) noexcept : standing_(std::exchange(other.standing_, nullptr)) {}
  Place& operator=(Place&& other) noexcept {
    std::swap(standing_, other.standing_);
    return *this;
  }
  ~Place() {
    if (standing_) standing_->concurrency.leave();
  }

 private:
  Standing* standing_ = nullptr;
};

// Tokens that an offer has before it while an attempt lasts.
class Outstanding {
 public:
  Outstanding(Standing* standing, int64_t tokens) : standing_(standing), tokens_(tokens) { add(tokens_); }
  ~Outstanding() { add(-tokens_); }
  Outstanding(const Outstanding&) = delete;

 private:
  void add(int64_t tokens) {
    if (standing_) standing_->outstanding.fetch_add(tokens, std::memory_order_relaxed);
  }
  Standing* standing_;
  int64_t tokens_;
};

}  // namespace hanse::route
