#include "catalog/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "catalog/outside.h"

namespace hanse::catalog {
namespace {

bool is_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

// A provider at an address of Hanse's own: a request would go round until the connections run out.
bool calls_itself(const Provider& provider, const Server& server) {
  return std::ranges::any_of(server.addresses, [&](const HostPort& own) {
    if (own.port == 0 || own.port != provider.url.port) return false;
    bool here = is_loopback(provider.url.host);
    return provider.url.host == own.host || (here && (is_loopback(own.host) || is_any_address(own.host)));
  });
}

std::string_view missing_credential(const ProviderRow& row) {
  if (row.token == "entra")
    return "Entra's credentials (AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret; metadata)";
  return "Google's credentials (credentials_file, GOOGLE_APPLICATION_CREDENTIALS, metadata)";
}

void warn_of(const Provider& provider, const Server& server, std::vector<std::string>& out) {
  const ProviderRow& row = provider.row;
  const bool bare = !provider.has_credential();
  if (bare && !row.signed_service().empty())
    out.push_back(fmt::format("provider '{}' has neither a key ({} is not set) nor AWS credentials",
                              provider.name, shown_variable(provider.key_env)));
  else if (bare && !row.token.empty())
    out.push_back(fmt::format("provider '{}' has neither a key ({} is not set) nor {}", provider.name,
                              shown_variable(provider.key_env), missing_credential(row)));
  else if (bare && row.auth != "none" && !row.key_optional)
    out.push_back(provider.key_env.empty()
                      ? fmt::format("provider '{}' has no key: name its variable with key_env", provider.name)
                      : fmt::format("provider '{}' has no key: the environment variable {} is not set",
                                    provider.name, shown_variable(provider.key_env)));
  if ((!provider.key.empty() || provider.credential) && !provider.url.tls && !is_loopback(provider.url.host))
    out.push_back(fmt::format("provider '{}': its key goes out unencrypted, {} has no TLS", provider.name,
                              provider.url.text));
  if (calls_itself(provider, server))
    out.push_back(
        fmt::format("provider '{}' is at {}, where Hanse itself listens", provider.name, provider.url.text));
}

// With [model] tables the names that clients can ask for are known.
void warn_of(const ClientKey& client, const Config& config, std::vector<std::string>& out) {
  std::vector<std::string_view> known;
  for (const Model& model : config.models) known.push_back(model.name);
  for (const std::string& name : client.models) {
    auto is_provider = [&](const Provider& p) { return name.substr(0, name.find('/')) == p.name; };
    bool addressed =
        name.find('/') != std::string::npos && std::ranges::any_of(config.providers, is_provider);
    if (addressed || std::ranges::find(known, std::string_view(name)) != known.end()) continue;
    std::string_view near = nearest(name, known);
    out.push_back(fmt::format("client '{}' may ask for '{}', which is not served{}", client.name, name,
                              near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
}

// The row's doors, or those of them that the config names, in its order.
Result<std::vector<Door>> doors_of(const Provider& provider, const ProviderRow& row) {
  std::vector<Door> all = row.doors();
  if (provider.dialects.empty()) return all;
  std::vector<Door> out;
  for (const std::string& name : provider.dialects) {
    auto found = std::ranges::find(all, name, &Door::dialect);
    if (found == all.end())
      return fail(Code::bad_request, fmt::format("'{}' is no dialect of the kind '{}'", name, row.name))
          .at("dialects");
    out.push_back(*found);
  }
  return out;
}

Settings settings_of(const Provider& provider, const ProviderRow& row) {
  return {{"resource", provider.resource},
          {"region", provider.region},
          {"project", provider.project},
          {"location", provider.location},
          {"api_version", provider.api_version.empty() ? row.api_version : provider.api_version}};
}

// What becomes part of a host's name or of a path: nothing that could end either.
Result<void> check_settings(const Settings& settings) {
  for (const auto& [name, value] : settings) {
    auto good = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '.' || c == '_' || c == ':';
    };
    if (!std::ranges::all_of(value, good) || (!value.empty() && is_dots(value)))
      return fail(Code::bad_request, "wanted letters, digits, '-', '.', '_' and ':' only")
          .at(std::string(name));
  }
  return {};
}

// The config's, else that of the row at the provider's location.
std::string_view url_of(const Provider& provider, const ProviderRow& row) {
  if (!provider.url_text.empty()) return provider.url_text;
  for (const auto& [location, url] : row.urls)
    if (location == provider.location) return url;
  return row.url;
}

}  // namespace

Result<void> resolve(Provider& provider, const ProviderRow& row, const Limits& limits) {
  provider.row = row;
  if (!provider.region.empty() && !is_scope_word(provider.region))
    return fail(Code::bad_request, "wanted letters, digits and '-' only").at("region");
  TRY(provider.doors, doors_of(provider, row));
  if (provider.key_env.empty() && provider.key_file.empty()) provider.key_env = row.key_env;
  for (const auto& [name, value] : row.headers) {
    auto same = [&](const auto& own) { return equal_ignoring_case(own.first, name); };
    if (std::ranges::none_of(provider.headers, same)) provider.headers.emplace_back(name, value);
  }
  provider.output_tokens_max_default = static_cast<int64_t>(row.output_tokens_max);
  if (provider.connect_timeout.count() == 0) provider.connect_timeout = limits.connect;
  if (provider.first_byte_timeout.count() == 0) provider.first_byte_timeout = limits.first_byte;
  const std::string_view text = url_of(provider, row);
  if (text.empty())
    return fail(Code::bad_request, fmt::format("a provider of kind '{}' needs a url", row.name));
  const Settings settings = settings_of(provider, row);
  TRY_VOID(check_settings(settings));
  TRY(std::string filled, fill(text, settings));
  TRY(provider.url, parse_url(filled));
  for (Door& door : provider.doors) {
    TRY(door.path, fill(door.path, settings));
    TRY(door.stream_path, fill(door.stream_path, settings));
  }
  TRY(provider.row.models_path, fill(row.models_path, settings));
  return {};
}

Result<void> resolve_addresses(Config& config) {
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

std::vector<std::string> warnings_of(const Config& config) {
  std::vector<std::string> out;
  for (const Provider& provider : config.providers) warn_of(provider, config.server, out);
  if (!config.models.empty())
    for (const ClientKey& client : config.clients) warn_of(client, config, out);
  return out;
}

}  // namespace hanse::catalog
