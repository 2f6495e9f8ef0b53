// The offers of one call in the order of trying (route/order.h), with what the call has to know of each.
// Whose reader has part of an answer, for him all are asked once more.
#pragma once

#include "gateway/call_state.h"
#include "route/order.h"

namespace hanse::gateway {

class Order final : public route::Order::Offers {
 public:
  explicit Order(CallState& call);

  // nullptr: none is left that has room. Says in the call how the offer is to be judged.
  const catalog::Offer* next();
  // As in route/order.h.
  std::optional<milliseconds> wait() const { return order_.wait(); }
  void look_again() { order_.look_again(); }

 private:
  bool start_again();
  route::Standing* standing(size_t i) override;
  route::SetLimits set(size_t i) override;
  route::Share share(size_t i) override;
  void left(size_t i, const route::Health::Look& look) override;
  void at_limit(size_t i, milliseconds wait) override;

  CallState& call_;
  route::Order order_;
};

}  // namespace hanse::gateway
