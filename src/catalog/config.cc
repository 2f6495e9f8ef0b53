#include "catalog/config.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "catalog/credential_sources.h"
#include "catalog/outside.h"
#include "catalog/resolve.h"
#include "catalog/snapshot.h"
#include "catalog/toml.h"

namespace hanse::catalog {
namespace {

constexpr size_t kConfigBytesMax = 4 * 1024 * 1024;
constexpr size_t kPemBytesMax = 4 * 1024 * 1024;

std::string with_line(const TomlFile& file, std::string_view table, std::string_view key = {}) {
  return fmt::format("in [{}], line {}", table, file.line_of(table, key));
}

// Reads one config; its parts in the order of the tables.
class Loader {
 public:
  Loader(const TomlFile& file, const Catalog& catalog, Problems& problems, Config& config)
      : file_(file), catalog_(catalog), problems_(problems), config_(config) {}

  void load() {
    file_.expect_only({"server", "limits", "retry", "health", "log", "client", "provider", "model",
                       "concentration", "drill"},
                      problems_);
    file_.read("server", config_.server, problems_);
    file_.read("limits", config_.limits, problems_);
    file_.read("retry", config_.retry, problems_);
    file_.read("health", config_.health, problems_);
    file_.read("log", config_.log, problems_);
    beside(config_.server.tls_cert);
    beside(config_.server.tls_key);
    if (config_.log.is_file()) beside(config_.log.access);
    for (const auto& name : file_.tables("client", problems_)) client(name);
    for (const auto& name : file_.tables("provider", problems_)) provider(name);
    for (const auto& name : file_.tables("model", problems_)) model(name);
    for (const auto& name : file_.tables("concentration", problems_)) concentration(name);
    for (const auto& name : file_.tables("drill", problems_)) drill(name);
    server();
  }

 private:
  void wrong(std::string_view table, std::string_view key, std::string_view what) {
    problems_.add(fmt::format("'{}' {}: {}", key, with_line(file_, table, key), what));
  }

  void named(std::string_view table, const Result<void>& good) {
    if (!good)
      problems_.add(fmt::format("[{}], line {}: {}", table, file_.line_of(table), good.error().message));
  }
  // Files are looked for beside the config, wherever Hanse was started.
  void beside(std::string& path) const {
    size_t folder = config_.path.rfind('/');
    if (!path.empty() && path.front() != '/' && folder != std::string::npos)
      path.insert(0, config_.path, 0, folder + 1);
  }
  // A PEM file that holds a `what`. Whether it is a good one is for those who use it.
  void holds(std::string_view table, std::string_view key, const std::string& path, std::string_view what) {
    if (path.empty()) return;
    auto text = read_file(path, kPemBytesMax);
    if (!text)
      wrong(table, key, fmt::format("{}: {}", path, text.error().message));
    else if (text->find("-----BEGIN ") == std::string::npos || text->find(what) == std::string::npos)
      wrong(table, key, fmt::format("{}: it holds no PEM {}", path, what));
  }

  void client(const std::string& name);
  void read_digest(ClientKey& key, const std::string& table);
  void provider(const std::string& name);
  void signer(Provider& provider, const std::string& table);
  bool check_named(const Provider& provider, const ProviderRow& row, const std::string& table);
  void credentials(Provider& provider, const ProviderRow& row, const std::string& table);
  void model(const std::string& name);
  void shares_without(Model& model, const std::string& table);
  void concentration(const std::string& name);
  void drill(const std::string& name);
  void check_group(std::string_view table, std::string_view key, const std::string& group);
  void server();
  const ProviderRow* row_of(const Provider& provider, const std::string& table);

