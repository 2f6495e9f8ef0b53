#include "gateway/order.h"

#include "gateway/arrange.h"
#include "gateway/shares.h"
#include "net/reactor.h"

namespace hanse::gateway {

Order::Order(CallState& call)
    : call_(call), order_(*this, call.offers.size(), tokens_under_way(call), call.priority) {}

const catalog::Offer* Order::next() {
  call_.place = {};
  const auto i = order_.next(net::Reactor::current().now());
  if (!i) return start_again() ? next() : nullptr;
  call_.place = order_.take_place();
  call_.standing = standing(*i);
  call_.trial = order_.trial();
  call_.others_left = order_.others_left();
  if (order_.bent()) {
    ++call_.core.metrics.shares_bent;
    if (call_.explanation) call_.explanation->bends(name_of(call_, call_.offers[*i]));
  }
  return &call_.offers[*i];
}

bool Order::start_again() {
  if (call_.second_round || !call_.exchange.started() || call_.offers.size() == 1) return false;
  call_.second_round = true;
  order_.start_again();
  return true;
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
