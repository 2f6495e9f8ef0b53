#include "catalog/config.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "catalog/snapshot.h"
#include "catalog/toml.h"

namespace hanse::catalog {
namespace {

std::string with_line(const TomlFile& file, std::string_view table, std::string_view key = {}) {
  return fmt::format("in [{}], line {}", table, file.line_of(table, key));
}

Result<std::string> read_secret_file(const std::string& path) {
  constexpr size_t kBytesMax = 64 * 1024;
  std::ifstream stream(path);
  if (!stream) return fail(Code::bad_request, "the file can't be read");
  std::string text(kBytesMax, '\0');
  stream.read(text.data(), kBytesMax);
  text.resize(static_cast<size_t>(stream.gcount()));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (text.empty()) return fail(Code::bad_request, "the file is empty");
  return text;
}

// Reads one config; its parts in the order of the tables.
class Loader {
 public:
  Loader(const TomlFile& file, const Catalog& catalog, Problems& problems, Config& config)
      : file_(file), catalog_(catalog), problems_(problems), config_(config) {}

  void load() {
    file_.expect_only({"server", "limits", "log", "client", "provider", "model"}, problems_);
    file_.read("server", config_.server, problems_);
    file_.read("limits", config_.limits, problems_);
    file_.read("log", config_.log, problems_);
    for (const auto& name : file_.tables("client", problems_)) client(name);
    for (const auto& name : file_.tables("provider", problems_)) provider(name);
    for (const auto& name : file_.tables("model", problems_)) model(name);
    server();
  }

 private:
  void wrong(std::string_view table, std::string_view key, std::string_view what) {
    problems_.add(fmt::format("'{}' {}: {}", key, with_line(file_, table, key), what));
  }

  void client(const std::string& name);
  void provider(const std::string& name);
  void model(const std::string& name);
  void server();
  Secret provider_key(const Provider& provider, const std::string& table);

