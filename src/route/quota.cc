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

std::array<int64_t, Quota::kKinds> units_of(int64_t tokens) { return {1, tokens}; }

}  // namespace

Quota::Measure Quota::Measure::of_minute(int64_t units) {
  constexpr int64_t kNanosAMinute = int64_t{60} * 1'000'000'000;
  if (units <= 0) return {};
  return {units, std::max<int64_t>(1, kNanosAMinute / units)};
}

int64_t Quota::Bucket::wait(int64_t now, int64_t units, Measure measure, int spare) const {
  if (measure.nanos_a_unit == 0) return 0;
  const int64_t most = measure.limit;
  const int64_t kept = std::min(most, kUnitsMax) * spare / 100;
  // What is larger than the bucket may be asked of a full one: sizes are estimates.
  const int64_t may_lack = micros_of(most - std::min(units + kept, most), measure.nanos_a_unit);
  return std::max<int64_t>(0, full_at.load(kRelaxed) - now - may_lack);
}

int64_t Quota::Bucket::take(int64_t now, int64_t units, Measure measure) {
  if (measure.nanos_a_unit == 0) return 0;
  const int64_t time = micros_of(std::min(units, measure.limit), measure.nanos_a_unit);
  int64_t old = full_at.load(kRelaxed);
  while (!full_at.compare_exchange_weak(old, std::max(old, now) + time, kRelaxed)) {
  }
  return time;
}

int64_t Quota::Bucket::left(int64_t now, Measure measure) const {
  const auto [limit, pace] = measure;
  if (limit == 0) return -1;
  if (pace == 0) return limit;
  const int64_t lacking_us = std::max<int64_t>(0, full_at.load(kRelaxed) - now);
  const int64_t lacking = lacking_us > kUnitsMax ? limit : (lacking_us * kNanosAMicro + pace - 1) / pace;
  return std::max<int64_t>(0, limit - lacking);
}

namespace {

milliseconds longer(int64_t one_us, int64_t other_us) {
  return milliseconds((std::max(one_us, other_us) + 999) / 1000);
}

}  // namespace

milliseconds Quota::wait(Time now, int64_t tokens, int spare) const {
  const int64_t at = micros(now);
  return longer(learned_[0].wait(at, 1, learned_[0].measure(), spare),
                learned_[1].wait(at, tokens, learned_[1].measure(), spare));
}

milliseconds Quota::wait(Time now, int64_t tokens, const SetLimits& set, int spare) const {
  const int64_t at = micros(now);
  return longer(set_[0].wait(at, 1, Measure::of_minute(set.requests_per_minute), spare),
                set_[1].wait(at, tokens, Measure::of_minute(set.tokens_per_minute), spare));
}

void Quota::told(Kind kind, const RateReport& report, Time now) {
  if (report.remaining < 0 || report.full_in.count() < 0) return;
  Learned& bucket = learned_[static_cast<size_t>(kind)];
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
  const Learned& bucket = learned_[static_cast<size_t>(kind)];
  return bucket.left(micros(now), bucket.measure());
}

int64_t Quota::left(Kind kind, Time now, const SetLimits& set) const {
  const int64_t units = kind == Kind::requests ? set.requests_per_minute : set.tokens_per_minute;
  return set_[static_cast<size_t>(kind)].left(micros(now), Measure::of_minute(units));
}

Reservation::Reservation(Quota* quota, Time now, int64_t tokens, const SetLimits& set)
    : quota_(quota), tokens_used_(tokens), set_limits_(set) {
  if (!quota_) return;
  const auto units = units_of(tokens);
  const std::array<int64_t, Quota::kKinds> set_units = {set.requests_per_minute, set.tokens_per_minute};
  for (size_t i = 0; i < Quota::kKinds; ++i) {
    Quota::Learned& learned = quota_->learned_[i];
    reports_[i] = learned.reports.load(kRelaxed);
    learned_[i] = learned.take(micros(now), units[i], learned.measure());
    set_[i] = quota_->set_[i].take(micros(now), units[i], Quota::Measure::of_minute(set_units[i]));
  }
}

// What the offer has said since then holds: it knows what it counted.
Reservation::~Reservation() {
  if (!quota_) return;
  for (size_t i = 0; i < Quota::kKinds; ++i) {
    Quota::Learned& learned = quota_->learned_[i];
    if (!kept_ && learned_[i] != 0 && learned.reports.load(kRelaxed) == reports_[i])
      learned.full_at.fetch_sub(learned_[i], kRelaxed);
    if (!kept_ && set_[i] != 0) quota_->set_[i].full_at.fetch_sub(set_[i], kRelaxed);
  }
  // Nobody else counts for the buckets that are set: the difference is made up here.
  if (!kept_ || set_[1] == 0) return;
  const auto measure = Quota::Measure::of_minute(set_limits_.tokens_per_minute);
  const int64_t came_to = micros_of(std::min(tokens_used_, measure.limit), measure.nanos_a_unit);
  quota_->set_[1].full_at.fetch_add(came_to - set_[1], kRelaxed);
}

}  // namespace hanse::route
