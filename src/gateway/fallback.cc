// One offer after the other, until one has answered or nothing more is worth trying.
#include <cstdio>

#include "gateway/arrange.h"
#include "gateway/attempt.h"
#include "gateway/gateway.h"
#include "gateway/order.h"
#include "gateway/shares.h"
#include "net/reactor.h"
#include "route/retry.h"

namespace hanse::gateway {

using net::Task;

namespace {

bool is_over(const CallState& call) {
  return call.exchange.cancel().fired() || net::Reactor::current().now() >= call.total_deadline;
}

// Kept while a stream goes out, where somebody is left who could carry it on.
void keep_told(CallState& call) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  const bool usual_frame =
      call.dialect->client_frame(call.query).content_type == call.dialect->stream_frame().content_type;
  if (rules.carry_on && call.stream && call.offers.size() > 1 && call.beside_chat.empty() && !call.compacts &&
      usual_frame)
    call.told = std::make_unique<Told>(rules.told_bytes);
}

// A model that refuses to go on with what was said may begin again; what is the same is stepped over.
bool asks_plainly(CallState& call, const Error& error) {
  if (!call.rescue || call.rescue->plain || call.rescue->asked == route::Seam::Asked::again) return false;
  call.rescue->plain = route::cause_of(error) == route::Cause::request;
  return call.rescue->plain;
}

// A request with too many tokens for a model is not for the same model elsewhere, nor for a smaller one.
bool is_larger(const catalog::Offer& other, const catalog::Offer& than) {
  if (other.known && than.known && than.known->context_tokens)
    return !other.known->context_tokens || other.known->context_tokens > than.known->context_tokens;
  return other.model != than.model;
}

void explain(CallState& call, const catalog::Offer& offer) {
  if (!call.explanation) return;
  const Time now = net::Reactor::current().now();
  call.explanation->tries(name_of(call, offer), std::chrono::duration_cast<milliseconds>(now - call.started));
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

}  // namespace

namespace {

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
  if (done && !call.error)
    turn = call.standing->health.answered(now, trial, rules);
  else
    turn = call.standing->health.failed(done ? Error(*call.error, "") : done.error(), now, trial, rules,
                                        call.core.random.fraction());
  tell(call, turn);
}

namespace {

// For which this request has waited.
bool others_took_the_room(const CallState& call) {
  if (!call.standing) return false;
  return call.standing->quota.wait(net::Reactor::current().now(), tokens_under_way(call)).count() > 0;
}

}  // namespace

Task<Result<void>> Gateway::try_offer(CallState& call, const catalog::Offer& offer) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  for (size_t here = 1;; ++here) {
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
    if (done) {
      learn_pace(call);
      if (!call.error) ++call.series->answers;
      if (call.rescue && !call.error) ++call.core.metrics.carried_on_whole;
      co_return done;
    }
    if (call.explanation) call.explanation->failed(facts(done.error().code).name);
    ++call.series->failures[static_cast<size_t>(done.error().code)];
    if (is_over(call) || (call.exchange.started() && !call.rescue)) co_return done;
    // It may have carried on for a while before it broke off: what is asked next begins behind that.
    if (call.rescue && !begin_rescue(call)) co_return done;
    if (asks_plainly(call, done.error())) continue;
    const route::Tried tried{here, static_cast<size_t>(call.attempts), call.may_be_carried_on(),
                             call.offers.size() == 1};
    const route::Step step = route::after_failure(done.error(), tried, rules, call.core.random.fraction());
    if (step.kind != route::Step::Kind::again || !call.core.repetitions.take()) co_return done;
    const Time until = after(net::Reactor::current().now(), step.pause);
    if (until >= call.total_deadline) co_return done;
    const net::Bounds bounds{until, &call.exchange.cancel()};
    const bool slept = co_await net::sleep(bounds);
    if (!slept || others_took_the_room(call)) co_return done;
    ++call.core.metrics.repeated;
  }
}

namespace {

// All that are left are at limits that nobody may pass: until one has room, or there is no sense in waiting
// any longer. An error: there is no room.
Task<Result<void>> wait_for_room(CallState& call, Order& order, Time until) {
  const milliseconds wait = *order.wait();
  const Time now = net::Reactor::current().now();
  if (after(now, wait) > until) {
    ++call.core.metrics.shed;
    Error error(Code::rate_limited, "every offer of '" + call.model + "' is at its limit; try again later");
    error.retry_after = wait;
    co_return fail(std::move(error));
  }
  const net::Bounds bounds{after(now, wait), &call.exchange.cancel()};
  const bool slept = co_await net::sleep(bounds);
  if (!slept) co_return fail(Code::cancelled, "the client left");
  order.look_again();
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> Gateway::try_offers(CallState& call) {
  Result<void> last = fail(Code::exhausted, "no offer answered");
  const catalog::Retry& rules = call.view->snapshot->retry;
  call.core.repetitions.request(rules);
  const catalog::Offer* too_small = nullptr;
  keep_told(call);
  if (call.explanation)
    for (const auto& [skipped, reason] : call.skipped)
      call.explanation->skipped(name_of(call, skipped), reason);
  const Time now = net::Reactor::current().now();
  const Time waits_until = call.priority == catalog::Priority::low ? now : after(now, rules.patience);
  Order order(call);
  while (true) {
    const catalog::Offer* next = order.next();
    if (!next && !order.wait()) break;
    if (!next) {
      auto room = co_await wait_for_room(call, order, std::min(waits_until, call.total_deadline));
      if (room) continue;
      // Who failed before it matters less than that this one will have room.
      if (!call.exchange.started() || room.error().code == Code::cancelled)
        last = std::move(room), call.refusal = {};
      break;
    }
    const catalog::Offer& offer = *next;
    if (too_small && !is_larger(offer, *too_small)) continue;
    if (call.rescue) call.rescue->plain = false;
    last = co_await try_offer(call, offer);
    if (last || is_over(call)) break;
    if (call.exchange.started()) {
      if (!call.may_be_carried_on() || !begin_rescue(call)) break;
      ++call.core.metrics.carried_on;
      ++call.rescues;
      continue;
    }
    const route::Cause cause = route::cause_of(last.error());
    if (cause == route::Cause::request || cause == route::Cause::cancelled) break;
    if (cause == route::Cause::too_long) too_small = &offer;
  }
  call.place = {};
  co_return last;
}

}  // namespace hanse::gateway
