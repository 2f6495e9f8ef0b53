// One offer after the other, until one has answered or nothing more is worth trying.
#include "gateway/attempt.h"
#include "gateway/gateway.h"
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

}  // namespace

Task<Result<void>> Gateway::try_offer(CallState& call, const catalog::Offer& offer) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  for (size_t here = 1;; ++here) {
    Result<void> done = co_await attempt(call, offer);
    if (done) {
      if (!call.error) ++call.series->answers;
      if (call.rescue && !call.error) ++call.core.metrics.carried_on_whole;
      co_return done;
    }
    ++call.series->failures[static_cast<size_t>(done.error().code)];
    if (is_over(call) || (call.exchange.started() && !call.rescue)) co_return done;
    if (asks_plainly(call, done.error())) continue;
    const route::Tried tried{here, static_cast<size_t>(call.attempts), call.others_left,
                             call.offers.size() == 1};
    const route::Step step = route::after_failure(done.error(), tried, rules, call.core.random.fraction());
    if (step.kind != route::Step::Kind::again || !call.core.repetitions.take()) co_return done;
    const Time until = after(net::Reactor::current().now(), step.pause);
    if (until >= call.total_deadline) co_return done;
    const net::Bounds bounds{until, &call.exchange.cancel()};
    const bool slept = co_await net::sleep(bounds);
    if (!slept) co_return done;
    ++call.core.metrics.repeated;
  }
}

Task<Result<void>> Gateway::try_offers(CallState& call) {
  Result<void> last = fail(Code::exhausted, "no offer answered");
  call.core.repetitions.request(call.view->snapshot->retry);
  const catalog::Offer* too_small = nullptr;
  keep_told(call);
  for (size_t i = 0; i < call.offers.size(); ++i) {
    const catalog::Offer& offer = call.offers[i];
    if (too_small && !is_larger(offer, *too_small)) continue;
    call.others_left = i + 1 < call.offers.size();
    if (call.rescue) call.rescue->plain = false;
    last = co_await try_offer(call, offer);
    if (last || is_over(call)) break;
    if (call.exchange.started()) {
      if (!call.others_left || !begin_rescue(call)) break;
      ++call.core.metrics.carried_on;
      ++call.rescues;
      continue;
    }
    const route::Cause cause = route::cause_of(last.error());
    if (cause == route::Cause::request || cause == route::Cause::cancelled) break;
    if (cause == route::Cause::too_long) too_small = &offer;
  }
  co_return last;
}

}  // namespace hanse::gateway
