// One offer after the other, until one has answered or nothing more is worth trying.
#include <bit>
#include <cstdio>

#include "gateway/arrange.h"
#include "gateway/attempt.h"
#include "gateway/gateway.h"
#include "net/reactor.h"
#include "route/choose.h"
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

// The offers of a call, one after the other: those that are well and below their limits as they stand, then,
// as a last resort, those that were left. Whose reader has part of an answer, for him all are asked once
// more.
class Order {
 public:
  explicit Order(CallState& call) : call_(call), watched_(std::min(call.offers.size(), route::kOffersMax)) {}

  // nullptr: all were tried. Says in the call how the offer is to be judged.
  const catalog::Offer* next() {
    while (at_ < call_.offers.size()) {
      const size_t i = at_++;
      if (i >= watched_ || admits(i)) return take(i);
      left_ |= uint64_t{1} << i;
    }
    if (left_ == 0) return start_again() ? next() : nullptr;
    const size_t i = static_cast<size_t>(std::countr_zero(left_));
    left_ &= left_ - 1;
    return take(i, true);
  }

 private:
  bool start_again() {
    if (call_.second_round || !call_.exchange.started() || call_.offers.size() == 1) return false;
    call_.second_round = true;
    at_ = 0;
    return true;
  }

  const catalog::Offer* take(size_t i, bool last_resort = false) {
    const catalog::Offer& offer = call_.offers[i];
    call_.standing = standing_of(offer);
    call_.trial = call_.trial || last_resort || call_.offers.size() == 1;
    call_.others_left = at_ < call_.offers.size() || left_ != 0;
    return &offer;
  }

  bool admits(size_t i) {
    call_.trial = false;
    if (call_.offers.size() == 1) return true;
    const catalog::Offer& offer = call_.offers[i];
    route::Standing* standing = standing_of(offer);
    if (!standing) return true;
    route::Health* health = &standing->health;
    const Time now = net::Reactor::current().now();
    const route::Health::Leave leave = health->ask(now);
    call_.trial = leave == route::Health::Leave::trial;
    if (leave == route::Health::Leave::no && call_.explanation)
      call_.explanation->left(name_of(call_, offer), health->look(now));
    if (leave != route::Health::Leave::yes) return call_.trial;
    const milliseconds wait = standing->quota.wait(now, tokens_under_way(call_));
    if (wait.count() > 0 && call_.explanation) call_.explanation->at_limit(name_of(call_, offer), wait);
    return wait.count() == 0;
  }

  route::Standing* standing_of(const catalog::Offer& offer) const {
    return call_.core.standings.of(call_.view->providers[offer.provider].provider->name, offer.model);
  }

  CallState& call_;
  size_t watched_, at_ = 0;
  uint64_t left_ = 0;
};

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
  call.standing->pace.measured(call.body.size(), took.count());
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

void count_for_health(CallState& call, const Result<void>& done) {
  if (!call.standing) return;
  const catalog::Health& rules = call.view->snapshot->health;
  const Time now = net::Reactor::current().now();
  const bool trial = std::exchange(call.trial, call.offers.size() == 1);
  using Turn = route::Health::Turn;
  Turn turn = Turn::none;
  if (done && !call.error)
    turn = call.standing->health.answered(now, trial, rules);
  else
    turn = call.standing->health.failed(done ? Error(*call.error, "") : done.error(), now, trial, rules,
                                        call.core.random.fraction());
  tell(call, turn);
}

Task<Result<void>> Gateway::try_offer(CallState& call, const catalog::Offer& offer) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  for (size_t here = 1;; ++here) {
    explain(call, offer);
    call.attempt_started = net::Reactor::current().now();
    call.last_read = kNever;
    call.silence = {};
    std::optional<route::Outstanding> under_way(std::in_place, call.standing, tokens_under_way(call));
    Result<void> done = co_await attempt(call, offer);
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
    if (!slept) co_return done;
    ++call.core.metrics.repeated;
  }
}

Task<Result<void>> Gateway::try_offers(CallState& call) {
  Result<void> last = fail(Code::exhausted, "no offer answered");
  call.core.repetitions.request(call.view->snapshot->retry);
  const catalog::Offer* too_small = nullptr;
  keep_told(call);
  if (call.explanation)
    for (const auto& [skipped, reason] : call.skipped)
      call.explanation->skipped(name_of(call, skipped), reason);
  Order order(call);
  while (const catalog::Offer* next = order.next()) {
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
  co_return last;
}

}  // namespace hanse::gateway
