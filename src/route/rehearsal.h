// A rehearsal: a load on clouds that fail by a script, in virtual time. What is asked, in which order, how
// long it is waited for and what comes after a failure is decided by the code that decides in the gateway
// (choose, order, health, quota, retry, patience); only the clouds are played.
//
//   Rehearsal rehearsal{.offers = ..., .faults = ..., .policy = Policy::balanced};
//   Rehearsed out = rehearse(rehearsal, load);
//
// The same rehearsal, load and seed give the same outcome.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "catalog/config.h"
#include "catalog/priority.h"
#include "route/choose.h"
#include "route/standing.h"

namespace hanse::route {

// An offer as it is played. A request waits for a slot, then for the first token, then for the others; the
// more slots are taken, the slower all of that (twice as slow when all are).
struct PlayedOffer {
  std::string name;
  uint64_t share = 0;                           // for Policy::weighted
  int64_t price_input = -1, price_output = -1;  // picodollars a token; -1: not known
  SetLimits set;
  milliseconds first_token{400};
  double tokens_per_second = 80;
  int64_t slots = 0;                      // 0: any number
  int64_t queue = 1'000;                  // behind the slots; who comes then gets a 429
  int64_t tells_requests_per_minute = 0;  // it takes so many, says so in its answers, and refuses more
};

struct PlayedFault {
  enum class How : uint8_t { lost, throttled, silent, slow, cut };
  size_t offer = 0;
  milliseconds from{0}, until{0};
  How how = How::lost;
  double share = 1;  // of the attempts
};

struct PlayedRequest {
  milliseconds at{0};
  int64_t input_tokens = 500, output_tokens = 200;
  catalog::Priority priority = catalog::Priority::normal;
};

// Another way to choose, to compare with. `first_token` is told of each attempt that got that far.
class Chooser {
 public:
  virtual ~Chooser() = default;
  // Of the offers `which`; `order` gets their places there.
  virtual void order(std::span<const Facts> facts, std::span<const uint8_t> which, Time now, Random& random,
                     std::span<uint8_t> order) = 0;
  virtual void first_token(size_t /*offer*/, milliseconds /*after*/, Time /*now*/) {}
};
// "random", "round robin", "least requests", "peak EWMA" (of the time to the first token, of two drawn at
// random, as Finagle and Linkerd do it).
std::unique_ptr<Chooser> rival(std::string_view name);

struct Rehearsal {
  std::vector<PlayedOffer> offers;
  std::vector<PlayedFault> faults;
  Policy policy = Policy::balanced;
  std::function<std::unique_ptr<Chooser>()> instead;  // of the policy
  catalog::Retry retry;
  catalog::Health health;
  uint64_t seed = 1;
};

struct RequestOutcome {
  enum class End : uint8_t { answered, failed, shed };
  End end = End::failed;
  milliseconds first_token{-1}, whole{-1};  // after it came
  int attempts = 0, carried_on = 0;
  int64_t price = 0;  // of what was answered, in picodollars, where it is known
};

struct OfferOutcome {
  uint64_t attempts = 0, answers = 0;
  int64_t most_at_once = 0;
  double overload = 0;          // the most that was asked of it, as a part of what it takes
  uint64_t left = 0, back = 0;  // how often its breaker opened, and closed
  Time asked_last{};
  int64_t under_way = 0, outstanding = 0, requests_left = -1;  // at the end
};

struct Rehearsed {
  std::vector<RequestOutcome> requests;  // as in the load
  std::vector<OfferOutcome> offers;
  uint64_t repeated = 0;  // attempts at the same offer once more
};

Rehearsed rehearse(const Rehearsal& rehearsal, std::span<const PlayedRequest> load);

// `per_second` requests, at random moments, with sizes spread as real ones are (many small, few large).
std::vector<PlayedRequest> played_load(milliseconds length, double per_second, uint64_t seed);

}  // namespace hanse::route
