// Keeps the list of models true: asks the providers whose config names none, publishes a new snapshot when an
// answer changes it, and asks again while one doesn't answer. Runs on one core; use() and wait_first() are
// for the main thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "catalog/config.h"
#include "catalog/snapshot.h"
#include "gateway/cores.h"

namespace hanse::cli {

class DiscoveryLoop {
 public:
  DiscoveryLoop(net::Reactor& reactor, gateway::Cores& cores, const catalog::Config& config);
  void start();
  void stop();
  // A new config: published at once with what is known, then asked about.
  void use(const catalog::Config& config);
  // Until every provider was asked once, or a few seconds have passed.
  void wait_first();
  std::shared_ptr<const catalog::Snapshot> snapshot();

 private:
  net::Task<void> run();
  net::Task<bool> ask_all();  // true when every provider has answered
  void publish();

  net::Reactor& reactor_;
  gateway::Cores& cores_;
  std::mutex mutex_;  // of what the main thread shares
  std::condition_variable changed_;
  std::shared_ptr<const catalog::Snapshot> snapshot_;
  std::map<std::string, std::vector<std::string>> known_;  // by provider name
  bool asked_once_ = false;
  bool again_ = false;  // of the reactor's thread: a new config came while the providers were asked
  net::Wait wake_;      // of the reactor's thread
  net::Cancel stop_;
};

}  // namespace hanse::cli
