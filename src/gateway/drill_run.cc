#include "gateway/drill_run.h"

#include <cstdio>

#include "gateway/arrange.h"
#include "net/reactor.h"

namespace hanse::gateway {

using net::Task;

namespace {

constexpr milliseconds kLook{100};  // so often it is seen whether it was ended, and how much room is left

bool is_less(const LeastRoom& one, const LeastRoom& other) {
  return !one.offer.empty() && (other.offer.empty() || one.percent < other.percent);
}

}  // namespace

Task<Result<std::string>> run_drill(Cores& cores, const Core& core, std::shared_ptr<DrillOrder> order) {
  const Time begin = net::Reactor::current().now();
  const observe::Metrics before = co_await cores.collect_metrics();
  if (!cores.begin_drill(order, begin)) co_return fail(Code::overloaded, "another drill is under way");
  std::fprintf(stderr, "hanse: a drill begins, for %lld ms\n", static_cast<long long>(order->length.count()));
  net::Cancel* stopping = &net::Reactor::current().stopping();
  LeastRoom least;
  while (order->is_on(net::Reactor::current().now())) {
    const Time now = net::Reactor::current().now();
    const net::Bounds bounds{std::min(order->until, after(now, kLook)), stopping};
    const bool slept = co_await net::sleep(bounds);
    if (LeastRoom room = cores.standings->least_room(now, configured_by(*core.view)); is_less(room, least))
      least = std::move(room);
    if (!slept) break;
  }
  order->ended.store(true, std::memory_order_relaxed);
  const observe::Metrics at_end = co_await cores.collect_metrics();
  const Time end = net::Reactor::current().now();
  std::string report =
      drill_report(*order, before, at_end, least, std::chrono::duration_cast<milliseconds>(end - begin));
  std::fprintf(stderr, "hanse: the drill has ended: %s\n", report.c_str());
  co_return report;
}

Task<void> keep_drill_schedule(Cores& cores, const Core& core) {
  constexpr milliseconds kTick{1'000};
  int64_t seen = -1;  // minute
  while (true) {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const int64_t minute = std::chrono::duration_cast<std::chrono::minutes>(wall).count();
    const auto snapshot = core.view->snapshot;
    if (std::exchange(seen, minute) != minute)
      for (const catalog::Drill& drill : snapshot->drills) {
        if (!begins_at(drill, minute)) continue;
        auto order = scheduled_drill(drill, net::Reactor::current().now());
        auto report = co_await run_drill(cores, core, std::move(order));
        if (!report)
          std::fprintf(stderr, "hanse: no drill '%s': %s\n", drill.name.c_str(),
                       report.error().message.c_str());
      }
    const net::Bounds bounds{after(net::Reactor::current().now(), kTick),
                             &net::Reactor::current().stopping()};
    const bool slept = co_await net::sleep(bounds);
    if (!slept) co_return;
  }
}

}  // namespace hanse::gateway
