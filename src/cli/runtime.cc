#include "cli/runtime.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <barrier>
#include <cstdio>
#include <thread>

#include "cli/discovery_loop.h"
#include "gateway/drill_run.h"
#include "gateway/gateway.h"

namespace hanse::cli {
namespace {

sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int s : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&set, s);
  return set;
}

net::ServerLimits server_limits(const catalog::Limits& limits) {
  net::ServerLimits out;
  out.head.bytes = limits.head_bytes;
  out.head.headers = limits.headers;
  out.head.target = limits.target_bytes;
  out.connections = limits.connections;
  out.stream_buffer_bytes = limits.stream_buffer_bytes;
  out.total_buffer_bytes = limits.total_buffer_bytes;
  out.http2_streams = limits.http2_streams;
  out.http2_window_bytes = limits.http2_window_bytes;
  out.http2_stream_window_bytes = limits.http2_stream_window_bytes;
  out.http2_resets_per_second = limits.http2_resets_per_second;
  out.http2_controls_per_second = limits.http2_controls_per_second;
  out.head_timeout = limits.head;
  out.body_timeout = limits.body;
  out.idle_timeout = limits.idle;
  out.write_timeout = limits.client_stall;
  out.drain_timeout = limits.drain;
  return out;
}

// Batches of log lines go out, and idle connections are closed, as long as the core serves.
net::Task<void> housekeeping(gateway::Core& core) {
  constexpr milliseconds kPause{100};
  net::Reactor& reactor = net::Reactor::current();
  int rounds = 0;
  while (!reactor.stopping().fired()) {
    net::Bounds bounds{reactor.now() + kPause, &reactor.stopping()};
    (void)co_await net::sleep(bounds);
    core.log.flush();
    if (++rounds % 50 == 0)
      for (const auto& access : core.view->providers) access.pool->sweep();
  }
}

}  // namespace

// One core. Built and run on its own thread.
struct Runtime::Worker {
  std::thread thread;
  net::Reactor* reactor = nullptr;
  std::vector<net::Server*> servers;
};

Runtime::Runtime(catalog::Config config, std::function<Result<catalog::Config>()> reload)
    : config_(std::move(config)), reload_(std::move(reload)) {}

Runtime::~Runtime() = default;

Result<std::shared_ptr<const net::TlsServerContext>> Runtime::load_tls(const catalog::Config& config) const {
  if (config.server.tls_cert.empty()) return nullptr;
  return net::TlsServerContext::load(config.server.tls_cert, config.server.tls_key);
}

Result<void> Runtime::listen() {
  TRY(tls_, load_tls(config_));
  if (config_.log.access != "off") {
    TRY(log_writer_, observe::LogWriter::open(config_.log.access));
    cores_.log_writer = log_writer_.get();
  }
  size_t threads =
      config_.server.threads ? config_.server.threads : std::max(1u, std::thread::hardware_concurrency());
  listeners_.resize(threads);
  for (const auto& address : config_.server.addresses) {
    uint16_t port = address.port;
    for (auto& of_worker : listeners_) {
      bool first = &of_worker == &listeners_.front();
      TRY(int fd, net::listen_on(address.host, port, &port,
                                 first && port != 0));  // port 0: the first picks, the others follow
      of_worker.push_back(fd);
    }
    bound_.push_back({address.host, port});
  }
  return {};
}

void Runtime::start_workers() {
  auto snapshot = catalog::Snapshot::build(config_);
  auto limits = server_limits(config_.limits);
  // Shared: a worker may still be leaving it when this function has returned.
  auto started = std::make_shared<std::barrier<>>(static_cast<ptrdiff_t>(listeners_.size() + 1));
  std::mutex adding;
  for (auto& of_worker : listeners_) {
    auto worker = std::make_unique<Worker>();
    worker->thread = std::thread([this, started, &adding, &of_worker, snapshot, limits, w = worker.get()] {
      net::Reactor reactor;
      gateway::Core core(snapshot, log_writer_.get(), cores_.tokens, cores_.standings);
      gateway::Gateway gateway(core, cores_);
      std::vector<std::unique_ptr<net::Server>> servers;
      {
        std::lock_guard lock(adding);
        cores_.add(reactor, core);
      }
      w->reactor = &reactor;
      for (int fd : of_worker) {
        servers.push_back(std::make_unique<net::Server>(gateway, limits, cores_.server));
        servers.back()->use_tls(tls_);
        w->servers.push_back(servers.back().get());
        reactor.spawn(servers.back()->run(fd));
      }
      reactor.spawn(housekeeping(core));
      if (&of_worker == &listeners_.front()) reactor.spawn(gateway::keep_drill_schedule(cores_, core));
      started->arrive_and_wait();
      reactor.run();
      core.log.flush();
    });
    workers_.push_back(std::move(worker));
  }
  started->arrive_and_wait();
}

Result<void> Runtime::run(std::function<void(const catalog::Snapshot&)> ready) {
  start_workers();
  DiscoveryLoop discovery(*workers_.front()->reactor, cores_, config_);
  discovery.start();
  discovery.wait_first();
  cores_.ready = true;
  ready(*discovery.snapshot());
  discovery_ = &discovery;
  wait_for_signals();
  cores_.ready = false;
  discovery.stop();
  for (auto& worker : workers_) worker->reactor->stop();
  for (auto& worker : workers_) worker->thread.join();
  return {};
}

void Runtime::wait_for_signals() {
  sigset_t set = handled_signals();
  while (true) {
    int signal = 0;
    if (::sigwait(&set, &signal) != 0) continue;
    if (signal == SIGHUP)
      reload();
    else if (signal == SIGUSR1 && log_writer_)
      log_writer_->reopen();
    else if (signal == SIGTERM || signal == SIGINT)
      break;
  }
  // A second one is for the impatient: the default action.
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGINT, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Runtime::reload() {
  auto fresh = reload_();
  auto tls = fresh ? load_tls(*fresh) : Result<std::shared_ptr<const net::TlsServerContext>>(nullptr);
  if (!fresh || !tls) {
    ++cores_.reloads_refused;
    const Error& error = fresh ? tls.error() : fresh.error();
    std::fprintf(stderr, "hanse: the new config is refused, the old one stays in force:\n%s\n",
                 error.message.c_str());
    return;
  }
  config_ = std::move(*fresh);
  for (auto& worker : workers_)
    worker->reactor->post([w = worker.get(), context = *tls, limits = server_limits(config_.limits)] {
      for (net::Server* server : w->servers) {
        server->use_tls(context);
        server->use_limits(limits);
      }
    });
  discovery_->use(config_);
  ++cores_.reloads;
  std::fprintf(stderr,
               "hanse: the new config is in force (addresses, threads and logs: at the next start)\n");
}

void prepare_process() {
  // Large buffers go back to the kernel when they are freed; glibc would raise this by itself and keep them.
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
  sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

}  // namespace hanse::cli
