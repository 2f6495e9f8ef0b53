#include "route/quota.h"

#include <algorithm>

namespace hanse::route {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr int64_t kNanosAMicro = 1000;
// No vendor's window is longer, and products of it with a unit's time stay far from overflow.
constexpr milliseconds kFullInMax{24 * 3600 * 1000};
constexpr int64_t kUnitsMax = 1'000'000'000'000;

int64_t micros(Time now) {
  return std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
}

int64_t micros_of(int64_t units, int64_t nanos_a_unit) {
  constexpr int64_t kMax = 2 * std::chrono::duration_cast<std::chrono::microseconds>(kFullInMax).count();
  if (units > kMax * kNanosAMicro / std::max<int64_t>(1, nanos_a_unit)) return kMax;
  return units * nanos_a_unit / kNanosAMicro;
}

}  // namespace

int64_t Quota::Bucket::wait(int64_t now, int64_t units) const {
  const int64_t pace = nanos_a_unit.load(kRelaxed);
  if (pace == 0) return 0;
  const int64_t most = limit.load(kRelaxed);
  // What is larger than the bucket may be asked of a full one: sizes are estimates.
  const int64_t may_lack = micros_of(most - std::min(units, most), pace);
  return std::max<int64_t>(0, full_at.load(kRelaxed) - now - may_lack);
}

int64_t Quota::Bucket::take(int64_t now, int64_t units) {
  const int64_t pace = nanos_a_unit.load(kRelaxed);
  if (pace == 0) return 0;
  const int64_t time = micros_of(std::min(units, limit.load(kRelaxed)), pace);
  int64_t old = full_at.load(kRelaxed);
  while (!full_at.compare_exchange_weak(old, std::max(old, now) + time, kRelaxed)) {
  }
  return time;
}

milliseconds Quota::wait(Time now, int64_t tokens) const {
  const int64_t at = micros(now);
  const int64_t longest = std::max(of_[0].wait(at, 1), of_[1].wait(at, tokens));
  return milliseconds((longest + 999) / 1000);
}

void Quota::told(Kind kind, const RateReport& report, Time now) {
  if (report.remaining < 0 || report.full_in.count() < 0) return;
  Bucket& bucket = of_[static_cast<size_t>(kind)];
  const int64_t remaining = std::min(report.remaining, kUnitsMax);
  // Who doesn't say its limit has at least what was seen.
  const int64_t known = report.limit > 0 ? std::min(report.limit, kUnitsMax) : bucket.limit.load(kRelaxed);
  const int64_t limit = std::max({known, remaining, int64_t{1}});
  const int64_t lacking = limit - remaining;
  const auto full_in = std::min(report.full_in, kFullInMax);
  const int64_t fills = std::chrono::duration_cast<std::chrono::microseconds>(full_in).count();
  bucket.limit.store(limit, kRelaxed);
  bucket.reports.fetch_add(1, kRelaxed);
  // A full one says nothing of its pace.
  if (lacking > 0) bucket.nanos_a_unit.store(std::max<int64_t>(1, fills * kNanosAMicro / lacking), kRelaxed);
  bucket.full_at.store(micros(now) + (lacking > 0 ? fills : 0), kRelaxed);
}

int64_t Quota::left(Kind kind, Time now) const {
  const Bucket& bucket = of_[static_cast<size_t>(kind)];
  const int64_t pace = bucket.nanos_a_unit.load(kRelaxed);
  const int64_t limit = bucket.limit.load(kRelaxed);
  if (limit == 0) return -1;
  if (pace == 0) return limit;
  const int64_t lacking_us = std::max<int64_t>(0, bucket.full_at.load(kRelaxed) - micros(now));
  const int64_t lacking = lacking_us > kUnitsMax ? limit : (lacking_us * kNanosAMicro + pace - 1) / pace;
  return std::max<int64_t>(0, limit - lacking);
}

Reservation::Reservation(Quota* quota, Time now, int64_t tokens) : quota_(quota) {
  if (!quota_) return;
  const std::array<int64_t, Quota::kKinds> units = {1, tokens};
  for (size_t i = 0; i < Quota::kKinds; ++i) {
    reports_[i] = quota_->of_[i].reports.load(kRelaxed);
    taken_[i] = quota_->of_[i].take(micros(now), units[i]);
  }
}

// What the offer has said since then holds: it knows what it counted.
Reservation::~Reservation() {
  if (!quota_) return;
  for (size_t i = 0; i < Quota::kKinds; ++i) {
    Quota::Bucket& bucket = quota_->of_[i];
    if (taken_[i] != 0 && bucket.reports.load(kRelaxed) == reports_[i])
      bucket.full_at.fetch_sub(taken_[i], kRelaxed);
  }
}

}  // namespace hanse::route
