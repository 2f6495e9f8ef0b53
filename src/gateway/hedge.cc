#include "gateway/hedge.h"

#include "gateway/counted_attempt.h"

namespace hanse::gateway {

using net::Task;

namespace {

class Race;

// The exchange as one of two sees it: only the first to begin an answer reaches the client.
class Contender final : public net::Exchange {
 public:
  Contender(Race& race, net::Exchange& real) : race_(race), real_(real) {}

  const http::RequestHead& head() const override { return real_.head(); }
  int http_version() const override { return real_.http_version(); }
  std::string peer() const override { return real_.peer(); }
  Task<Result<std::string_view>> read_body(size_t bytes_max) override { return real_.read_body(bytes_max); }
  Task<Result<void>> answer(int status, std::span<const net::HeaderField> headers,
                            std::string_view body) override;
  void start(int status, std::span<const net::HeaderField> headers, int64_t content_length) override;
  Task<Result<void>> write(std::string_view bytes, bool last) override;
  void abort() override {
    if (won) real_.abort();
  }
  bool started() const override { return won && real_.started(); }
  net::Cancel& cancel() override { return cancel_; }
  uint64_t bytes_in() const override { return real_.bytes_in(); }
  uint64_t bytes_out() const override { return real_.bytes_out(); }

  bool won = false;

 private:
  Task<Result<void>> lost() { co_return fail(Code::cancelled, "another offer was sooner"); }
  Race& race_;
  net::Exchange& real_;
  net::Cancel cancel_;
};

struct Runner {
  Runner(Race& race, CallState& call, const catalog::Offer& at)
      : exchange(race, call.exchange), state(exchange, call.core), offer(at) {}
  Contender exchange;
  CallState state;
  const catalog::Offer& offer;
  std::optional<Result<void>> done;
};

// Both run until they have ended, and nothing of them outlives it.
class Race {
 public:
  explicit Race(CallState& call) : call_(call) {}

  Task<Result<void>> run(const catalog::Offer& offer, Order& order);
  bool begins(Contender& who);

 private:
  void enter(const catalog::Offer& offer);
  void hedge(const catalog::Offer& late, Order& order);
  Task<void> drive(Runner& runner);
  Task<bool> wait(Time until);
  bool under_way() const;
  void cancel_all_but(const Contender* winner);
  void take_over(Runner& from);

