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

// One handler with its port and a listening socket a thread.
struct Site {
  std::unique_ptr<net::Handler> handler;
  uint16_t port = 0;
  std::vector<int> listeners;  // taken by the servers
};

Result<Site> open_site(std::unique_ptr<net::Handler> handler, const SimOptions& options, uint16_t port) {
  Site site{std::move(handler), port, {}};
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

std::string url_of(const std::string& host, const std::optional<Site>& site, std::string_view path) {
  if (!site) return "";
  std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return fmt::format("http://{}:{}{}", name, site->port, path);
}

}  // namespace

struct Clouds::Inside {
  std::string host;
  std::optional<Site> openai, anthropic, echo;
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
    for (auto* site : {&openai, &anthropic, &echo})
      if (*site)
        for (int fd : (*site)->listeners) ::close(fd);
  }

  Result<void> open(const SimOptions& options) {
    host = options.host;
    TRY(Fault fault, parse_fault(options.fail));
    CloudOptions cloud{
        options.seed, milliseconds(options.ttft_ms), options.tokens_per_second, options.fail_rate, fault,
        options.key};
    if (options.openai_port) {
      TRY(openai, open_site(std::make_unique<OpenAiAddress>(cloud), options, *options.openai_port));
    }
    if (options.anthropic_port) {
      TRY(anthropic,
          open_site(std::make_unique<Cloud>(sim::anthropic(), cloud), options, *options.anthropic_port));
    }
    if (options.echo_port) {
      TRY(echo, open_site(std::make_unique<Echo>(), options, *options.echo_port));
    }
    return {};
  }

  // One reactor, with a server of each site.
  void work(size_t index) {
    net::Reactor reactor;
    std::vector<std::unique_ptr<net::Server>> servers;
    for (auto* site : {&openai, &anthropic, &echo}) {
      if (!*site) continue;
      servers.push_back(std::make_unique<net::Server>(*(*site)->handler, sim_limits(), counters));
      reactor.spawn(servers.back()->run((*site)->listeners[index]));
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

std::string Clouds::openai_url() const { return url_of(inside_->host, inside_->openai, "/v1"); }
std::string Clouds::anthropic_url() const { return url_of(inside_->host, inside_->anthropic, ""); }
std::string Clouds::echo_url() const { return url_of(inside_->host, inside_->echo, ""); }

Result<void> run_sim(const SimOptions& options) {
  if (!options.openai_port && !options.anthropic_port && !options.echo_port)
    return fail(Code::bad_request,
                "nothing to simulate: give --openai, --anthropic or --echo a port (0: any free one)");
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  TRY(auto clouds, Clouds::start(options));
  for (const auto& [name, url] :
       {std::pair("openai", clouds->openai_url()), std::pair("anthropic", clouds->anthropic_url()),
        std::pair("echo", clouds->echo_url())})
    if (!url.empty()) std::printf("sim: %s on %s\n", name, url.c_str());
  std::fflush(stdout);
  int got = 0;
  while (::sigwait(&signals, &got) != 0) {
  }
  return {};
}

}  // namespace hanse::sim
