// What `hanse check` says of a config.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "catalog/config.h"
#include "catalog/outside.h"

namespace hanse::catalog {
namespace {

using Line = std::vector<std::string>;

// The cells of all lines, each column as wide as its widest cell.
std::string columns(const std::vector<Line>& lines) {
  std::vector<size_t> widths;
  for (const Line& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const Line& line : lines) {
    std::string text = " ";
    for (size_t i = 0; i < line.size(); ++i) text += fmt::format(" {:<{}} ", line[i], widths[i]);
    text.resize(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string names_text(const std::vector<std::string>& names, std::string_view none) {
  constexpr size_t kShown = 6;
  if (names.empty()) return std::string(none);
  size_t shown = std::min(names.size(), kShown);
  std::string out =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
  return names.size() > shown ? out + fmt::format(" and {} more", names.size() - shown) : out;
}

std::string credential_text(const Provider& provider) {
  if (provider.row.auth == "none") return "needs no key";
  if (provider.aws.present()) return "signs with " + provider.aws.source;
  if (provider.credential && !provider.row.signed_service().empty())
    return "signs as " + provider.credential->source;
  if (provider.credential) return "tokens of " + provider.credential->source;
  std::string variable = shown_variable(provider.key_env);
  if (!provider.key_file.empty()) return "key from the file " + provider.key_file;
  if (!provider.key.empty()) return "key from " + variable;
  std::string unset = variable.empty() ? "" : " (" + variable + " is not set)";
  return (provider.row.key_optional ? "no key" : "KEY MISSING") + unset;
}

std::string dialects_text(const Provider& provider) {
  std::vector<std::string_view> names;
  for (const Door& door : provider.doors) names.push_back(door.dialect);
  return fmt::format("{}", fmt::join(names, ", "));
}

// "openai/gpt-5-mini (0.25 / 2), then local/smollm2"
std::string offers_text(const Model& model, const Config& config) {
  std::vector<std::string> out;
  for (const std::string& offer : model.offers) {
    out.push_back(offer);
    const size_t slash = std::min(offer.find('/'), offer.size() - 1);
    auto provider = std::ranges::find(config.providers, offer.substr(0, slash), &Provider::name);
    if (provider == config.providers.end()) continue;
    auto sold = config.known_models->find(provider->row.name, std::string_view(offer).substr(slash + 1));
    if (sold.at && sold.at->input && sold.at->output)
      out.back() += fmt::format(" ({} / {})", dollars_text(*sold.at->input), dollars_text(*sold.at->output));
  }
  return fmt::format("{}", fmt::join(out, ", then "));
}

std::string addresses_text(const Config& config) {
  std::string out = "\nlistens on\n";
  for (const auto& address : config.server.addresses) {
    bool v6 = address.host.find(':') != std::string::npos;
    out += fmt::format("  {}://{}{}{}:{}\n", config.server.tls_cert.empty() ? "http" : "https", v6 ? "[" : "",
                       address.host, v6 ? "]" : "", address.port);
  }
  return out;
}

std::string clients_text(const Config& config) {
  if (config.clients.empty()) return "\nno client keys: everybody who reaches an address may ask\n";
  std::vector<Line> lines;
  for (const auto& client : config.clients)
    lines.push_back({client.name, "may ask for " + names_text(client.models, "all models")});
  return "\nclients\n" + columns(lines);
}

}  // namespace

std::string describe_config(const Config& config) {
  std::string out = fmt::format("{}: good\n", config.path) + addresses_text(config);
  if (config.providers.empty())
    out += "\nno provider is configured: `hanse serve` answers from two simulated clouds\n";
  std::vector<Line> providers, models;
  for (const auto& p : config.providers)
    providers.push_back({p.name, dialects_text(p), p.url.text, credential_text(p), names_text(p.models, "")});
  if (!providers.empty()) out += "\nproviders\n" + columns(providers);
  for (const auto& model : config.models) models.push_back({model.name, offers_text(model, config)});
  if (!models.empty())
    out += "\nmodels\n" + columns(models) +
           "  and any model of a provider as provider/model; prices are dollars for a million tokens, input "
           "/ output\n";
  else if (!providers.empty())
    out += "\nevery model of every provider is served under its own name, and as provider/model\n";
  out += clients_text(config);
  if (!config.warnings.empty()) out += "\n";
  for (const auto& warning : config.warnings) out += "warning: " + warning + "\n";
  return out;
}

}  // namespace hanse::catalog
