#include <cstdio>

#include "cli/config_options.h"
#include "cli/runtime.h"
#include "cli/verbs.h"
#include "sim/clouds.h"

namespace hanse::cli {
namespace {

std::string base_url(const catalog::Config& config, const Address& address) {
  bool any = address.host == "0.0.0.0" || address.host == "::";
  std::string host = any                                           ? "127.0.0.1"
                     : address.host.find(':') == std::string::npos ? address.host
                                                                   : "[" + address.host + "]";
  return (config.server.tls_cert.empty() ? "http://" : "https://") + host + ":" +
         std::to_string(address.port);
}

// What is served, and one line to copy.
void greet(const catalog::Snapshot& snapshot, const std::string& url, bool simulated) {
  constexpr size_t kShown = 12;
  auto names = snapshot.model_names();
  std::printf("hanse: listening on %s\n", url.c_str());
  if (simulated)
    std::printf(
        "hanse: no provider is configured, so two simulated clouds answer (set OPENAI_API_KEY or "
        "ANTHROPIC_API_KEY, or write a hanse.toml)\n");
  std::printf("hanse: %zu models:", names.size());
  for (size_t i = 0; i < names.size() && i < kShown; ++i) std::printf(" %s", names[i].id.c_str());
  std::printf("%s\n", names.size() > kShown ? " ..." : "");
  if (!names.empty()) {
    std::printf(
        "\nTry it:\n  curl %s/v1/chat/completions %s-H 'content-type: application/json' -d "
        "'{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello\"}]}'\n\n",
        url.c_str(), snapshot.has_clients() ? "-H 'authorization: Bearer YOUR_KEY' " : "",
        names.front().id.c_str());
  }
  std::fflush(stdout);
}

Result<void> add_clouds(catalog::Config& config, const sim::Clouds& clouds) {
  TRY(catalog::Catalog rows, catalog::Catalog::load());
  return catalog::add_simulated(config, rows, clouds.url("openai"), clouds.url("anthropic"));
}

// With no provider at all, two clouds of our own stand behind the gateway.
Result<std::unique_ptr<sim::Clouds>> embed_clouds(catalog::Config& config) {
  sim::SimOptions options;
  options.ports = {{"openai", 0}, {"anthropic", 0}};
  options.ttft_ms = 80;
  options.tokens_per_second = 60;
  TRY(auto clouds, sim::Clouds::start(options));
  TRY_VOID(add_clouds(config, *clouds));
  return clouds;
}

int serve(const ConfigOptions& options) {
  auto config = options.load();
  if (!config) return complain(config.error());
  for (const auto& warning : config->warnings) std::fprintf(stderr, "hanse: warning: %s\n", warning.c_str());
  std::unique_ptr<sim::Clouds> clouds;
  if (config->providers.empty()) {
    auto embedded = embed_clouds(*config);
    if (!embedded) return complain(embedded.error());
    clouds = std::move(*embedded);
  }
  auto load_again = [&]() -> Result<catalog::Config> {
    TRY(catalog::Config fresh, options.load());
    if (fresh.providers.empty() && clouds) TRY_VOID(add_clouds(fresh, *clouds));
    return fresh;
  };
  catalog::Config started = *config;
  Runtime runtime(std::move(*config), load_again);
  if (auto listening = runtime.listen(); !listening) return complain(listening.error());
  auto done = runtime.run([&](const catalog::Snapshot& snapshot) {
    greet(snapshot, base_url(started, runtime.addresses().front()), clouds != nullptr);
  });
  return done ? 0 : complain(done.error());
}

}  // namespace

Run add_serve(CLI::App& app) {
  auto* verb = app.add_subcommand("serve", "Answer AI clients (OpenAI Chat Completions, Anthropic Messages)");
  auto options = std::make_shared<ConfigOptions>();
  options->add_to(*verb);
  verb->add_option("--listen,-l", options->listen, "Where to listen, instead of the config's server.listen")
      ->type_name("ADDRESS:PORT");
  return [options] { return serve(*options); };
}

}  // namespace hanse::cli
