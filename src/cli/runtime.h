// The running gateway: one thread a core, each with its reactor, its Core, its servers; signals and reloads
// on the thread that called run().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catalog/config.h"
#include "catalog/snapshot.h"
#include "gateway/cores.h"

namespace hanse::cli {

class DiscoveryLoop;

struct Address {
  std::string host;
  uint16_t port = 0;
};

class Runtime {
 public:
  // `reload` reads the config again; its error leaves the old one in force.
  Runtime(catalog::Config config, std::function<Result<catalog::Config>()> reload);
  ~Runtime();

  // Opens every listener, so that a busy port is an error before anything starts.
  Result<void> listen();
  const std::vector<Address>& addresses() const { return bound_; }
  // Serves until SIGTERM or SIGINT, then drains. `ready` is called once when the models are known.
  Result<void> run(std::function<void(const catalog::Snapshot&)> ready);

 private:
  struct Worker;
  void start_workers();
  void wait_for_signals();
  void reload();
  Result<std::shared_ptr<const net::TlsServerContext>> load_tls(const catalog::Config& config) const;

  catalog::Config config_;
  std::function<Result<catalog::Config>()> reload_;
  std::shared_ptr<const net::TlsServerContext> tls_;
  std::unique_ptr<observe::LogWriter> log_writer_;
  gateway::Cores cores_;
  std::vector<Address> bound_;
  std::vector<std::vector<int>> listeners_;  // by worker
  std::vector<std::unique_ptr<Worker>> workers_;
  DiscoveryLoop* discovery_ = nullptr;
};

// Blocks the signals that Runtime::run and run_sim wait for; before any thread starts. Ignores SIGPIPE and
// raises the limit of open files to what is allowed.
void prepare_process();

}  // namespace hanse::cli
