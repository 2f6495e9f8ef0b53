// The offers of one call in the order of trying (route/order.h), with what the call has to know of each.
// All are asked once more for a reader who has part of an answer, and where the last one kept silent: the
// time that this took may have made the others well.
#pragma once

#include "gateway/call_state.h"
#include "route/order.h"

namespace hanse::gateway {

class Order final : public route::Order::Offers {
 public:
  explicit Order(CallState& call);

  // nullptr: none is left that has room. Says in the call how the offer is to be judged.
  const catalog::Offer* next(bool was_silent = false);
  // As in route/order.h.
  std::optional<milliseconds> wait() const { return order_.wait(); }
  void look_again() { order_.look_again(); }

 private:
  route::Standing* standing(size_t i) override;
  route::SetLimits set(size_t i) override;
  route::Share share(size_t i) override;
  void left(size_t i, const route::Health::Look& look) override;
  void at_limit(size_t i, milliseconds wait) override;

  CallState& call_;
  route::Order order_;
};

}  // namespace hanse::gateway
