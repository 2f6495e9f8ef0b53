// How much an offer still takes, as its answers say and as the config does, shared by all cores without a
// lock.
//
//   milliseconds rest = quota.wait(now, tokens);            // 0: it takes a request of so many tokens
//   Reservation taken(&standing->quota, now, tokens, set);  // before it is asked
//   quota.told(kind, report, now), taken.keep();            // its answer has come: what it says holds
//   taken.used(tokens);                                     // and so many it were
//
// Each kind (requests, tokens) is a bucket that fills at an even pace, kept as the moment at which it will be
// full: so one number says how much is in it at any time. What is taken for an attempt that was never
// answered is put back, to the last unit. As long as nothing is known, everything fits. What the config sets
// has buckets of its own, of a minute each: both hold.
//
// Safe from any thread. A vendor's window that doesn't fill evenly is met too early at times: then its 429
// says so (health.h).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace hanse::route {

// What an answer says of one kind; -1: nothing.
struct RateReport {
  int64_t limit = -1, remaining = -1;
  milliseconds full_in{-1};
};

// What the config says that an offer takes; 0: nothing.
struct SetLimits {
  int64_t requests_per_minute = 0, tokens_per_minute = 0;
  int64_t concurrency = 0;  // requests at once (concurrency.h)
};

class Quota {
 public:
  enum class Kind : uint8_t { requests, tokens };
  static constexpr size_t kKinds = 2;

  // How long it should be left alone: as learned, and as set. `spare` percent stay for others
  // (catalog/priority.h).
  milliseconds wait(Time now, int64_t tokens, int spare = 0) const;
  milliseconds wait(Time now, int64_t tokens, const SetLimits& set, int spare = 0) const;
  void told(Kind kind, const RateReport& report, Time now);
  // About what is left, as learned; -1: not known.
  int64_t left(Kind kind, Time now) const;
  // And as set; -1: nothing is.
  int64_t left(Kind kind, Time now, const SetLimits& set) const;

 private:
  friend class Reservation;
  // Of one bucket: how many units it holds, and the time in which one flows in. Pace 0: not known.
  struct Measure {
    int64_t limit = 0, nanos_a_unit = 0;
    static Measure of_minute(int64_t units);
  };
  // Times in microseconds of the clock.
  struct Bucket {
    std::atomic<int64_t> full_at{0};

    int64_t wait(int64_t now, int64_t units, Measure measure, int spare) const;
    int64_t take(int64_t now, int64_t units, Measure measure);  // what was added to full_at
    int64_t left(int64_t now, Measure measure) const;
  };
  struct Learned : Bucket {
    std::atomic<int64_t> nanos_a_unit{0};
    std::atomic<int64_t> limit{0};
    std::atomic<uint32_t> reports{0};
    Measure measure() const {
      return {limit.load(std::memory_order_relaxed), nanos_a_unit.load(std::memory_order_relaxed)};
    }
  };
  std::array<Learned, kKinds> learned_;
  std::array<Bucket, kKinds> set_;
};

// One attempt's part of the quota. Until it ends it holds what was estimated.
class Reservation {
 public:
  Reservation(Quota* quota, Time now, int64_t tokens, const SetLimits& set = {});
  ~Reservation();
  Reservation(const Reservation&) = delete;
  // The offer has counted it, too.
  void keep() { kept_ = true; }
  // What it came to.
  void used(int64_t tokens) { tokens_used_ = tokens; }

 private:
  Quota* quota_;
  bool kept_ = false;
  int64_t tokens_used_;
  SetLimits set_limits_;
  std::array<int64_t, Quota::kKinds> learned_{}, set_{};  // microseconds that were taken
  std::array<uint32_t, Quota::kKinds> reports_{};
};

}  // namespace hanse::route
