#include "gateway/order.h"

#include "gateway/arrange.h"
#include "gateway/shares.h"
#include "net/reactor.h"

namespace hanse::gateway {

Order::Order(CallState& call)
    : call_(call), order_(*this, call.offers.size(), tokens_under_way(call), call.priority) {}

const catalog::Offer* Order::next(bool was_silent) {
  call_.place = {};
  const Time now = net::Reactor::current().now();
  using Round = route::Order::Round;
  const bool begun = call_.exchange.started();
  auto i = order_.next(now, was_silent);
  if (!i && (begun || was_silent) && order_.start_again(begun ? Round::all : Round::not_the_silent))
    i = order_.next(now);
  if (!i) return nullptr;
  call_.place = order_.take_place();
  call_.standing = standing(*i);
  call_.trial = order_.trial();
  call_.others_left = order_.others_left();
  call_.others_are_well = order_.others_are_well(now);
  call_.second_round = !order_.may_start_again();
  if (order_.bent()) {
    ++call_.core.metrics.shares_bent;
    if (call_.explanation) call_.explanation->bends(name_of(call_, call_.offers[*i]));
  }
  return &call_.offers[*i];
}

route::Standing* Order::standing(size_t i) { return standing_of(call_, call_.offers[i]); }

route::SetLimits Order::set(size_t i) { return set_limits_of(call_, call_.offers[i]); }

route::Share Order::share(size_t i) {
  if (call_.view->concentrations.empty()) return route::Share::within;
  const route::Share out = share_of(call_, call_.offers[i], net::Reactor::current().now());
  if (out != route::Share::within && call_.explanation)
    call_.explanation->above_share(name_of(call_, call_.offers[i]));
  return out;
}

void Order::left(size_t i, const route::Health::Look& look) {
  if (call_.explanation) call_.explanation->left(name_of(call_, call_.offers[i]), look);
}

void Order::at_limit(size_t i, milliseconds wait) {
  if (call_.explanation) call_.explanation->at_limit(name_of(call_, call_.offers[i]), wait);
}

}  // namespace hanse::gateway
