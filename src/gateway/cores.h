// All cores of the process: what is asked of, or told to, each of them. Messages go to a core's reactor;
// nobody touches another core's state.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/answer_store.h"
#include "gateway/core.h"
#include "net/reactor.h"

namespace hanse::gateway {

class Cores {
 public:
  // Before the cores run.
  void add(net::Reactor& reactor, Core& core) { members_.push_back({&reactor, &core}); }
  // A copy of every core's metrics, merged. From a coroutine on any of the cores.
  net::Task<observe::Metrics> collect_metrics();
  // From any thread: every core uses `snapshot` from its next request on.
  void publish(std::shared_ptr<const catalog::Snapshot> snapshot);
  // Every core lets its attempts fail as `order` says. False: another drill is under way.
  bool begin_drill(std::shared_ptr<const DrillOrder> order, Time now);
  // The drill under way ends now. False: there is none.
  bool end_drill(Time now);

  net::ServerCounters server;         // of all cores' servers
  std::atomic<int64_t> in_flight{0};  // requests being answered
  std::atomic<bool> ready{false};     // first look at the providers done, not draining
  std::atomic<uint64_t> reloads{0}, reloads_refused{0};
  AnswerStore answers;  // that clients may go on from
  std::shared_ptr<TokenStore> tokens = std::make_shared<TokenStore>();
  std::shared_ptr<StandingTable> standings = std::make_shared<StandingTable>();
  observe::LogWriter* log_writer = nullptr;

 private:
  struct Member {
    net::Reactor* reactor;
    Core* core;
  };
  std::vector<Member> members_;
  std::mutex drill_mutex_;  // of the next; taken by operators only
  std::shared_ptr<const DrillOrder> drill_;
};

}  // namespace hanse::gateway