  const TomlFile& file_;
  const Catalog& catalog_;
  Problems& problems_;
  Config& config_;
  std::vector<std::string> provider_names_;  // also of those that are wrong, so that their offers aren't
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
  named(table, check_name(name));
  file_.read(table, key, problems_);
  beside(key.key_file);
  read_digest(key, table);
  for (const ClientKey& other : config_.clients)
    if ((!key.digest.empty() && other.digest == key.digest) ||
        (!key.access_key_id.empty() && other.access_key_id == key.access_key_id))
      problems_.add(fmt::format("[{}], line {}: its key is also that of [client.{}]", table,
                                file_.line_of(table), other.name));
  config_.clients.push_back(std::move(key));
}

void Loader::read_digest(ClientKey& key, const std::string& table) {
  int given = !key.key_env.empty() + !key.key_file.empty() + !key.key_sha256.empty();
  if (given != 1)
    return problems_.add(fmt::format("[{}], line {}: wanted exactly one of key_env, key_file, key_sha256",
                                     table, file_.line_of(table)));
  if (!key.access_key_id.empty()) {
    if (!is_scope_word(key.access_key_id))
      return wrong(table, "access_key_id", "wanted letters, digits and '-' only");
    if (!key.key_sha256.empty())
      return wrong(table, "key_sha256", "a signature needs the secret itself: wanted key_env or key_file");
  }
  if (!key.key_sha256.empty()) {
    bool hex = key.key_sha256.size() == 64 &&
               key.key_sha256.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (!hex) return wrong(table, "key_sha256", "wanted 64 hex digits (printf %s KEY | sha256sum)");
    key.digest = from_hex(key.key_sha256);
    return;
  }
  std::string_view option = key.key_file.empty() ? "key_env" : "key_file";
  auto secret = read_key(key.key_env, key.key_file);
  if (!secret) return wrong(table, option, secret.error().message);
  if (secret->empty())
    return wrong(table, option,
                 fmt::format("the environment variable {} is not set", shown_variable(key.key_env)));
  if (key.access_key_id.empty())
    key.digest = sha256(secret->reveal());
  else
    key.secret = std::move(*secret);
}

const ProviderRow* Loader::row_of(const Provider& provider, const std::string& table) {
  std::string kind = provider.kind.empty() ? provider.name : provider.kind;
  if (const ProviderRow* row = catalog_.find(kind)) return row;
  std::string_view near = nearest(kind, catalog_.names());
  std::string hint = near.empty() ? fmt::format("; known are {}", fmt::join(catalog_.names(), ", "))
                                  : fmt::format("; did you mean '{}'?", near);
  std::string which =
      provider.kind.empty()
          ? fmt::format("'{}' {} is no known kind, and none is given", kind, with_line(file_, table))
          : fmt::format("unknown kind '{}' {}", kind, with_line(file_, table, "kind"));
  problems_.add(which + hint);
  return nullptr;
}

void Loader::provider(const std::string& name) {
  Provider provider;
  provider.name = name;
  std::string table = "provider." + name;
  named(table, check_provider_name(name));
  file_.read(table, provider, problems_);
  beside(provider.tls_ca);
  provider_names_.push_back(name);
  const ProviderRow* row = row_of(provider, table);
  if (!row) return;
  provider.kind = row->name;
  for (const auto& [header, value] : provider.headers)
    if (auto good = check_header(header, value); !good) wrong(table, "headers", good.error().message);
  credentials(provider, *row, table);
  if (auto resolved = resolve(provider, *row, config_.limits); !resolved)
    wrong(table, resolved.error().field.empty() ? "url" : resolved.error().field, resolved.error().message);
  holds(table, "tls_ca", provider.tls_ca, "CERTIFICATE");
  if (!row->signed_service().empty() && provider.key.empty()) signer(provider, table);
  if (provider.committed && !provider.requests_per_minute && !provider.tokens_per_minute &&
      !provider.concurrency)
    wrong(table, "committed", "wanted concurrency, requests_per_minute or tokens_per_minute with it");
  config_.providers.push_back(std::move(provider));
}

// What the config names explicitly, else the usual variable's key, else what the row's cloud has in its
// place.
void Loader::credentials(Provider& provider, const ProviderRow& row, const std::string& table) {
  beside(provider.key_file);
  beside(provider.credentials_file);
  if (!check_named(provider, row, table)) return;
  const bool named = !provider.key_env.empty() || !provider.key_file.empty();
  if (!provider.metadata && provider.credentials_file.empty()) {
    auto key = read_key(named ? provider.key_env : row.key_env, provider.key_file);
    if (!key) return wrong(table, provider.key_file.empty() ? "key_env" : "key_file", key.error().message);
    provider.key = std::move(*key);
  }
  auto credential = find_credential(provider, row);
  if (!credential) return wrong(table, credential.error().field, credential.error().message);
  provider.credential = std::move(*credential);
  if (provider.credential && provider.project.empty()) provider.project = provider.credential->project();
}

// At most one of the options that name a credential, and none that the row can't use.
bool Loader::check_named(const Provider& provider, const ProviderRow& row, const std::string& table) {
  const std::pair<std::string_view, bool> options[] = {
      {"key_env", !provider.key_env.empty()},
      {"key_file", !provider.key_file.empty()},
      {"credentials_file", !provider.credentials_file.empty()},
      {"metadata", provider.metadata}};
  std::string_view first;
  for (const auto& [name, given] : options) {
    if (!given) continue;
    const bool usable = name == "metadata"           ? !row.token.empty() || !row.signed_service().empty()
                        : name == "credentials_file" ? !row.token.empty()
                                                     : true;
    if (!usable) return wrong(table, name, fmt::format("the kind '{}' has no use for it", row.name)), false;
    if (!first.empty()) return wrong(table, name, fmt::format("wanted one of {} and {}", first, name)), false;
    first = name;
  }
  return true;
}

void Loader::signer(Provider& provider, const std::string& table) {
  auto found = find_aws(provider);
  if (!found) {
    const std::string& field = found.error().field;
    return wrong(table, field.empty() ? "profile" : field, found.error().message);
  }
  provider.aws = std::move(found->keys);
  provider.credential = std::move(found->credential);
}

void Loader::model(const std::string& name) {
  Model model;
  model.name = name;
  std::string table = "model." + name;
  named(table, check_name(name));
  size_t before = problems_.count();
  file_.read(table, model, problems_);
  std::vector<std::string_view> known(provider_names_.begin(), provider_names_.end());
  if (model.offers.empty() && problems_.count() == before)
    problems_.add(fmt::format("[{}], line {}: 'offers' is missing: a list such as [\"openai/gpt-5-mini\"]",
                              table, file_.line_of(table)));
  if (model.policy == "weighted" && model.shares.size() != model.offers.size())
    wrong(table, "shares",
          fmt::format("{} for {} offers; wanted one for each", model.shares.size(), model.offers.size()));
  if (model.policy != "weighted" && !model.shares.empty())
    wrong(table, "shares", "they count only with policy = \"weighted\"");
  if (model.policy == "weighted" && !model.shares.empty() &&
      std::ranges::count(model.shares, 0u) == std::ssize(model.shares))
    wrong(table, "shares", "at least one must be more than 0");
  shares_without(model, table);
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

// What providers belong to (Provider::belongs_to).
void Loader::check_group(std::string_view table, std::string_view key, const std::string& group) {
  std::vector<std::string_view> known;
  for (const Provider& p : config_.providers) {
    if (p.belongs_to(group)) return;
    for (const std::string_view name : p.groups())
      if (!name.empty() && std::ranges::find(known, name) == known.end()) known.push_back(name);
  }
  wrong(table, key, fmt::format("'{}' is none of {}", group, fmt::join(known, ", ")));
}

void Loader::drill(const std::string& name) {
  Drill one;
  one.name = name;
  const std::string table = "drill." + name;
  named(table, check_name(name));
  file_.read(table, one, problems_);
  for (const std::string& group : one.lose) check_group(table, "lose", group);
  for (const auto& [key, is_missing] : {std::pair<std::string_view, bool>{"lose", one.lose.empty()},
                                        {"length", one.length.count() == 0},
                                        {"at", one.at.empty()}})
    if (is_missing) wrong(table, key, "is missing");
  for (const std::string& at : one.at)
    if (!minute_of_day(at)) wrong(table, "at", fmt::format("'{}' is no time such as 03:30", at));
  for (const std::string& day : one.days)
    if (std::ranges::find(kWeekdays, day) == std::end(kWeekdays))
      wrong(table, "days", fmt::format("'{}' is none of {}", day, fmt::join(kWeekdays, ", ")));
  config_.drills.push_back(std::move(one));
}

void Loader::concentration(const std::string& name) {
  constexpr size_t kMost = 16;
  Concentration one;
  one.name = name;
  const std::string table = "concentration." + name;
  named(table, check_name(name));
  file_.read(table, one, problems_);
  check_group(table, "of", one.of);
  if (file_.line_of(table, "most") == file_.line_of(table)) wrong(table, "most", "is missing");
  if (config_.concentrations.size() == kMost) wrong(table, "of", fmt::format("more than {} of them", kMost));
  config_.concentrations.push_back(std::move(one));
}

// "0, 70, 30"; nothing when it is no list of numbers.
std::optional<std::vector<size_t>> read_shares(std::string_view text) {
  constexpr size_t kDigitsMax = 6;
  std::vector<size_t> out;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > kDigitsMax) return {};
    out.push_back(
        static_cast<size_t>(std::strtoull(std::string(text.substr(0, digits)).c_str(), nullptr, 10)));
    text.remove_prefix(digits);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return out;
    if (text.front() != ',') return {};
    text.remove_prefix(1);
  }
}

void Loader::shares_without(Model& model, const std::string& table) {
  if (!model.shares_without_text.empty() && model.policy != "weighted")
    wrong(table, "shares_without", "they count only with policy = \"weighted\"");
  for (const auto& [group, text] : model.shares_without_text) {
    check_group(table, "shares_without", group);
    auto shares = read_shares(text);
    if (!shares || shares->size() != model.offers.size() ||
        std::ranges::count(*shares, 0u) == std::ssize(*shares))
      wrong(table, "shares_without",
            fmt::format("'{}' of '{}': wanted {} numbers with commas, not all of them 0", text, group,
                        model.offers.size()));
    else
      model.shares_without.emplace_back(group, std::move(*shares));
  }
}

void Loader::server() {
  const Server& server = config_.server;
  if (server.tls_cert.empty() != server.tls_key.empty()) {
    wrong("server", server.tls_cert.empty() ? "tls_key" : "tls_cert", "tls_cert and tls_key go together");
  } else {
    holds("server", "tls_cert", server.tls_cert, "CERTIFICATE");
    holds("server", "tls_key", server.tls_key, "PRIVATE KEY");
  }
  if (auto good = resolve_addresses(config_); !good) wrong("server", "listen", good.error().message);
}

}  // namespace

