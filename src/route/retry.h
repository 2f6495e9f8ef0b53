// What comes after an attempt that failed: the same offer once more, the next one, or nothing. One table says
// what each cause is worth; the clock and chance are the caller's, so that a decision can be replayed.
//
//   Step step = after_failure(error, tried, rules, random.unit());
//   if (step.kind == Step::Kind::again) co_await sleep(step.pause) ...
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/error.h"
#include "catalog/config.h"

namespace hanse::route {

using std::chrono::milliseconds;

// Why an attempt failed, as far as it matters for what comes next.
enum class Cause : uint8_t {
  request,     // it would be refused anywhere: wrong, too large for us, or against a policy on contents
  too_long,    // more tokens than this model takes; a larger one may
  credential,  // ours is not accepted there
  missing,     // no such model there
  unable,      // what is asked can't be said to this one
  limited,     // too many requests; later
  transient,   // an error, a broken connection, an answer that makes no sense
  silent,      // nothing came in time
  cancelled,   // the client left
};

Cause cause_of(const Error& error);
std::string_view name_of(Cause cause);

// What had been tried before the decision, the failed attempt with it.
struct Tried {
  size_t here = 1;           // attempts at this offer
  size_t all = 1;            // and at all
  bool others_left = false;  // offers that were not tried
  bool alone = false;        // the model has no other: the client hears at once, and may ask again by itself
};

struct Step {
  enum class Kind : uint8_t { give_up, again, next };
  Kind kind = Kind::give_up;
  milliseconds pause{0};  // before it
};

// `chance` is in [0, 1): pauses are spread by it, so that not all come back at once.
Step after_failure(const Error& error, const Tried& tried, const catalog::Retry& rules, double chance);

// Repetitions are a share of all requests in the long run, so that a cloud in trouble isn't asked twice as
// much as before. One a core.
class RetryBudget {
 public:
  void request(const catalog::Retry& rules) {
    left_ = std::min(kSaved, left_ + static_cast<double>(rules.share) / 100);
  }
  bool take() {
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  static constexpr double kSaved = 100;
  double left_ = kSaved;
};

// What such attempts may cost in an hour, all cores together: a bucket that fills evenly. Safe from any
// thread.
class SpendBudget {
 public:
  // `price` in picodollars; `most` in millionths of a dollar an hour, nothing: any.
  bool take(int64_t price, std::optional<int64_t> most, Time now);

 private:
  std::atomic<int64_t> full_at_us_{0};  // the moment at which nothing will be spent of it
};

}  // namespace hanse::route
