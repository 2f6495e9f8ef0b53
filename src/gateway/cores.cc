#include "gateway/cores.h"

namespace hanse::gateway {

net::Task<observe::Metrics> Cores::collect_metrics() {
  // Lives in this frame; the members' messages refer to it, and the last one wakes us.
  struct Gathering {
    observe::Metrics sum;
    size_t missing;
    net::Wait wait;
  };
  Gathering gathering{{}, members_.size(), {}};
  net::Reactor* asking = &net::Reactor::current();
  for (const Member& member : members_) {
    member.reactor->post([&gathering, member, asking] {
      observe::Metrics copy = member.core->metrics;
      copy.gauges.provider_connections = static_cast<int64_t>(member.core->provider_connections());
      asking->post([&gathering, copy = std::move(copy)] {
        gathering.sum.merge(copy);
        if (--gathering.missing == 0) gathering.wait.wake(net::Wake::ready);
      });
    });
  }
  net::Bounds forever;
  while (gathering.missing > 0) co_await net::suspend(gathering.wait, forever);
  observe::Metrics all = std::move(gathering.sum);
  all.gauges.in_flight = in_flight.load(std::memory_order_relaxed);
  all.gauges.connections = server.connections.load(std::memory_order_relaxed);
  all.gauges.buffered_bytes = server.buffered_bytes.load(std::memory_order_relaxed);
  all.reloads = reloads.load(std::memory_order_relaxed);
  all.reloads_refused = reloads_refused.load(std::memory_order_relaxed);
  if (log_writer) all.log_lines_dropped = log_writer->dropped();
  co_return all;
}

void Cores::publish(std::shared_ptr<const catalog::Snapshot> snapshot) {
  for (const Member& member : members_)
    member.reactor->post([core = member.core, snapshot] { core->use(snapshot); });
}

bool Cores::begin_drill(std::shared_ptr<const DrillOrder> order, Time now) {
  std::lock_guard lock(drill_mutex_);
  if (drill_ && drill_->is_on(now)) return false;
  drill_ = order;
  for (const Member& member : members_)
    member.reactor->post([core = member.core, order] { core->drill = order; });
  return true;
}

bool Cores::end_drill(Time now) {
  std::lock_guard lock(drill_mutex_);
  if (!drill_ || !drill_->is_on(now)) return false;
  drill_->ended.store(true, std::memory_order_relaxed);
  return true;
}

}  // namespace hanse::gateway