  const TomlFile& file_;
  const Catalog& catalog_;
  Problems& problems_;
  Config& config_;
};

std::string from_hex(std::string_view hex) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return out;
}

void Loader::client(const std::string& name) {
  ClientKey key;
  key.name = name;
  std::string table = "client." + name;
  file_.read(table, key, problems_);
  int given = !key.key_env.empty() + !key.key_file.empty() + !key.key_sha256.empty();
  if (given != 1)
    return problems_.add(fmt::format("[{}], line {}: wanted exactly one of key_env, key_file, key_sha256",
                                     table, file_.line_of(table)));
  if (!key.key_sha256.empty()) {
    bool hex = key.key_sha256.size() == 64 &&
               key.key_sha256.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (!hex) return wrong(table, "key_sha256", "wanted 64 hex digits (printf %s KEY | sha256sum)");
    key.digest = from_hex(key.key_sha256);
  } else if (!key.key_env.empty()) {
    const char* value = std::getenv(key.key_env.c_str());
    if (!value || !*value)
      return wrong(table, "key_env", fmt::format("the environment variable {} is not set", key.key_env));
    key.digest = sha256(value);
  } else {
    auto secret = read_secret_file(key.key_file);
    if (!secret) return wrong(table, "key_file", fmt::format("{}: {}", key.key_file, secret.error().message));
    key.digest = sha256(*secret);
  }
  for (const ClientKey& other : config_.clients)
    if (other.digest == key.digest)
      problems_.add(fmt::format("[{}], line {}: its key is also that of [client.{}]", table,
                                file_.line_of(table), other.name));
  config_.clients.push_back(std::move(key));
}

Secret Loader::provider_key(const Provider& provider, const std::string& table) {
  if (!provider.key_file.empty()) {
    auto secret = read_secret_file(provider.key_file);
    if (secret) return Secret(std::move(*secret));
    wrong(table, "key_file", fmt::format("{}: {}", provider.key_file, secret.error().message));
    return {};
  }
  const std::string& variable = provider.key_env;
  const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
  if (value && *value) return Secret(value);
  if (!provider.row.key_optional && provider.row.auth != "none")
    config_.warnings.push_back(fmt::format("provider '{}' has no key: the environment variable {} is not set",
                                           provider.name, variable));
  return {};
}

// Joins what the config says with the row of its kind.
Result<void> resolve(Provider& provider, const ProviderRow& row, const Limits& limits) {
  provider.row = row;
  provider.dialect = row.dialect;
  if (provider.key_env.empty() && provider.key_file.empty()) provider.key_env = row.key_env;
  for (const auto& [name, value] : row.headers) {
    auto same = [&](const auto& own) { return equal_ignoring_case(own.first, name); };
    if (std::ranges::none_of(provider.headers, same)) provider.headers.emplace_back(name, value);
  }
  provider.output_tokens_max_default = static_cast<int64_t>(row.output_tokens_max);
  if (provider.connect_timeout.count() == 0) provider.connect_timeout = limits.connect;
  if (provider.first_byte_timeout.count() == 0) provider.first_byte_timeout = limits.first_byte;
  std::string_view text = provider.url_text.empty() ? std::string_view(row.url) : provider.url_text;
  if (text.empty())
    return fail(Code::bad_request, fmt::format("a provider of kind '{}' needs a url", row.name));
  TRY(provider.url, parse_url(text));
  return {};
}

void Loader::provider(const std::string& name) {
  Provider provider;
  provider.name = name;
  std::string table = "provider." + name;
  file_.read(table, provider, problems_);
  if (name.find('/') != std::string::npos)
    problems_.add(fmt::format("[{}], line {}: a provider's name has no '/'", table, file_.line_of(table)));
  bool named = !provider.kind.empty();
  if (!named) provider.kind = name;
  const ProviderRow* row = catalog_.find(provider.kind);
  if (!row) {
    std::string_view near = nearest(provider.kind, catalog_.names());
    std::string hint = near.empty() ? fmt::format("; known are {}", fmt::join(catalog_.names(), ", "))
                                    : fmt::format("; did you mean '{}'?", near);
    std::string which =
        named ? fmt::format("unknown kind '{}' {}", provider.kind, with_line(file_, table, "kind"))
              : fmt::format("'{}' {} is no known kind, and none is given", name, with_line(file_, table));
    return problems_.add(which + hint);
  }
  for (const auto& [header, value] : provider.headers)
    if (header.find_first_of(" :\r\n") != std::string::npos || header.empty() ||
        value.find_first_of("\r\n") != std::string::npos)
      wrong(table, "headers", "a header's name or value has bytes that it may not have");
  if (auto resolved = resolve(provider, *row, config_.limits); !resolved)
    wrong(table, "url", resolved.error().message);
  provider.key = provider_key(provider, table);
  config_.providers.push_back(std::move(provider));
}

void Loader::model(const std::string& name) {
  Model model;
  model.name = name;
  std::string table = "model." + name;
  size_t before = problems_.count();
  file_.read(table, model, problems_);
  std::vector<std::string_view> known;
  for (const Provider& provider : config_.providers) known.push_back(provider.name);
  if (model.offers.empty() && problems_.count() == before)
    problems_.add(fmt::format("[{}], line {}: 'offers' is missing: a list such as [\"openai/gpt-5-mini\"]",
                              table, file_.line_of(table)));
  for (const std::string& offer : model.offers) {
    size_t slash = offer.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == offer.size()) {
      wrong(table, "offers", fmt::format("'{}' is not of the form provider/model", offer));
      continue;
    }
    std::string provider = offer.substr(0, slash);
    if (std::ranges::find(known, std::string_view(provider)) != known.end()) continue;
    std::string_view near = nearest(provider, known);
    std::string hint = known.empty()  ? "; no [provider] is configured"
                       : near.empty() ? fmt::format("; known are {}", fmt::join(known, ", "))
                                      : fmt::format("; did you mean '{}'?", near);
    wrong(table, "offers", fmt::format("unknown provider '{}' in '{}'{}", provider, offer, hint));
  }
  config_.models.push_back(std::move(model));
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Result<void> read_addresses(Config& config) {
  config.server.addresses.clear();
  for (const std::string& text : config.server.listen) {
    TRY(HostPort address, parse_host_port(text));
    if (!is_loopback(address.host) && config.clients.empty() && !config.server.open)
      return fail(Code::bad_request, fmt::format("'{}' is reachable from other machines, and no [client] "
                                                 "keys are configured: anybody could spend your money. "
                                                 "Add a [client.NAME] table, or say open = true in [server]",
                                                 text));
    config.server.addresses.push_back(std::move(address));
  }
  if (config.server.addresses.empty()) return fail(Code::bad_request, "at least one address is needed");
  return {};
}

void Loader::server() {
  const Server& server = config_.server;
  if (server.tls_cert.empty() != server.tls_key.empty())
    wrong("server", server.tls_cert.empty() ? "tls_key" : "tls_cert", "tls_cert and tls_key go together");
  if (auto good = read_addresses(config_); !good) wrong("server", "listen", good.error().message);
}

Result<void> add_provider(Config& config, const Catalog& catalog, std::string name, std::string kind,
                          std::string url, std::string key) {
  Provider provider;
  provider.name = std::move(name);
  provider.kind = std::move(kind);
  provider.url_text = std::move(url);
  provider.key = Secret(std::move(key));
  TRY_VOID(resolve(provider, *catalog.find(provider.kind), config.limits));
  config.providers.push_back(std::move(provider));
  return {};
}

}  // namespace

