#include "route/rehearsal.h"

#include <cmath>
#include <deque>
#include <optional>
#include <queue>

#include "base/assert.h"
#include "route/order.h"
#include "route/patience.h"

namespace hanse::route {
namespace {

using std::chrono::microseconds;
using How = PlayedFault::How;
using End = RequestOutcome::End;

constexpr Time kBegin{std::chrono::hours(1)};  // of the clock; 0 would be "never" to some
constexpr milliseconds kRefusal{5};            // until a connection is refused, or a 429 has come
constexpr int64_t kBytesAToken = 4;
constexpr double kReadsTokensASecond = 10'000;
constexpr double kSlowness = 10;

Duration seconds(double s) { return microseconds(static_cast<int64_t>(s * 1e6)); }

milliseconds whole_ms(Duration d) { return std::chrono::duration_cast<milliseconds>(d); }

Error error_of(Code code, int status) {
  Error out(code, "rehearsed");
  out.status = status;
  return out;
}

// The rate at which an offer takes requests, as it counts itself. What it refuses it doesn't count.
struct Meter {
  double limit = 0, left = 0, refused = 0;
  Time at = kBegin;

  void flow(Time now) {
    left = std::min(limit, left + limit / 60 * std::chrono::duration<double>(now - at).count());
    at = now;
  }
  bool take(Time now) {
    flow(now);
    const bool takes = left >= 1;
    (takes ? left : refused) += takes ? -1 : 1;
    return takes;
  }
  RateReport report() const {
    return {static_cast<int64_t>(limit), static_cast<int64_t>(left),
            milliseconds(static_cast<int64_t>((limit - left) / limit * 60'000))};
  }
};

struct Cloud {
  const PlayedOffer* as = nullptr;
  Standing standing;
  Meter meter;
  int64_t busy = 0;
  std::deque<size_t> waiting;  // requests
  OfferOutcome outcome;
};

struct Event {
  enum class Kind : uint8_t { comes, looks, again, first_token, ends, fails, fault };
  Time at;
  uint64_t place;  // among those of one moment
  Kind kind;
  size_t request;  // or the fault
  uint32_t attempt;
  bool operator>(const Event& other) const { return std::tie(at, place) > std::tie(other.at, other.place); }
};

class Stage;

// A request on its way.
struct Flight final : Order::Offers {
  Flight(Stage& s, const PlayedRequest& request) : stage(s), asked(request) {}
  Standing* standing(size_t i) override;
  SetLimits set(size_t i) override;

  Stage& stage;
  const PlayedRequest& asked;
  std::array<uint8_t, kOffersMax> by{};
  std::optional<Order> order;
  Place place;
  std::optional<Outstanding> outstanding;
  std::optional<Reservation> reserved;
  Time came, started, first = kNever, content_by = kNever;
  milliseconds patience{0};  // that is left of it
  size_t at = 0;             // the offer that is asked
  int64_t before = 0;        // tokens that it was busy with
  uint32_t attempt = 0;
  size_t here = 0;
  bool trial = false, serves = false, waits = false, spoke = false;
  double told = 0;  // tokens of the answer so far
  std::optional<Error> error;
};

class Stage {
 public:
  Stage(const Rehearsal& rehearsal, std::span<const PlayedRequest> load);
  Rehearsed play();

 private:
  friend struct Flight;
  using Kind = Event::Kind;

  void add(Time at, Kind kind, size_t request, uint32_t attempt = 0) {
    events_.push({at, events_made_++, kind, request, attempt});
  }
  void happen(const Event& event);
  void come(size_t r);
  void arrange(Flight& flight);
  Facts facts_of(const Flight& flight, const Cloud& cloud) const;
  void go_on(size_t r);
  void ask(size_t r);
  void ask_again(size_t r);
  void serve(size_t r);
  void first_token(size_t r);
  void end(size_t r);
  void fail_later(size_t r, Duration after, Error error);
  void fail(size_t r);
  void release(size_t r);
  void finish(size_t r, End end);
  void lose(const PlayedFault& fault);
  void judge(Flight& flight, const std::optional<Error>& error);
  const PlayedFault* fault_at(size_t offer);

  const Rehearsal& rehearsal_;
  std::span<const PlayedRequest> load_;
  Random random_;
  std::unique_ptr<Chooser> chooser_;
  std::deque<Cloud> clouds_;
  std::vector<std::unique_ptr<Flight>> flights_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  uint64_t events_made_ = 0;
  Time now_ = kBegin;
  RetryBudget repetitions_;
  Rehearsed out_;
};

Standing* Flight::standing(size_t i) { return &stage.clouds_[by[i]].standing; }
SetLimits Flight::set(size_t i) { return stage.rehearsal_.offers[by[i]].set; }

Stage::Stage(const Rehearsal& rehearsal, std::span<const PlayedRequest> load)
    : rehearsal_(rehearsal), load_(load), random_(rehearsal.seed) {
  HANSE_ASSERT(!rehearsal.offers.empty() && rehearsal.offers.size() <= kOffersMax);
  if (rehearsal.instead) chooser_ = rehearsal.instead();
  for (const PlayedOffer& offer : rehearsal.offers) {
    Cloud& cloud = clouds_.emplace_back();
    cloud.as = &offer;
    cloud.meter.limit = cloud.meter.left = static_cast<double>(offer.tells_requests_per_minute);
  }
  flights_.resize(load.size());
  out_.requests.resize(load.size());
  for (size_t r = 0; r < load.size(); ++r) add(kBegin + load[r].at, Kind::comes, r);
  for (size_t f = 0; f < rehearsal.faults.size(); ++f) add(kBegin + rehearsal.faults[f].from, Kind::fault, f);
}

Rehearsed Stage::play() {
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    happen(event);
  }
  for (Cloud& cloud : clouds_) {
    cloud.outcome.under_way = cloud.standing.concurrency.under_way();
    cloud.outcome.outstanding = cloud.standing.outstanding;
    cloud.outcome.requests_left =
        cloud.standing.quota.left(Quota::Kind::requests, now_ + std::chrono::hours(1), cloud.as->set);
    out_.offers.push_back(cloud.outcome);
  }
  return std::move(out_);
}

void Stage::happen(const Event& event) {
  if (event.kind == Kind::comes) return come(event.request);
  if (event.kind == Kind::fault) return lose(rehearsal_.faults[event.request]);
  Flight* flight = flights_[event.request].get();
  if (!flight || flight->attempt != event.attempt) return;  // of an attempt that is over
  switch (event.kind) {
    case Kind::looks:
      flight->order->look_again();
      return go_on(event.request);
    case Kind::again:
      return ask_again(event.request);
    case Kind::first_token:
      return first_token(event.request);
    case Kind::ends:
      return end(event.request);
    default:
      return fail(event.request);
  }
}

void Stage::come(size_t r) {
  flights_[r] = std::make_unique<Flight>(*this, load_[r]);
  Flight& flight = *flights_[r];
  flight.came = now_;
  if (flight.asked.priority != catalog::Priority::low) flight.patience = rehearsal_.retry.patience;
  repetitions_.request(rehearsal_.retry);
  arrange(flight);
  flight.order.emplace(flight, clouds_.size(), flight.asked.input_tokens + flight.asked.output_tokens,
                       flight.asked.priority);
  go_on(r);
}

// Those that are left for now stand behind the others, whoever chooses.
void Stage::arrange(Flight& flight) {
  std::array<uint8_t, kOffersMax> by;
  size_t well = 0, left = clouds_.size();
  for (size_t i = 0; i < clouds_.size(); ++i)
    by[clouds_[i].standing.health.is_left(now_) ? --left : well++] = static_cast<uint8_t>(i);
  std::array<uint8_t, kOffersMax> order;
  std::array<Facts, kOffersMax> facts;
  for (size_t i = 0; i < well; ++i) facts[i] = facts_of(flight, clouds_[by[i]]);
  if (chooser_)
    chooser_->order(std::span(facts).first(well), std::span(by).first(well), now_, random_,
                    std::span(order).first(well));
  else
    choose(rehearsal_.policy, std::span(facts).first(well), random_, std::span(order).first(well));
  for (size_t i = 0; i < well; ++i) flight.by[i] = by[order[i]];
  for (size_t i = well; i < clouds_.size(); ++i) flight.by[i] = by[i];
}

Facts Stage::facts_of(const Flight& flight, const Cloud& cloud) const {
  Facts out;
  out.share = cloud.as->share;
  if (cloud.as->price_input >= 0)
    out.price = cloud.as->price_input * flight.asked.input_tokens +
                std::max<int64_t>(0, cloud.as->price_output) * flight.asked.output_tokens;
  out.requests = cloud.standing.concurrency.under_way();
  out.outstanding = cloud.standing.outstanding.load(std::memory_order_relaxed);
  out.usual = cloud.standing.pace.outstanding();
  out.first_token_us =
      cloud.standing.pace.first_token_us(static_cast<size_t>(flight.asked.input_tokens * kBytesAToken));
  return out;
}

// The next offer, a wait for room, or the end.
void Stage::go_on(size_t r) {
  Flight& flight = *flights_[r];
  flight.place = Place();
  ++flight.attempt;
  const bool was_silent = flight.error && cause_of(*flight.error) == Cause::silent;
  auto next = flight.order->next(now_, was_silent);
  if (!next && (was_silent || flight.told > 0) &&
      flight.order->start_again(flight.told > 0 ? Order::Round::all : Order::Round::not_the_silent))
    next = flight.order->next(now_);
  if (next) {
    flight.place = flight.order->take_place();
    flight.trial = flight.order->trial();
    flight.at = flight.by[*next];
    flight.here = 0;
    return ask(r);
  }
  const auto wait = flight.order->wait();
  if (wait && *wait <= flight.patience) {
    flight.patience -= *wait;
    return add(after(now_, *wait), Kind::looks, r, flight.attempt);
  }
  finish(r, wait && flight.told == 0 ? End::shed : End::failed);
}

const PlayedFault* Stage::fault_at(size_t offer) {
  for (const PlayedFault& fault : rehearsal_.faults)
    if (fault.offer == offer && now_ >= kBegin + fault.from && now_ < kBegin + fault.until &&
        (fault.share >= 1 || random_.fraction() < fault.share))
      return &fault;
  return nullptr;
}

// One attempt at the offer that is held.
void Stage::ask(size_t r) {
  Flight& flight = *flights_[r];
  Cloud& cloud = clouds_[flight.at];
  ++flight.attempt, ++flight.here, ++out_.requests[r].attempts;
  const int64_t tokens = flight.asked.input_tokens + flight.asked.output_tokens;
  flight.before = cloud.standing.outstanding.load(std::memory_order_relaxed);
  flight.outstanding.emplace(&cloud.standing, tokens);
  flight.reserved.emplace(&cloud.standing.quota, now_, tokens, cloud.as->set);
  flight.started = now_;
  flight.spoke = false;
  OfferOutcome& outcome = cloud.outcome;
  ++outcome.attempts;
  outcome.asked_last = now_;
  const int64_t at_once = cloud.standing.concurrency.under_way();
  outcome.most_at_once = std::max(outcome.most_at_once, at_once);
  if (cloud.as->set.concurrency > 0)
    outcome.overload = std::max(
        outcome.overload, static_cast<double>(at_once) / static_cast<double>(cloud.as->set.concurrency));
  const catalog::Retry& rules = rehearsal_.retry;
  const bool others = flight.order->others_left();
  const milliseconds usual = patience(
      cloud.standing.pace.first_token_us(static_cast<size_t>(flight.asked.input_tokens * kBytesAToken)),
      others ? rules.first_content : rules.first_thought, rules.first_thought);
  const bool waits_on = !others && !flight.order->others_are_well(now_);
  flight.content_by = after(now_, waits_on ? milliseconds(300'000) : usual);
  const PlayedFault* fault = fault_at(flight.at);
  if (fault && fault->how == How::lost) return fail_later(r, kRefusal, error_of(Code::unreachable, 0));
  if (fault && fault->how == How::throttled)
    return fail_later(r, kRefusal, error_of(Code::rate_limited, 429));
  if (fault && fault->how == How::silent)
    return fail_later(r, flight.content_by - now_, error_of(Code::timed_out, 0));
  if (cloud.meter.limit > 0) {
    const bool taken = cloud.meter.take(now_);
    outcome.overload = std::max(outcome.overload, 1 + cloud.meter.refused / cloud.meter.limit);
    if (!taken) return fail_later(r, kRefusal, error_of(Code::rate_limited, 429));
  }
  if (cloud.as->slots > 0 && cloud.busy >= cloud.as->slots) {
    if (static_cast<int64_t>(cloud.waiting.size()) >= cloud.as->queue)
      return fail_later(r, kRefusal, error_of(Code::rate_limited, 429));
    cloud.waiting.push_back(r);
    flight.waits = true;
    flight.error = error_of(Code::timed_out, 0);
    return add(flight.content_by, Kind::fails, r, flight.attempt);
  }
  serve(r);
}

// Others may have taken what there was to wait for.
void Stage::ask_again(size_t r) {
  const Flight& flight = *flights_[r];
  const int64_t tokens = flight.asked.input_tokens + flight.asked.output_tokens;
  if (clouds_[flight.at].standing.quota.wait(now_, tokens).count() > 0) return go_on(r);
  ++out_.repeated;
  ask(r);
}

void Stage::serve(size_t r) {
  Flight& flight = *flights_[r];
  Cloud& cloud = clouds_[flight.at];
  const PlayedFault* fault = fault_at(flight.at);
  ++cloud.busy;
  flight.serves = true;
  flight.waits = false;
  double slower = fault && fault->how == How::slow ? kSlowness : 1;
  if (cloud.as->slots > 0)
    slower *= 1 + static_cast<double>(cloud.busy) / static_cast<double>(cloud.as->slots);
  const double reads = static_cast<double>(flight.asked.input_tokens) / kReadsTokensASecond;
  const double idle = std::chrono::duration<double>(cloud.as->first_token).count();
  const Duration speaks = seconds((idle + reads) * slower * (0.7 + 0.6 * random_.fraction()));
  if (now_ + speaks > flight.content_by) {
    flight.error = error_of(Code::timed_out, 0);
    return add(std::max(now_, flight.content_by), Kind::fails, r, flight.attempt);
  }
  add(now_ + speaks, Kind::first_token, r, flight.attempt);
  const double left = static_cast<double>(flight.asked.output_tokens) - flight.told;
  const Duration says = seconds(left / cloud.as->tokens_per_second * slower);
  if (fault && fault->how == How::cut) {
    flight.error = error_of(Code::unreachable, 0);
    return add(now_ + speaks + says / 2, Kind::fails, r, flight.attempt);
  }
  add(now_ + speaks + says, Kind::ends, r, flight.attempt);
}

void Stage::first_token(size_t r) {
  Flight& flight = *flights_[r];
  Cloud& cloud = clouds_[flight.at];
  flight.spoke = true;
  if (flight.first == kNever) flight.first = now_;
  const auto took = std::chrono::duration_cast<microseconds>(now_ - flight.started);
  cloud.standing.pace.measured(static_cast<size_t>(flight.asked.input_tokens * kBytesAToken), took.count(),
                               flight.before);
  if (chooser_) chooser_->first_token(flight.at, whole_ms(took), now_);
  if (cloud.meter.limit > 0) {
    cloud.meter.flow(now_);
    cloud.standing.quota.told(Quota::Kind::requests, cloud.meter.report(), now_);
  }
  flight.reserved->keep();
  if (flight.trial) judge(flight, {});
}

void Stage::end(size_t r) {
  Flight& flight = *flights_[r];
  ++clouds_[flight.at].outcome.answers;
  judge(flight, {});
  release(r);
  const PlayedOffer& offer = rehearsal_.offers[flight.at];
  if (offer.price_input >= 0)
    out_.requests[r].price = offer.price_input * flight.asked.input_tokens +
                             std::max<int64_t>(0, offer.price_output) * flight.asked.output_tokens;
  finish(r, End::answered);
}

void Stage::judge(Flight& flight, const std::optional<Error>& error) {
  Cloud& cloud = clouds_[flight.at];
  Health& health = cloud.standing.health;
  const bool trial = std::exchange(flight.trial, clouds_.size() == 1);
  if (error && cause_of(*error) == Cause::limited) cloud.standing.concurrency.refused(now_);
  if (!error) cloud.standing.concurrency.answered(flight.started);
  const Health::Turn turn = error ? health.failed(*error, now_, trial, rehearsal_.health, random_.fraction())
                                  : health.answered(now_, trial, rehearsal_.health);
  cloud.outcome.left += turn == Health::Turn::broke;
  cloud.outcome.back += turn == Health::Turn::recovered;
}

void Stage::fail_later(size_t r, Duration after, Error error) {
  flights_[r]->error = std::move(error);
  add(now_ + after, Kind::fails, r, flights_[r]->attempt);
}

// What it holds at the offer. Whoever waits there is next.
void Stage::release(size_t r) {
  Flight& flight = *flights_[r];
  Cloud& cloud = clouds_[flight.at];
  flight.outstanding.reset();
  flight.reserved.reset();
  if (flight.waits) std::erase(cloud.waiting, r);
  flight.waits = false;
  if (!std::exchange(flight.serves, false)) return;
  --cloud.busy;
  if (cloud.waiting.empty()) return;
  const size_t next = cloud.waiting.front();
  cloud.waiting.pop_front();
  serve(next);
}

void Stage::fail(size_t r) {
  Flight& flight = *flights_[r];
  RequestOutcome& outcome = out_.requests[r];
  Error error = *flight.error;
  Cloud& cloud = clouds_[flight.at];
  if (cause_of(error) == Cause::limited && cloud.meter.limit > 0) {  // a 429 may say it in its limits
    cloud.standing.quota.told(Quota::Kind::requests, cloud.meter.report(), now_);
    error.retry_after = std::max(milliseconds(1), cloud.standing.quota.wait(now_, 1));
  }
  if (flight.spoke) {  // half of what was left, as serve() has it
    flight.told += (static_cast<double>(flight.asked.output_tokens) - flight.told) / 2;
    ++outcome.carried_on;
  }
  release(r);
  judge(flight, error);
  const bool more = flight.order->others_left() || (flight.told > 0 && flight.order->may_start_again());
  const Tried tried{flight.here, static_cast<size_t>(outcome.attempts), more, clouds_.size() == 1};
  const Step step = after_failure(error, tried, rehearsal_.retry, random_.fraction());
  if (step.kind == Step::Kind::again && repetitions_.take())
    return add(after(now_, step.pause), Kind::again, r, flight.attempt);
  go_on(r);
}

void Stage::finish(size_t r, End end) {
  const Flight& flight = *flights_[r];
  RequestOutcome& outcome = out_.requests[r];
  outcome.end = end;
  outcome.whole = whole_ms(now_ - flight.came);
  if (flight.first != kNever) outcome.first_token = whole_ms(flight.first - flight.came);
  flights_[r].reset();
}

// What a lost cloud was answering breaks off.
void Stage::lose(const PlayedFault& fault) {
  if (fault.how != How::lost || fault.share < 1) return;
  for (size_t r = 0; r < flights_.size(); ++r) {
    Flight* flight = flights_[r].get();
    if (!flight || flight->at != fault.offer || !(flight->serves || flight->waits)) continue;
    flight->error = error_of(Code::unreachable, 0);
    ++flight->attempt;  // what it had before it doesn't come
    add(now_, Kind::fails, r, flight->attempt);
  }
}

}  // namespace

Rehearsed rehearse(const Rehearsal& rehearsal, std::span<const PlayedRequest> load) {
  return Stage(rehearsal, load).play();
}

std::vector<PlayedRequest> played_load(milliseconds length, double per_second, uint64_t seed) {
  Random random(seed);
  // Log-normal, from the sum of uniform numbers.
  auto spread = [&](double median, double sigma) {
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += random.fraction();
    return static_cast<int64_t>(std::clamp(median * std::exp(sigma * normal), 1.0, 100 * median));
  };
  std::vector<PlayedRequest> out;
  double at_ms = 0;
  while (true) {
    at_ms += -std::log(1 - random.fraction()) / per_second * 1000;
    if (at_ms >= static_cast<double>(length.count())) return out;
    const int64_t input = spread(600, 1.0), output = spread(150, 0.8);
    out.push_back({milliseconds(static_cast<int64_t>(at_ms)), input, output});
  }
}

}  // namespace hanse::route
