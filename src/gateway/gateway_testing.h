// For tests: a core of the gateway without a socket. Nothing is sent anywhere: requests that would reach a
// provider fail, since nobody listens there.
//
//   Scene scene(R"([provider.a] ...)");
//   FakeExchange& answer = scene.ask("POST", "/v1/messages", body, {{"x-api-key", "k"}});
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>

#include "gateway/gateway.h"
#include "net/exchange_testing.h"

namespace hanse::gateway {

inline std::shared_ptr<const catalog::Snapshot> snapshot_of(std::string_view config) {
  static const catalog::Catalog rows = *catalog::Catalog::load();
  auto parsed = catalog::parse_config(config, "test", rows);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? catalog::Snapshot::build(*parsed) : nullptr;
}

class Scene {
 public:
  using Headers = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit Scene(std::string_view config) : snapshot(snapshot_of(config)) {}

  // The views must stay for as long as the answer is looked at.
  net::FakeExchange& ask(std::string_view method, std::string_view target, std::string_view body = "",
                         Headers headers = {}) {
    exchange_ = std::make_unique<net::FakeExchange>(method, target, body);
    for (auto [name, value] : headers) exchange_->with(name, value);
    net::Reactor reactor;
    Core core(snapshot, nullptr);
    cores.add(reactor, core);
    Gateway gateway(core, cores);
    net::run(reactor, gateway, *exchange_);
    return *exchange_;
  }

  std::shared_ptr<const catalog::Snapshot> snapshot;
  Cores cores;

 private:
  std::unique_ptr<net::FakeExchange> exchange_;
};

}  // namespace hanse::gateway
