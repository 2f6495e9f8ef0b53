// How an offer does, and whether it is asked: a breaker that goes by faults, shared by all cores without a
// lock.
//
//   switch (health.ask(now)) ...                                  // yes; as the one trial; not now
//   Turn turn = health.answered(now, trial, rules);               // or
//   Turn turn = health.failed(error, now, trial, rules, random.fraction());
//
// An offer that has failed often enough is left for a pause. Then one request at a time tries it: it is back
// with the first that it answers, and left for twice as long with each that it doesn't. A 429 that says when
// to come back lets the offer rest until then. What is wrong with the request itself says nothing against the
// offer. The caller asks an offer that is left when there is no other: it is the last resort.
//
// Safe from any thread: what several threads say at the same moment is counted in some order.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "catalog/config.h"
#include "route/retry.h"

namespace hanse::route {

class Health {
 public:
  enum class State : uint8_t { well, resting, broken };
  enum class Leave : uint8_t { yes, trial, no };
  // What changed with a verdict, for a line in the log.
  enum class Turn : uint8_t { none, broke, rests, recovered };

  Leave ask(Time now);
  // Others come first now; false when a trial is due.
  bool is_left(Time now) const;
  // It says something sound. `trial`: as ask() had it, or the last resort.
  Turn answered(Time now, bool trial, const catalog::Health& rules);
  Turn failed(const Error& error, Time now, bool trial, const catalog::Health& rules, double chance);
  // A trial that ended without a verdict, for the client left: the next request may try.
  void withdrew() { trial_until_.store(0, std::memory_order_relaxed); }

  struct Look {
    State state = State::well;
    Cause cause = Cause::transient;     // why it isn't well
    milliseconds asked_in{0};           // before the next trial
    uint32_t failed = 0, attempts = 0;  // in the window
    uint32_t in_a_row = 0;              // failures
  };
  Look look(Time now) const;

  // A trial that nobody has judged for so long no longer keeps others from trying.
  static constexpr milliseconds kTrialMax{30'000};

 private:
  struct Counts {
    uint32_t window = 0;
    uint16_t attempts = 0, failed = 0;
  };
  Counts count(Time now, bool failed, const catalog::Health& rules);
  Turn leave(State state, Cause cause, Time now, milliseconds pause);
  milliseconds next_pause(const catalog::Health& rules, double chance);

  // Milliseconds of the clock; 0: not at all.
  std::atomic<int64_t> left_until_{0}, trial_until_{0};
  std::atomic<Counts> counts_{};
  std::atomic<uint32_t> in_a_row_{0}, pauses_{0};
  std::atomic<State> state_{State::well};
  std::atomic<Cause> cause_{Cause::transient};
};

std::string_view name_of(Health::State state);

}  // namespace hanse::route
