#include "route/health.h"

#include <algorithm>

namespace hanse::route {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

int64_t clock_ms(Time now) {
  return std::max<int64_t>(1, std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count());
}

// What the offer can be blamed for. The others it has answered, in its way, or was not asked.
bool is_its_fault(Cause cause) {
  return cause == Cause::transient || cause == Cause::silent || cause == Cause::credential ||
         cause == Cause::limited;
}

uint16_t one_more(uint16_t n) { return n == UINT16_MAX ? n : static_cast<uint16_t>(n + 1); }

}  // namespace

std::string_view name_of(Health::State state) {
  constexpr std::string_view kNames[] = {"well", "resting", "broken"};
  return kNames[static_cast<size_t>(state)];
}

Health::Leave Health::ask(Time now) {
  const int64_t until = left_until_.load(kRelaxed);
  if (until == 0) return Leave::yes;
  const int64_t at = clock_ms(now);
  if (at < until) return Leave::no;
  int64_t other = trial_until_.load(kRelaxed);
  if (at < other || !trial_until_.compare_exchange_strong(other, at + kTrialMax.count(), kRelaxed))
    return Leave::no;
  return Leave::trial;
}

bool Health::is_left(Time now) const {
  const int64_t until = left_until_.load(kRelaxed);
  return until != 0 && clock_ms(now) < std::max(until, trial_until_.load(kRelaxed));
}

Health::Counts Health::count(Time now, bool failed, const catalog::Health& rules) {
  const auto window = static_cast<uint32_t>(clock_ms(now) / rules.window.count());
  Counts old = counts_.load(kRelaxed), fresh;
  do {
    fresh = old;
    // Another core's clock may be a little ahead.
    const uint32_t passed = window > old.window ? window - old.window : 0;
    if (passed == 1) fresh.attempts /= 2, fresh.failed /= 2;
    if (passed > 1) fresh.attempts = fresh.failed = 0;
    fresh.window = std::max(window, old.window);
    fresh.attempts = one_more(fresh.attempts);
    if (failed) fresh.failed = one_more(fresh.failed);
  } while (!counts_.compare_exchange_weak(old, fresh, kRelaxed));
  return fresh;
}

milliseconds Health::next_pause(const catalog::Health& rules, double chance) {
  const uint32_t before = std::min(pauses_.fetch_add(1, kRelaxed), 20u);
  const int64_t pause = std::min(rules.pause.count() << before, rules.pause_max.count());
  return milliseconds(static_cast<int64_t>(static_cast<double>(pause) * (0.8 + 0.4 * chance)));
}

Health::Turn Health::leave(State state, Cause cause, Time now, milliseconds pause) {
  cause_.store(cause, kRelaxed);
  state_.store(state, kRelaxed);
  trial_until_.store(0, kRelaxed);
  const bool was_well = left_until_.exchange(clock_ms(now) + pause.count(), kRelaxed) == 0;
  if (!was_well) return Turn::none;
  return state == State::resting ? Turn::rests : Turn::broke;
}

Health::Turn Health::answered(Time now, bool trial, const catalog::Health& rules) {
  in_a_row_.store(0, kRelaxed);
  // A stream that began long ago says nothing of now.
  if (left_until_.load(kRelaxed) != 0 && !trial) return Turn::none;
  count(now, false, rules);
  if (!trial) return Turn::none;
  trial_until_.store(0, kRelaxed);
  pauses_.store(0, kRelaxed);
  counts_.store({}, kRelaxed);
  state_.store(State::well, kRelaxed);
  return left_until_.exchange(0, kRelaxed) ? Turn::recovered : Turn::none;
}

Health::Turn Health::failed(const Error& error, Time now, bool trial, const catalog::Health& rules,
                            double chance) {
  const Cause cause = cause_of(error);
  if (cause == Cause::cancelled || cause == Cause::unable) {
    if (trial) withdrew();
    return Turn::none;
  }
  if (!is_its_fault(cause)) return answered(now, trial, rules);
  const Counts counts = count(now, true, rules);
  const uint32_t in_a_row = in_a_row_.fetch_add(1, kRelaxed) + 1;
  if (!rules.on) return Turn::none;
  if (cause == Cause::limited && error.retry_after)
    return leave(State::resting, cause, now, std::min(*error.retry_after, rules.rest_max));
  const bool is_left = left_until_.load(kRelaxed) != 0;
  if (is_left && !trial) return Turn::none;
  const bool often = counts.failed >= rules.failures && counts.failed * 100u > counts.attempts * rules.share;
  // A key that isn't known will not be a moment later. (A 403 may be about the request.)
  const bool hopeless = error.status == 401;
  if (is_left || often || in_a_row >= rules.failures || hopeless)
    return leave(State::broken, cause, now, next_pause(rules, chance));
  return Turn::none;
}

Health::Look Health::look(Time now) const {
  Look out;
  const int64_t until = left_until_.load(kRelaxed);
  const Counts counts = counts_.load(kRelaxed);
  out.attempts = counts.attempts, out.failed = counts.failed;
  out.in_a_row = in_a_row_.load(kRelaxed);
  out.cause = cause_.load(kRelaxed);
  if (until == 0) return out;
  out.state = state_.load(kRelaxed);
  out.asked_in = milliseconds(std::max<int64_t>(0, until - clock_ms(now)));
  return out;
}

}  // namespace hanse::route
