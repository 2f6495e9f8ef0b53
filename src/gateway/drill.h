// A drill: for a while chosen offers fail on purpose, on live traffic, inside the program, so that all that
// stands behind them is seen to work (health, fallback, rescue).
//
//   TRY(DrillOrder order, read_drill_order(body));
//   std::optional<DrillOrder::How> how = core.drill ? core.drill->hits(provider, now, random) : ...;
//
// It ends by itself at its time, whoever asked for it, and whether he still is there.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/config.h"
#include "observe/metrics.h"

namespace hanse::gateway {

struct DrillOrder {
  enum class How : uint8_t { refuse, throttle, stall, slow, cut };
  static constexpr milliseconds kLengthMax{3'600'000};
  static constexpr milliseconds kSlow{2'000};  // before a request that is slowed down goes on

  std::vector<std::string> lose;  // names or kinds of providers, their regions, or clouds
  How how = How::refuse;
  double share = 1;  // of the attempts
  milliseconds length{0};
  double slo = 99.9;  // percent of the requests that must be answered
  Time until = kNever;
  mutable std::atomic<bool> ended{false};  // early

  bool is_on(Time now) const { return now < until && !ended.load(std::memory_order_relaxed); }
  bool means(const catalog::Provider& provider) const;
  std::optional<How> hits(const catalog::Provider& provider, Time now, Random& random) const {
    if (!is_on(now) || !means(provider) || random.fraction() >= share) return {};
    return how;
  }
};

std::string_view name_of(DrillOrder::How how);

// {"lose":["aws"],"for_ms":120000,"how":"refuse","share":0.5,"slo":99.9}; `lose` and `for_ms` are needed. An
// error names the member, and what is known.
Result<std::shared_ptr<DrillOrder>> read_drill_order(std::string_view body,
                                                     const std::vector<catalog::Provider>& providers,
                                                     Time now);

// One that the config names, and whether it begins in this minute of 1970's count.
std::shared_ptr<DrillOrder> scheduled_drill(const catalog::Drill& drill, Time now);
bool begins_at(const catalog::Drill& drill, int64_t unix_minute);

// The fullest offer of those whose limits are known. `offer` empty: none is.
struct LeastRoom {
  std::string offer;
  int64_t percent = 100;
};

// What came of it: what was counted until its end, without what had been counted before it.
std::string drill_report(const DrillOrder& order, const observe::Metrics& before,
                         const observe::Metrics& after, const LeastRoom& room, milliseconds took);

}  // namespace hanse::gateway
