#include "cli/discovery_loop.h"

#include <cstdio>

#include "gateway/discovery.h"

namespace hanse::cli {

DiscoveryLoop::DiscoveryLoop(net::Reactor& reactor, gateway::Cores& cores, const catalog::Config& config)
    : reactor_(reactor), cores_(cores), snapshot_(catalog::Snapshot::build(config)) {}

void DiscoveryLoop::start() {
  reactor_.post([this] { reactor_.spawn(run()); });
}

void DiscoveryLoop::stop() {
  reactor_.post([this] { stop_.fire(); });
}

void DiscoveryLoop::wait_first() {
  constexpr milliseconds kPatience{3000};
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return asked_once_; });
}

std::shared_ptr<const catalog::Snapshot> DiscoveryLoop::snapshot() {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

void DiscoveryLoop::use(const catalog::Config& config) {
  reactor_.post([this, fresh = catalog::Snapshot::build(config)] {
    {
      std::lock_guard lock(mutex_);
      snapshot_ = fresh;
    }
    known_.clear();  // the same name may stand for another server now
    publish();
    again_ = true;
    wake_.wake(net::Wake::ready);
  });
}

// Adds what is known of the providers to the config's snapshot and gives it to every core.
void DiscoveryLoop::publish() {
  auto snapshot = this->snapshot();
  for (const auto& [name, models] : known_) snapshot = snapshot->with_discovered(name, models);
  {
    std::lock_guard lock(mutex_);
    snapshot_ = snapshot;
  }
  cores_.publish(std::move(snapshot));
}

net::Task<bool> DiscoveryLoop::ask_all() {
  net::Resolver resolver;
  auto view = gateway::View::build(snapshot(), nullptr, resolver, *cores_.tokens, *cores_.standings);
  bool complete = true, changed = false;
  for (const auto& access : view->providers) {
    const catalog::Provider& provider = *access.provider;
    bool has_list = provider.models.empty() && !provider.row.models_path.empty();
    if (!has_list || stop_.fired()) continue;
    auto names = co_await gateway::list_models(access, &stop_);
    if (!names) {
      complete = false;
      if (!known_.contains(access.provider->name) && !stop_.fired())
        std::fprintf(stderr, "hanse: provider '%s' does not list its models: %s\n",
                     access.provider->name.c_str(), names.error().message.c_str());
      continue;
    }
    auto& known = known_[access.provider->name];
    changed |= known != *names;
    known = std::move(*names);
  }
  if (changed) publish();
  co_return complete;
}

net::Task<void> DiscoveryLoop::run() {
  constexpr milliseconds kAgainSoon{15'000}, kAgainLater{600'000};
  while (!stop_.fired()) {
    again_ = false;
    bool complete = co_await ask_all();
    {
      std::lock_guard lock(mutex_);
      asked_once_ = true;
    }
    changed_.notify_all();
    if (again_) continue;
    net::Bounds bounds{after(net::Reactor::current().now(), complete ? kAgainLater : kAgainSoon), &stop_};
    (void)co_await net::suspend(wake_, bounds);
  }
}

}  // namespace hanse::cli