std::pair<std::string, std::string> Provider::credential_header() const {
  if (key.empty() || row.auth == "none") return {};
  if (row.auth == "bearer") return {"authorization", "Bearer " + std::string(key.reveal())};
  return {row.auth.substr(std::string_view("header:").size()), std::string(key.reveal())};
}

Result<Config> parse_config(std::string_view text, std::string_view name, const Catalog& catalog) {
  Config config;
  config.path = name;
  Problems problems(name);
  TomlFile file(text, problems);
  if (!problems.any()) Loader(file, catalog, problems, config).load();
  if (problems.any()) return fail(problems.error());
  return config;
}

Result<Config> load_config(const std::string& path, const Catalog& catalog) {
  std::ifstream stream(path);
  if (!stream) return fail(Code::bad_request, fmt::format("the config '{}' can't be read", path));
  std::stringstream text;
  text << stream.rdbuf();
  return parse_config(text.str(), path, catalog);
}

Result<Config> config_from_environment(const Catalog& catalog) {
  Config config;
  config.path = "environment";
  TRY_VOID(read_addresses(config));
  for (const char* kind : {"openai", "anthropic"}) {
    const ProviderRow* row = catalog.find(kind);
    const char* key = row ? std::getenv(row->key_env.c_str()) : nullptr;
    if (key && *key) TRY_VOID(add_provider(config, catalog, kind, kind, "", key));
  }
  if (const char* url = std::getenv("HANSE_OPENAI_COMPATIBLE_URL"); url && *url) {
    const char* key = std::getenv("HANSE_OPENAI_COMPATIBLE_KEY");
    auto added = add_provider(config, catalog, "local", "openai-compatible", url, key ? key : "");
    if (!added) return fail(Code::bad_request, "HANSE_OPENAI_COMPATIBLE_URL: " + added.error().message);
  }
  return config;
}

Result<void> set_listen(Config& config, std::string_view listen) {
  config.server.listen = {std::string(listen)};
  auto good = read_addresses(config);
  if (!good) return fail(Code::bad_request, "--listen: " + good.error().message);
  return {};
}

Result<void> add_simulated(Config& config, const Catalog& catalog, const std::string& openai_url,
                           const std::string& anthropic_url) {
  TRY_VOID(add_provider(config, catalog, "sim-openai", "openai-compatible", openai_url, ""));
  return add_provider(config, catalog, "sim-anthropic", "anthropic", anthropic_url, "simulated");
}

}  // namespace hanse::catalog
