#include "gateway/order.h"

#include <bit>

#include "gateway/arrange.h"
#include "net/reactor.h"

namespace hanse::gateway {
namespace {

// Nobody knows when one of the requests at an offer ends.
constexpr milliseconds kPlacesLookedAtAgain{50};

uint64_t all_of(size_t count) {
  return count >= route::kOffersMax ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

uint64_t bit(size_t i) { return uint64_t{1} << i; }

size_t take_lowest(uint64_t& bits) {
  const int i = std::countr_zero(bits);
  bits &= bits - 1;
  return static_cast<size_t>(i);
}

}  // namespace

Order::Order(CallState& call)
    : call_(call),
      untried_(all_of(call.offers.size())),
      beyond_(std::min(call.offers.size(), route::kOffersMax)) {}

const catalog::Offer* Order::next() {
  call_.place = {};
  while (untried_ != 0) {
    const size_t i = take_lowest(untried_);
    const Answer answer = admits(i);
    if (answer == Answer::yes) return take(i, false);
    (answer == Answer::left ? left_ : full_) |= bit(i);
  }
  if (beyond_ < call_.offers.size()) return take(beyond_++, false);
  while (left_ != 0) {
    const size_t i = take_lowest(left_);
    route::Standing* standing = standing_of(i);
    if (!standing || has_room(i, *standing, net::Reactor::current().now())) return take(i, true);
    full_ |= bit(i);
  }
  return start_again() ? next() : nullptr;
}

std::optional<milliseconds> Order::wait() const { return full_ != 0 ? std::optional(wait_) : std::nullopt; }

void Order::look_again() {
  untried_ = std::exchange(full_, 0);
  wait_ = {};
}

bool Order::start_again() {
  if (call_.second_round || !call_.exchange.started() || call_.offers.size() == 1) return false;
  call_.second_round = true;
  untried_ = all_of(call_.offers.size());
  full_ = 0;
  return true;
}

const catalog::Offer* Order::take(size_t i, bool last_resort) {
  call_.standing = standing_of(i);
  call_.trial = call_.trial || last_resort || call_.offers.size() == 1;
  call_.others_left = untried_ != 0 || left_ != 0 || beyond_ < call_.offers.size();
  return &call_.offers[i];
}

Order::Answer Order::admits(size_t i) {
  call_.trial = false;
  route::Standing* standing = standing_of(i);
  if (!standing) return Answer::yes;
  const Time now = net::Reactor::current().now();
  if (!has_room(i, *standing, now)) return Answer::full;
  const bool alone = call_.offers.size() == 1;
  if (!shows_room(i, *standing, now)) {
    if (call_.priority == catalog::Priority::low) return call_.place = {}, Answer::full;
    if (!alone) return call_.place = {}, Answer::left;
  }
  if (alone || is_well(i, *standing, now)) return Answer::yes;
  call_.place = {};
  return Answer::left;
}

bool Order::has_room(size_t i, route::Standing& standing, Time now) {
  const route::SetLimits set = set_limits_of(call_, call_.offers[i]);
  const int spare = catalog::spare_of(call_.priority);
  const milliseconds wait = standing.quota.wait(now, tokens_under_way(call_), set, spare);
  if (wait.count() > 0) return no_room(i, wait), false;
  auto place = route::Place::at(standing, route::places(set.concurrency, 0, spare));
  if (!place) return no_room(i, kPlacesLookedAtAgain), false;
  call_.place = std::move(*place);
  return true;
}

bool Order::shows_room(size_t i, const route::Standing& standing, Time now) {
  const int spare = call_.priority == catalog::Priority::low ? catalog::spare_of(call_.priority) : 0;
  const milliseconds wait = standing.quota.wait(now, tokens_under_way(call_), spare);
  if (wait.count() > 0) return no_room(i, wait), false;
  const int64_t bears = route::places(standing.concurrency.bears(now), 0, spare);
  if (bears == 0 || standing.concurrency.under_way() <= bears) return true;  // this one is among them
  return no_room(i, kPlacesLookedAtAgain), false;
}

bool Order::is_well(size_t i, route::Standing& standing, Time now) {
  const route::Health::Leave leave = standing.health.ask(now);
  call_.trial = leave == route::Health::Leave::trial;
  if (leave == route::Health::Leave::no && call_.explanation)
    call_.explanation->left(name_of(call_, call_.offers[i]), standing.health.look(now));
  return leave != route::Health::Leave::no;
}

void Order::no_room(size_t i, milliseconds wait) {
  wait_ = wait_.count() == 0 ? wait : std::min(wait_, wait);
  if (call_.explanation) call_.explanation->at_limit(name_of(call_, call_.offers[i]), wait);
}

route::Standing* Order::standing_of(size_t i) const {
  const catalog::Offer& offer = call_.offers[i];
  return call_.core.standings.of(call_.view->providers[offer.provider].provider->name, offer.model);
}

}  // namespace hanse::gateway
