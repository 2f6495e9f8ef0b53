// One offer after the other, until one has answered or nothing more is worth trying.
#include "gateway/arrange.h"
#include "gateway/counted_attempt.h"
#include "gateway/gateway.h"
#include "gateway/hedge.h"
#include "gateway/order.h"
#include "net/reactor.h"
#include "route/retry.h"

namespace hanse::gateway {

using net::Task;

namespace {

bool is_over(const CallState& call) {
  return call.exchange.cancel().fired() || net::Reactor::current().now() >= call.total_deadline;
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

// For which this request has waited.
bool others_took_the_room(const CallState& call) {
  if (!call.standing) return false;
  return call.standing->quota.wait(net::Reactor::current().now(), tokens_under_way(call)).count() > 0;
}

}  // namespace

Task<Result<void>> Gateway::try_offer(CallState& call, const catalog::Offer& offer, Order& order) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  for (size_t here = 1;; ++here) {
    // Two statements: g++ 12 destroys a Result from either arm of a conditional twice.
    Result<void> done;
    if (may_hedge(call))
      done = co_await hedged_attempt(call, offer, order);
    else
      done = co_await counted_attempt(call, offer);
    if (done) co_return done;
    if (is_over(call) || (call.exchange.started() && !call.rescue)) co_return done;
    // It may have carried on for a while before it broke off: what is asked next begins behind that.
    if (call.rescue && !begin_rescue(call)) co_return done;
    if (asks_plainly(call, done.error())) continue;
    const route::Tried tried{here, static_cast<size_t>(call.attempts), call.may_be_carried_on(),
                             call.offers.size() == 1};
    const route::Step step = route::after_failure(done.error(), tried, rules, call.core.random.fraction());
    if (step.kind != route::Step::Kind::again || !may_spend(call, offer)) co_return done;
    const Time until = after(net::Reactor::current().now(), step.pause);
    if (until >= call.total_deadline) co_return done;
    const net::Bounds bounds{until, &call.exchange.cancel()};
    const bool slept = co_await net::sleep(bounds);
    if (!slept || others_took_the_room(call)) co_return done;
    ++call.core.metrics.repeated;
  }
}

namespace {

// All that are left are at limits that nobody may pass: until one has room, or there is no patience left,
// which counts the waiting alone. An error: there is no room.
Task<Result<void>> wait_for_room(CallState& call, Order& order, milliseconds& patience) {
  const milliseconds wait = *order.wait();
  const Time now = net::Reactor::current().now();
  if (wait > patience || after(now, wait) > call.total_deadline) {
    ++call.core.metrics.shed;
    Error error(Code::rate_limited, "every offer of '" + call.model + "' is at its limit; try again later");
    error.retry_after = wait;
    co_return fail(std::move(error));
  }
  patience -= wait;
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
  milliseconds patience = call.priority == catalog::Priority::low ? milliseconds(0) : rules.patience;
  Order order(call);
  while (true) {
    const bool was_silent = !last && route::cause_of(last.error()) == route::Cause::silent;
    const catalog::Offer* next = order.next(was_silent);
    if (!next && !order.wait()) break;
    if (!next) {
      auto room = co_await wait_for_room(call, order, patience);
      if (room) continue;
      // Who failed before it matters less than that this one will have room.
      if (!call.exchange.started() || room.error().code == Code::cancelled)
        last = std::move(room), call.refusal = {};
      break;
    }
    const catalog::Offer& offer = *next;
    if (too_small && !is_larger(offer, *too_small)) continue;
    if (call.rescue) call.rescue->plain = false;
    last = co_await try_offer(call, offer, order);
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
