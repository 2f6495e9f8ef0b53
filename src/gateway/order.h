// The offers of a call, one after the other: those that are well and below their limits, then, as a last
// resort, those that were left. Whose reader has part of an answer, for him all are asked once more.
//
//   while (const catalog::Offer* offer = order.next()) ...
//   if (order.wait()) co_await sleep(*order.wait()), order.look_again();     // others have no room now
//
// Limits that the config sets are never passed; those that an offer has told are, when nobody else is left,
// but not for requests of low priority.
#pragma once

#include <optional>

#include "gateway/call_state.h"
#include "route/choose.h"

namespace hanse::gateway {

class Order {
 public:
  explicit Order(CallState& call);

  // nullptr: none is left that has room. Says in the call how the offer is to be judged.
  const catalog::Offer* next();
  // Until one of those that have no room may have some; nothing: there are none.
  std::optional<milliseconds> wait() const;
  void look_again();

 private:
  enum class Answer : uint8_t { yes, left, full };

  Answer admits(size_t i);
  bool has_room(size_t i, route::Standing& standing, Time now);  // by what the config sets
  bool is_well(size_t i, route::Standing& standing, Time now);
  bool shows_room(size_t i, const route::Standing& standing, Time now);  // by what it has told
  const catalog::Offer* take(size_t i, bool last_resort);
  bool start_again();
  route::Standing* standing_of(size_t i) const;
  void no_room(size_t i, milliseconds wait);

  CallState& call_;
  // Bits of offers: not asked yet; left, until nobody else is there; without room.
  uint64_t untried_, left_ = 0, full_ = 0;
  size_t beyond_;  // the next one of those that have no bit
  milliseconds wait_{0};
};

}  // namespace hanse::gateway
