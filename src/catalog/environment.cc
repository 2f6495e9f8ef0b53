// A config without a file: from the environment, the command line, or for the simulated clouds.
#include <fmt/format.h>

#include <cstdlib>

#include "catalog/config.h"
#include "catalog/outside.h"
#include "catalog/resolve.h"

namespace hanse::catalog {
namespace {

constexpr const char* kUrlVariable = "HANSE_OPENAI_COMPATIBLE_URL";
constexpr const char* kKeyVariable = "HANSE_OPENAI_COMPATIBLE_KEY";

Result<void> add(Config& config, const Catalog& catalog, std::string_view kind, Provider provider) {
  provider.kind = kind;
  const ProviderRow* row = catalog.find(kind);
  if (!row) return fail(Code::bad_request, fmt::format("the catalogue has no row '{}'", kind));
  TRY_VOID(resolve(provider, *row, config.limits));
  config.providers.push_back(std::move(provider));
  return {};
}

}  // namespace

Result<Config> config_from_environment(const Catalog& catalog) {
  Config config;
  config.path = "environment";
  config.known_models = catalog.models();
  TRY_VOID(resolve_addresses(config));
  for (const char* kind : {"openai", "anthropic"}) {
    const ProviderRow* row = catalog.find(kind);
    if (!row || row->key_env.empty()) continue;
    Provider provider;
    provider.name = kind;
    TRY(provider.key, read_key(row->key_env, {}));
    if (!provider.key.empty()) TRY_VOID(add(config, catalog, kind, std::move(provider)));
  }
  if (const char* url = std::getenv(kUrlVariable); url && *url) {
    Provider provider;
    provider.name = "local";
    provider.url_text = url;
    provider.key_env = kKeyVariable;
    TRY(provider.key, read_key(kKeyVariable, {}));
    auto added = add(config, catalog, "openai-compatible", std::move(provider));
    if (!added) return fail(Code::bad_request, fmt::format("{}: {}", kUrlVariable, added.error().message));
  }
  config.warnings = warnings_of(config);
  return config;
}

Result<void> set_listen(Config& config, std::string_view listen) {
  config.server.listen = {std::string(listen)};
  auto good = resolve_addresses(config);
  if (!good) return fail(Code::bad_request, "--listen: " + good.error().message);
  config.warnings = warnings_of(config);
  return {};
}

Result<void> add_simulated(Config& config, const Catalog& catalog, const std::string& openai_url,
                           const std::string& anthropic_url) {
  Provider openai, anthropic;
  openai.name = "sim-openai";
  openai.url_text = openai_url;
  TRY_VOID(add(config, catalog, "openai-compatible", std::move(openai)));
  anthropic.name = "sim-anthropic";
  anthropic.url_text = anthropic_url;
  anthropic.key = Secret("simulated");
  return add(config, catalog, "anthropic", std::move(anthropic));
}

}  // namespace hanse::catalog
