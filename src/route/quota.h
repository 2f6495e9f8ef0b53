// How much an offer still takes, learned from what its answers say of it, shared by all cores without a lock.
//
//   milliseconds rest = quota.wait(now, tokens);       // 0: it takes a request of so many tokens
//   Reservation taken(&standing->quota, now, tokens);  // before it is asked
//   quota.told(kind, report, now), taken.keep();       // its answer has come: what it says holds
//
// Each kind (requests, tokens) is a bucket that fills at an even pace, kept as the moment at which it will be
// full: so one number says how much is in it at any time. What is taken for an attempt that was never
// answered is put back, to the last unit. As long as nothing is known, everything fits.
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

class Quota {
 public:
  enum class Kind : uint8_t { requests, tokens };
  static constexpr size_t kKinds = 2;

  // How long it should be left alone.
  milliseconds wait(Time now, int64_t tokens) const;
  void told(Kind kind, const RateReport& report, Time now);
  // About what is left; -1: not known.
  int64_t left(Kind kind, Time now) const;

 private:
  friend class Reservation;
  // Times in microseconds of the clock.
  struct Bucket {
    std::atomic<int64_t> full_at{0};
    std::atomic<int64_t> nanos_a_unit{0};  // 0: not known
    std::atomic<int64_t> limit{0};
    std::atomic<uint32_t> reports{0};

    int64_t wait(int64_t now, int64_t units) const;
    int64_t take(int64_t now, int64_t units);  // what was added to full_at
  };
  std::array<Bucket, kKinds> of_;
};

// One attempt's part of the quota.
class Reservation {
 public:
  Reservation(Quota* quota, Time now, int64_t tokens);
  ~Reservation();
  Reservation(const Reservation&) = delete;
  // The offer has counted it, too.
  void keep() { quota_ = nullptr; }

 private:
  Quota* quota_;
  std::array<int64_t, Quota::kKinds> taken_{};
  std::array<uint32_t, Quota::kKinds> reports_{};
};

}  // namespace hanse::route
