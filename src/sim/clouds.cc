#include "sim/clouds.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <latch>
#include <thread>

#include "net/server.h"
#include "sim/cloud.h"
#include "sim/echo.h"

namespace hanse::sim {
namespace {

// OpenAI's address: two languages, each with its own paths; what is no path of the second is the first's.
class OpenAiAddress final : public net::Handler {
 public:
  explicit OpenAiAddress(const CloudOptions& options)
      : chat_(sim::openai(), options), responses_(openai_responses(), options) {}
  net::Task<void> handle(net::Exchange& exchange) override {
    return of(exchange.head().target).handle(exchange);
  }
  net::Refusal refusal(const Error& error, std::string_view target) override {
    return of(target).refusal(error, target);
  }

 private:
  Cloud& of(std::string_view target) {
    return target.starts_with(openai_responses().chat_path()) ? responses_ : chat_;
  }
  Cloud chat_, responses_;
};

std::unique_ptr<net::Handler> make_handler(std::string_view site, const CloudOptions& options) {
  if (site == "openai") return std::make_unique<OpenAiAddress>(options);
  if (site == "anthropic") return std::make_unique<Cloud>(anthropic(), options);
  if (site == "google") return std::make_unique<Cloud>(google(), options);
  if (site == "bedrock") return std::make_unique<Cloud>(bedrock(), options);
  if (site == "cohere") return std::make_unique<Cloud>(cohere(), options);
  return std::make_unique<Echo>();
}

// One handler with its port and a listening socket a thread.
struct Site {
  const SiteKind* kind;
  std::unique_ptr<net::Handler> handler;
  uint16_t port = 0;
  std::vector<int> listeners;  // taken by the servers
};

Result<Site> open_site(const SiteKind& kind, const CloudOptions& cloud, const SimOptions& options,
                       uint16_t port) {
  Site site{&kind, make_handler(kind.name, cloud), port, {}};
  for (int i = 0; i < options.threads; ++i) {
    // Port 0: the first picks, the others follow.
    auto fd = net::listen_on(options.host, site.port, &site.port, site.listeners.empty());
    if (fd) {
      site.listeners.push_back(*fd);
      continue;
    }
    for (int opened : site.listeners) ::close(opened);
    return fail(std::move(fd.error()));
  }
  return site;
}

net::ServerLimits sim_limits() {
  net::ServerLimits limits;
  limits.drain_timeout = milliseconds(1000);  // a stalled answer would never end by itself
  return limits;
}

}  // namespace

struct Clouds::Inside {
  std::string host;
  std::vector<Site> sites;
  net::ServerCounters counters;
  struct Worker {
    std::thread thread;
    net::Reactor* reactor = nullptr;
  };
  std::vector<Worker> workers;
  std::optional<std::latch> started;  // outlives the threads, which may still be looking at it

  ~Inside() {
    for (auto& worker : workers) worker.reactor->stop();
    for (auto& worker : workers) worker.thread.join();
    if (!workers.empty()) return;  // the servers took the listeners
    for (const Site& site : sites)
      for (int fd : site.listeners) ::close(fd);
  }

  Result<void> open(const SimOptions& options) {
    host = options.host;
    TRY(Fault fault, parse_fault(options.fail));
    CloudOptions cloud{
        options.seed, milliseconds(options.ttft_ms), options.tokens_per_second, options.fail_rate, fault,
        options.key};
    for (const SiteKind& kind : kSites) {
      auto port = options.ports.find(kind.name);
      if (port == options.ports.end()) continue;
      TRY(Site site, open_site(kind, cloud, options, port->second));
      sites.push_back(std::move(site));
    }
    return {};
  }

  // One reactor, with a server of each site.
  void work(size_t index) {
    net::Reactor reactor;
    std::vector<std::unique_ptr<net::Server>> servers;
    for (const Site& site : sites) {
      servers.push_back(std::make_unique<net::Server>(*site.handler, sim_limits(), counters));
      reactor.spawn(servers.back()->run(site.listeners[index]));
    }
    workers[index].reactor = &reactor;
    started->count_down();
    reactor.run();
  }

  void start(size_t threads) {
    started.emplace(static_cast<ptrdiff_t>(threads));
    workers.resize(threads);
    for (size_t i = 0; i < threads; ++i) workers[i].thread = std::thread([this, i] { work(i); });
    started->wait();
  }
};

Clouds::Clouds(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Clouds::~Clouds() = default;

Result<std::unique_ptr<Clouds>> Clouds::start(const SimOptions& options) {
  auto inside = std::make_unique<Inside>();
  TRY_VOID(inside->open(options));
  inside->start(static_cast<size_t>(options.threads));
  return std::unique_ptr<Clouds>(new Clouds(std::move(inside)));
}

std::string Clouds::url(std::string_view name) const {
  const std::string& host = inside_->host;
  for (const Site& site : inside_->sites)
    if (site.kind->name == name)
      return fmt::format("http://{}:{}{}", host.find(':') == std::string::npos ? host : "[" + host + "]",
                         site.port, site.kind->base_path);
  return "";
}

Result<void> run_sim(const SimOptions& options) {
  if (options.ports.empty()) {
    std::string names;
    for (const SiteKind& kind : kSites) names += fmt::format("{}--{}", names.empty() ? "" : ", ", kind.name);
    return fail(Code::bad_request,
                "nothing to simulate: give one or more of " + names + " a port (0: any free one)");
  }
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  TRY(auto clouds, Clouds::start(options));
  for (const SiteKind& kind : kSites)
    if (std::string url = clouds->url(kind.name); !url.empty())
      std::printf("sim: %s on %s\n", std::string(kind.name).c_str(), url.c_str());
  std::fflush(stdout);
  int got = 0;
  while (::sigwait(&signals, &got) != 0) {
  }
  return {};
}

}  // namespace hanse::sim