std::pair<std::string, std::string> Provider::credential_header() const {
  if (key.empty() || row.auth == "none") return {};
  if (row.auth == "bearer" || !row.signed_service().empty())
    return {"authorization", "Bearer " + std::string(key.reveal())};
  return {row.auth.substr(std::string_view("header:").size()), std::string(key.reveal())};
}

std::optional<int> minute_of_day(std::string_view text) {
  auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return {};
  const int hour = 10 * digit(0) + digit(1), minute = 10 * digit(3) + digit(4);
  return hour < 24 && minute < 60 ? std::optional(60 * hour + minute) : std::nullopt;
}

Result<Config> parse_config(std::string_view text, std::string_view name, const Catalog& catalog) {
  Config config;
  config.path = name;
  config.known_models = catalog.models();
  Problems problems(name);
  TomlFile file(text, problems);
  if (!problems.any()) Loader(file, catalog, problems, config).load();
  if (problems.any()) return fail(problems.error());
  config.warnings = warnings_of(config);
  return config;
}

Result<Config> load_config(const std::string& path, const Catalog& catalog) {
  auto text = read_file(path, kConfigBytesMax);
  if (!text)
    return fail(Code::bad_request, fmt::format("can't read the config {}: {}", path, text.error().message));
  return parse_config(*text, path, catalog);
}

}  // namespace hanse::catalog
