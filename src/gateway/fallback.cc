// One offer after the other, until one has answered or nothing more is worth trying.
#include "gateway/attempt.h"
#include "gateway/gateway.h"
#include "net/reactor.h"
#include "route/retry.h"

namespace hanse::gateway {

using net::Task;

namespace {

bool is_over(const CallState& call) {
  return call.exchange.started() || call.exchange.cancel().fired() ||
         net::Reactor::current().now() >= call.total_deadline;
}

// A request with too many tokens for a model is not for the same model elsewhere, nor for a smaller one.
bool is_larger(const catalog::Offer& other, const catalog::Offer& than) {
  if (other.known && than.known && than.known->context_tokens)
    return !other.known->context_tokens || other.known->context_tokens > than.known->context_tokens;
  return other.model != than.model;
}

}  // namespace

Task<Result<void>> Gateway::try_offer(CallState& call, const catalog::Offer& offer) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  for (size_t here = 1;; ++here) {
    Result<void> done = co_await attempt(call, offer);
    if (done) {
      if (!call.error) ++call.series->answers;
      co_return done;
    }
    ++call.series->failures[static_cast<size_t>(done.error().code)];
    if (is_over(call)) co_return done;
    const route::Tried tried{here, static_cast<size_t>(call.attempts), call.others_left};
    const route::Step step = route::after_failure(done.error(), tried, rules, call.core.random.fraction());
    if (step.kind != route::Step::Kind::again || !call.core.repetitions.take()) co_return done;
    const Time until = after(net::Reactor::current().now(), step.pause);
    if (until >= call.total_deadline) co_return done;
    const net::Bounds bounds{until, &call.exchange.cancel()};
    const bool slept = co_await net::sleep(bounds);
    if (!slept) co_return done;
  }
}

Task<Result<void>> Gateway::try_offers(CallState& call) {
  Result<void> last = fail(Code::exhausted, "no offer answered");
  call.core.repetitions.request(call.view->snapshot->retry);
  const catalog::Offer* too_small = nullptr;
  for (size_t i = 0; i < call.offers.size(); ++i) {
    const catalog::Offer& offer = call.offers[i];
    if (too_small && !is_larger(offer, *too_small)) continue;
    call.others_left = i + 1 < call.offers.size();
    last = co_await try_offer(call, offer);
    if (last || is_over(call)) break;
    const route::Cause cause = route::cause_of(last.error());
    if (cause == route::Cause::request || cause == route::Cause::cancelled) break;
    if (cause == route::Cause::too_long) too_small = &offer;
  }
  co_return last;
}

}  // namespace hanse::gateway
