// The offers of a request, one after the other: those that are well and below their limits, then, as a last
// resort, those that were left.
//
//   while (std::optional<size_t> i = order.next(now)) ...      // asked in the end: order.take_place()
//   if (order.wait()) sleep(*order.wait()), order.look_again();     // the others have no room now
//
// Limits that the config sets are never passed. Those that an offer has told are when nobody else is left, by
// a twentieth, or by a single request at a time; but not for requests of low priority.
#pragma once

#include <cstdint>
#include <optional>

#include "catalog/priority.h"
#include "route/choose.h"
#include "route/standing.h"

namespace hanse::route {

enum class Share : uint8_t { within, above, above_but_bends };

class Order {
 public:
  // What is to be known of the offers, by their places in the order of trying; and who is told why one isn't
  // asked.
  class Offers {
   public:
    virtual ~Offers() = default;
    virtual Standing* standing(size_t i) = 0;  // nullptr: nobody watches it
    virtual SetLimits set(size_t i) = 0;
    // Whether with this request more than its share would go there (concentration.h).
    virtual Share share(size_t /*i*/) { return Share::within; }
    virtual void left(size_t /*i*/, const Health::Look& /*look*/) {}
    virtual void at_limit(size_t /*i*/, milliseconds /*wait*/) {}
  };

  Order(Offers& offers, size_t count, int64_t tokens, catalog::Priority priority);

  // Nothing: none is left that has room. It holds a place there until the next one is asked for.
  // `was_silent`: the one before said nothing in time.
  std::optional<size_t> next(Time now, bool was_silent = false);
  Place take_place() { return std::move(place_); }
  // Whether this attempt shows if the offer is back.
  bool trial() const { return trial_; }
  // Whether somebody else could be asked after it.
  bool others_left() const { return untried_ != 0 || above_ != 0 || left_ != 0 || beyond_ < count_; }
  // Of those that were: who said no, and is well by now.
  bool others_are_well(Time now);
  // It is asked although more than its share goes there, for nobody else is left.
  bool bent() const { return bent_; }

  // Until one of those that have no room may have some; nothing: there are none.
  std::optional<milliseconds> wait() const { return full_ ? std::optional(wait_) : std::nullopt; }
  void look_again();
  // Once more, if there are several and it isn't the second time: all, or those that weren't silent.
  enum class Round : uint8_t { all, not_the_silent };
  bool start_again(Round round);
  bool may_start_again() const { return count_ > 1 && !second_round_; }

 private:
  enum class Answer : uint8_t { yes, above, left, full };

  std::optional<size_t> choose(Time now);
  Answer admits(size_t i, Time now);
  bool has_room(size_t i, Standing& standing, Time now);          // by what the config sets
  bool shows_room(size_t i, const Standing& standing, Time now);  // by what it has told
  bool is_well(size_t i, Standing& standing, Time now);
  bool may_bend(size_t i, const Standing& standing, Time now);
  void no_room(size_t i, milliseconds wait);

  Offers& offers_;
  size_t count_;
  int64_t tokens_;
  catalog::Priority priority_;
  // Bits of offers: not asked yet; above their share; left, until nobody else is there; without room.
  uint64_t untried_, above_ = 0, left_ = 0, full_ = 0;
  uint64_t said_no_ = 0;  // were asked, and said something
  std::optional<size_t> last_;
  size_t beyond_;  // the next one of those that have no bit
  milliseconds wait_{0};
  Place place_;
  bool trial_ = false, bent_ = false, second_round_ = false;
};

}  // namespace hanse::route
