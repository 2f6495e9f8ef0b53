#include "route/order.h"

#include <bit>

namespace hanse::route {
namespace {

using catalog::Priority;

// Nobody knows when one of the requests at an offer ends.
constexpr milliseconds kPlacesLookedAtAgain{50};
constexpr milliseconds kSharesLookedAtAgain{1'000};

uint64_t all_of(size_t count) { return count >= kOffersMax ? ~uint64_t{0} : (uint64_t{1} << count) - 1; }

uint64_t bit(size_t i) { return uint64_t{1} << i; }

size_t take_lowest(uint64_t& bits) {
  const int i = std::countr_zero(bits);
  bits &= bits - 1;
  return static_cast<size_t>(i);
}

}  // namespace

Order::Order(Offers& offers, size_t count, int64_t tokens, Priority priority)
    : offers_(offers),
      count_(count),
      tokens_(tokens),
      priority_(priority),
      untried_(all_of(count)),
      beyond_(std::min(count, kOffersMax)) {}

std::optional<size_t> Order::next(Time now, bool was_silent) {
  if (last_ && *last_ < kOffersMax) was_silent ? said_no_ &= ~bit(*last_) : said_no_ |= bit(*last_);
  return last_ = choose(now);
}

std::optional<size_t> Order::choose(Time now) {
  trial_ = count_ == 1;
  bent_ = false;
  while (untried_ != 0) {
    const size_t i = take_lowest(untried_);
    place_ = Place();
    const Answer answer = admits(i, now);
    if (answer == Answer::yes) return i;
    (answer == Answer::left ? left_ : answer == Answer::above ? above_ : full_) |= bit(i);
  }
  place_ = Place();
  if (beyond_ < count_) return beyond_++;
  while (above_ != 0 && full_ == 0) {
    const size_t i = take_lowest(above_);
    bent_ = true;
    const Answer answer = admits(i, now);
    if (answer == Answer::yes) return i;
    (answer == Answer::left ? left_ : full_) |= bit(i);
  }
  place_ = Place();
  trial_ = true;
  while (left_ != 0) {
    const size_t i = take_lowest(left_);
    Standing* standing = offers_.standing(i);
    if (!standing || (has_room(i, *standing, now) && may_bend(i, *standing, now))) return i;
    place_ = Place();
    full_ |= bit(i);
  }
  return {};
}

void Order::look_again() {
  untried_ = std::exchange(full_, 0) | std::exchange(above_, 0);
  wait_ = {};
}

bool Order::others_are_well(Time now) {
  if (!may_start_again()) return false;
  for (uint64_t others = said_no_; others != 0;) {
    const Standing* standing = offers_.standing(take_lowest(others));
    if (standing && !standing->health.is_left(now)) return true;
  }
  return false;
}

bool Order::start_again(Round round) {
  if (!may_start_again()) return false;
  second_round_ = true;
  untried_ = round == Round::all ? all_of(count_) : said_no_;
  above_ = left_ = full_ = 0;
  return untried_ != 0;
}

Order::Answer Order::admits(size_t i, Time now) {
  Standing* standing = offers_.standing(i);
  if (!standing) return Answer::yes;
  if (const Share share = bent_ ? Share::within : offers_.share(i); share != Share::within) {
    if (share == Share::above_but_bends) return Answer::above;
    return no_room(i, kSharesLookedAtAgain), Answer::full;
  }
  if (!has_room(i, *standing, now)) return Answer::full;
  const bool alone = count_ == 1;
  if (!shows_room(i, *standing, now)) {
    if (priority_ == Priority::low) return Answer::full;
    if (!alone) return Answer::left;
  }
  return alone || is_well(i, *standing, now) ? Answer::yes : Answer::left;
}

bool Order::has_room(size_t i, Standing& standing, Time now) {
  const SetLimits set = offers_.set(i);
  const int spare = spare_of(priority_);
  const milliseconds wait = standing.quota.wait(now, tokens_, set, spare);
  if (wait.count() > 0) return no_room(i, wait), false;
  auto place = Place::at(standing, places(set.concurrency, 0, spare));
  if (!place) return no_room(i, kPlacesLookedAtAgain), false;
  place_ = std::move(*place);
  return true;
}

bool Order::shows_room(size_t i, const Standing& standing, Time now) {
  const int spare = priority_ == Priority::low ? spare_of(priority_) : 0;
  const milliseconds wait = standing.quota.wait(now, tokens_, spare);
  if (wait.count() > 0) return no_room(i, wait), false;
  const int64_t bears = places(0, standing.concurrency.bears(now), spare);
  if (bears == 0 || standing.concurrency.under_way() <= bears) return true;  // this one is among them
  return no_room(i, kPlacesLookedAtAgain), false;
}

bool Order::is_well(size_t i, Standing& standing, Time now) {
  const Health::Leave leave = standing.health.ask(now);
  trial_ = leave == Health::Leave::trial;
  if (leave == Health::Leave::no) offers_.left(i, standing.health.look(now));
  return leave != Health::Leave::no;
}

// What it told may be wrong; but not what it has just done.
bool Order::may_bend(size_t i, const Standing& standing, Time now) {
  constexpr int kTwentiethMore = -5;
  constexpr milliseconds kRefusalCounts{10'000};
  const bool refused = standing.concurrency.refused_within(kRefusalCounts, now);
  const int64_t under_way = standing.concurrency.under_way();  // this one is among them
  if (under_way <= 1 && !refused) return true;
  const Health::Look look = standing.health.look(now);
  if (look.state == Health::State::resting && look.asked_in.count() > 0)
    return no_room(i, look.asked_in), false;
  const milliseconds wait = standing.quota.wait(now, tokens_, refused ? 0 : kTwentiethMore);
  if (wait.count() > 0) return no_room(i, wait), false;
  const bool refuses = refused && !standing.concurrency.answered_since_refusal();
  const int64_t bears = refuses ? standing.concurrency.bears(now) : 0;
  return bears == 0 || under_way <= bears || (no_room(i, kPlacesLookedAtAgain), false);
}

void Order::no_room(size_t i, milliseconds wait) {
  wait_ = wait_.count() == 0 ? wait : std::min(wait_, wait);
  offers_.at_limit(i, wait);
}

}  // namespace hanse::route
