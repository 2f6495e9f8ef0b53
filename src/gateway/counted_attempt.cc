#include "gateway/counted_attempt.h"

#include <cstdio>

#include "gateway/arrange.h"
#include "gateway/attempt.h"
#include "gateway/shares.h"
#include "net/reactor.h"
#include "route/retry.h"

namespace hanse::gateway {

using net::Task;

namespace {

void explain(CallState& call, const catalog::Offer& offer) {
  if (!call.explanation) return;
  const Time now = net::Reactor::current().now();
  call.explanation->tries(name_of(call, offer), std::chrono::duration_cast<milliseconds>(now - call.started),
                          price_of(call, offer));
}

// From streams alone: an answer in one piece says nothing before its end.
void learn_pace(const CallState& call) {
  if (!call.standing || !call.stream || call.first_content == kNever) return;
  if (call.first_content < call.attempt_started) return;  // an earlier attempt's
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(call.first_content - call.attempt_started);
  call.standing->pace.measured(call.body.size(), took.count(), call.outstanding_before);
  call.standing->pace.was_silent(std::chrono::duration_cast<std::chrono::microseconds>(call.silence).count());
}

// For the operator: one line when an offer is left, and one when it is back.
void tell(const CallState& call, route::Health::Turn turn) {
  using Turn = route::Health::Turn;
  if (turn == Turn::none) return;
  std::string name;
  json::escape(call.offer, name);
  const route::Health::Look look = call.standing->health.look(net::Reactor::current().now());
  if (turn == Turn::recovered)
    std::fprintf(stderr, "hanse: offer %s answers again\n", name.c_str());
  else
    std::fprintf(
        stderr, "hanse: offer %s is %s (%s; %u of %u attempts failed, %u in a row): asked again in %lld ms\n",
        name.c_str(), std::string(route::name_of(look.state)).c_str(),
        std::string(route::name_of(look.cause)).c_str(), look.failed, look.attempts, look.in_a_row,
        static_cast<long long>(look.asked_in.count()));
}

bool shows_it_is_full(const Error& error) {
  return route::cause_of(error) == route::Cause::limited || error.code == Code::overloaded;
}

}  // namespace

void count_for_health(CallState& call, const Result<void>& done) {
  if (!call.standing) return;
  const catalog::Health& rules = call.view->snapshot->health;
  const Time now = net::Reactor::current().now();
  const bool trial = std::exchange(call.trial, call.offers.size() == 1);
  using Turn = route::Health::Turn;
  Turn turn = Turn::none;
  if (!done && shows_it_is_full(done.error())) call.standing->concurrency.refused(now);
  if (done) call.standing->concurrency.answered(call.attempt_started);
  if (done && !call.error)
    turn = call.standing->health.answered(now, trial, rules);
  else
    turn = call.standing->health.failed(done ? Error(*call.error, "") : done.error(), now, trial, rules,
                                        call.core.random.fraction());
  tell(call, turn);
}

Task<Result<void>> counted_attempt(CallState& call, const catalog::Offer& offer) {
  explain(call, offer);
  call.attempt_started = net::Reactor::current().now();
  call.last_read = kNever;
  call.silence = {};
  if (call.standing) call.outstanding_before = call.standing->outstanding.load(std::memory_order_relaxed);
  std::optional<route::Outstanding> under_way(std::in_place, call.standing, tokens_under_way(call));
  std::optional<SharePart> part(std::in_place, call, offer, call.attempt_started);
  Result<void> done = co_await attempt(call, offer);
  if (done) part->keep();
  part.reset();
  under_way.reset();
  count_for_health(call, done);
  if (!done) {
    if (call.explanation) call.explanation->failed(call.offer, facts(done.error().code).name);
    ++call.series->failures[static_cast<size_t>(done.error().code)];
    co_return done;
  }
  learn_pace(call);
  if (!call.error) ++call.series->answers;
  if (call.rescue && !call.error) ++call.core.metrics.carried_on_whole;
  co_return done;
}

bool may_spend(CallState& call, const catalog::Offer& offer) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  if (!call.core.repetitions.take()) return false;
  const int64_t price = std::max<int64_t>(0, price_of(call, offer));
  if (!call.core.standings.table().spending.take(price, rules.spend_max, net::Reactor::current().now()))
    return false;
  call.core.metrics.extra_spend += static_cast<uint64_t>(price);
  return true;
}

}  // namespace hanse::gateway