  CallState& call_;
  std::optional<Runner> first_, second_;
  bool decided_ = false;
  net::Wait changed_;
  bool has_changed_ = false;
};

Task<Result<void>> Contender::answer(int status, std::span<const net::HeaderField> headers,
                                     std::string_view body) {
  return race_.begins(*this) ? real_.answer(status, headers, body) : lost();
}

void Contender::start(int status, std::span<const net::HeaderField> headers, int64_t content_length) {
  if (race_.begins(*this)) real_.start(status, headers, content_length);
}

Task<Result<void>> Contender::write(std::string_view bytes, bool last) {
  return won ? real_.write(bytes, last) : lost();
}

// What the request is, for another attempt at the same time. What came of earlier ones stays behind.
void copy_request(const CallState& from, CallState& to) {
  to.view = from.view;
  to.dialect = from.dialect;
  to.request_id = from.request_id;
  to.started = from.started;
  to.total_deadline = from.total_deadline;
  to.client = from.client;
  to.strict = from.strict;
  to.priority = from.priority;
  to.body = from.body;
  to.model = from.model;
  to.model_token = from.model_token;
  to.path_model = from.path_model;
  to.path_stream = from.path_stream;
  to.query = from.query;
  to.rewritten = from.rewritten;
  to.stream = from.stream;
  to.stream_usage = from.stream_usage;
  to.offers = from.offers;
  to.skipped = from.skipped;
  to.others_left = from.others_left;
  to.others_are_well = from.others_are_well;
  to.second_round = from.second_round;
  to.explanation = from.explanation;
  to.request = from.request;
  keep_told(to);
}

// So much its first token would have taken at least.
void learn_it_was_slower(const CallState& call) {
  if (!call.standing || call.first_content != kNever) return;
  const Duration took = net::Reactor::current().now() - call.attempt_started;
  call.standing->pace.measured(call.body.size(),
                               std::chrono::duration_cast<std::chrono::microseconds>(took).count(),
                               call.outstanding_before);
}

void Race::enter(const catalog::Offer& offer) {
  Runner& runner = (first_ ? second_ : first_).emplace(*this, call_, offer);
  copy_request(call_, runner.state);
  runner.state.standing = call_.standing;
  runner.state.trial = call_.trial;
  runner.state.place = std::move(call_.place);
  net::Reactor::current().spawn(drive(runner));
}

Task<void> Race::drive(Runner& runner) {
  auto done = co_await counted_attempt(runner.state, runner.offer);
  if (!done && decided_ && !runner.exchange.won) learn_it_was_slower(runner.state);
  runner.done.emplace(std::move(done));
  has_changed_ = true;
  changed_.wake(net::Wake::ready);
}

bool Race::begins(Contender& who) {
  if (std::exchange(decided_, true)) return who.won;
  who.won = true;
  cancel_all_but(&who);
  // What keeps an answer sees the one that goes out.
  Runner& winner = &who == &first_->exchange ? *first_ : *second_;
  winner.state.keeper = std::move(call_.keeper);
  return true;
}

void Race::cancel_all_but(const Contender* winner) {
  for (std::optional<Runner>* runner : {&first_, &second_})
    if (*runner && &(*runner)->exchange != winner) (*runner)->exchange.cancel().fire();
}

bool Race::under_way() const { return !first_->done || (second_ && !second_->done); }

// Until one of them has ended (true), or that time. When the client leaves both are told.
Task<bool> Race::wait(Time until) {
  net::Cancel* gone = &call_.exchange.cancel();
  if (gone->fired()) cancel_all_but(nullptr), gone = nullptr;
  net::Wake why = net::Wake::ready;
  const net::Bounds bounds{until, gone};
  if (!has_changed_) why = co_await net::suspend(changed_, bounds);
  has_changed_ = false;
  if (why == net::Wake::cancelled) cancel_all_but(nullptr);
  co_return why != net::Wake::deadline;
}

// The first one is late: the next one is asked as well, as far as the budgets allow.
void Race::hedge(const catalog::Offer& late, Order& order) {
  if (!may_spend(call_, late)) return;
  const catalog::Offer* other = order.next();
  if (!other) return;
  ++call_.core.metrics.hedged;
  enter(*other);
}

Time late_after(const CallState& call) {
  const catalog::Retry& rules = call.view->snapshot->retry;
  const int64_t late = call.standing ? call.standing->pace.late_us(call.body.size()) : -1;
  const milliseconds wait = late < 0 ? rules.first_content / 2 : milliseconds(late / 1000 + 1);
  return after(net::Reactor::current().now(), wait);
}

Task<Result<void>> Race::run(const catalog::Offer& offer, Order& order) {
  const Time late = late_after(call_);
  enter(offer);
  const bool ended = co_await wait(late);
  if (!ended && !decided_ && !call_.exchange.cancel().fired()) hedge(offer, order);
  while (under_way()) (void)co_await wait(kNever);
  Runner* winner = second_ && second_->exchange.won ? &*second_ : &*first_;
  if (second_) call_.attempts += first_->state.attempts + second_->state.attempts - winner->state.attempts;
  if (second_ && second_->exchange.won) ++call_.core.metrics.hedges_won;
  take_over(*winner);
  co_return std::move(*winner->done);
}

// The outcome of the one that answered, else of the first, and with it what is needed to carry on a stream
// that broke off.
void Race::take_over(Runner& runner) {
  CallState& from = runner.state;
  call_.attempts += from.attempts;
  call_.status = from.status;
  call_.error = from.error;
  call_.offer = std::move(from.offer);
  call_.terms = from.terms;
  call_.series = from.series;
  call_.standing = from.standing;
  call_.place = std::move(from.place);
  call_.usage = from.usage;
  call_.first_content = from.first_content;
  call_.refusal = std::move(from.refusal);
  call_.told = std::move(from.told);
  call_.encoder = std::move(from.encoder);
  if (from.keeper) call_.keeper = std::move(from.keeper);
}

}  // namespace

bool may_hedge(const CallState& call) {
  const catalog::Model* by = call.offers.front().by;
  return by && by->hedge && call.stream && call.others_left && !call.rescue && !call.embeds &&
         !call.compacts && call.beside_chat.empty() && !call.exchange.started();
}

Task<Result<void>> hedged_attempt(CallState& call, const catalog::Offer& offer, Order& order) {
  Race race(call);
  auto done = co_await race.run(offer, order);
  co_return done;
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

}  // namespace hanse::gateway
