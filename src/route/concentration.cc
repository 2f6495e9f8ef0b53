#include "route/concentration.h"

#include <algorithm>

namespace hanse::route {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

int64_t slot_of(Time now, milliseconds window, size_t slots) {
  const auto ms = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
  return ms / std::max<int64_t>(1, window.count() / static_cast<int64_t>(slots));
}

}  // namespace

void Concentration::add(Time now, milliseconds window, int64_t units, bool in_group) {
  const int64_t when = slot_of(now, window, kSlots);
  Slot& slot = slots_[static_cast<size_t>(when) % kSlots];
  int64_t was = slot.when.load(kRelaxed);
  if (was != when && slot.when.compare_exchange_strong(was, when, kRelaxed)) {
    slot.requests.store(0, kRelaxed);
    slot.all.store(0, kRelaxed);
    slot.group.store(0, kRelaxed);
  }
  slot.requests.fetch_add(units < 0 ? -1 : 1, kRelaxed);
  slot.all.fetch_add(units, kRelaxed);
  if (in_group) slot.group.fetch_add(units, kRelaxed);
}

Concentration::Sums Concentration::sums(Time now, milliseconds window) const {
  const int64_t when = slot_of(now, window, kSlots);
  Sums out;
  for (const Slot& slot : slots_) {
    const int64_t age = when - slot.when.load(kRelaxed);
    if (slot.when.load(kRelaxed) < 0 || age < 0 || age >= static_cast<int64_t>(kSlots)) continue;
    out.requests += slot.requests.load(kRelaxed);
    out.all += slot.all.load(kRelaxed);
    out.group += slot.group.load(kRelaxed);
  }
  return out;
}

bool Concentration::is_over(Time now, milliseconds window, int64_t units, int64_t percent) const {
  const Sums seen = sums(now, window);
  if (seen.requests < kFew) return false;
  return static_cast<double>(seen.group + units) * 100 >
         static_cast<double>(seen.all + units) * static_cast<double>(percent);
}

int64_t Concentration::percent(Time now, milliseconds window) const {
  const Sums seen = sums(now, window);
  if (seen.requests < kFew || seen.all <= 0) return -1;
  return static_cast<int64_t>(100 * static_cast<double>(seen.group) / static_cast<double>(seen.all));
}

}  // namespace hanse::route
