// The texts that are generated from the descriptions: help, reference pages, JSON schema, what `check` says.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.h"
#include "catalog/config.h"

namespace hanse::catalog {
namespace {

struct Table {
  std::string_view name;
  std::string_view about;
  std::vector<OptionFacts> options;
};

std::vector<Table> tables() {
  return {
      {"server", "Where Hanse listens.", facts_of<Server>()},
      {"provider.NAME",
       "A cloud or server that answers. NAME is yours; it is also the kind when it is one of the "
       "catalogue's.",
       facts_of<Provider>()},
      {"model.NAME",
       "A name that clients ask for, and who may answer. Without any, every model of every provider is "
       "served under its own name. "
       "`provider/model` always works as well.",
       facts_of<Model>()},
      {"client.NAME",
       "A key that clients may use, sent as `Authorization: Bearer KEY` or `x-api-key: KEY`. Give exactly "
       "one of the three key options. "
       "Without any client everybody may ask, and Hanse listens on loopback only.",
       facts_of<ClientKey>()},
      {"limits", "Sizes, counts and times.", facts_of<Limits>()},
      {"log", "What is written down.", facts_of<Log>()},
  };
}

std::string range_text(const OptionFacts& option) {
  auto text = [&](int64_t n) {
    if (option.kind == "bytes") return bytes_text(n);
    if (option.kind == "time") return n == 0 ? std::string("0") : time_text(milliseconds(n));
    return std::to_string(n);
  };
  if (!option.words.empty()) return fmt::format("{}", fmt::join(option.words, ", "));
  if (option.kind != "bytes" && option.kind != "time" && option.kind != "count") return "";
  return option.bounds.max == INT64_MAX ? "from " + text(option.bounds.min)
                                        : text(option.bounds.min) + " to " + text(option.bounds.max);
}

void schema_of(json::Writer& w, const OptionFacts& option) {
  w.key(option.name).object().key("description").string(option.help);
  if (option.kind == "text" || option.kind == "word") {
    w.key("type").string("string");
    if (!option.words.empty()) {
      w.key("enum").array();
      for (auto word : option.words) w.string(word);
      w.end_array();
    }
  } else if (option.kind == "flag") {
    w.key("type").string("boolean");
  } else if (option.kind == "count") {
    w.key("type")
        .string("integer")
        .key("minimum")
        .number(option.bounds.min)
        .key("maximum")
        .number(option.bounds.max);
  } else if (option.kind == "bytes" || option.kind == "time") {
    w.key("type").array().string("integer").string("string").end_array();
  } else if (option.kind == "list") {
    w.key("type")
        .array()
        .string("array")
        .string("string")
        .end_array()
        .key("items")
        .object()
        .key("type")
        .string("string")
        .end_object();
  } else {
    w.key("type")
        .string("object")
        .key("additionalProperties")
        .object()
        .key("type")
        .string("string")
        .end_object();
  }
  w.end_object();
}

void schema_of(json::Writer& w, const Table& table) {
  w.key("type")
      .string("object")
      .key("description")
      .string(table.about)
      .key("additionalProperties")
      .boolean(false)
      .key("properties")
      .object();
  for (const auto& option : table.options) schema_of(w, option);
  w.end_object();
}

std::string credential_text(const Provider& provider) {
  if (provider.row.auth == "none") return "no key needed";
  std::string from = !provider.key_file.empty() ? "file " + provider.key_file : provider.key_env;
  if (provider.key.empty())
    return provider.row.key_optional ? "no key" + (from.empty() ? "" : " (" + from + " is not set)")
                                     : "MISSING: " + from + " is not set";
  return from.empty() ? "key present" : "key from " + from;
}

}  // namespace

std::string config_help() {
  std::string out =
      "The config (TOML). All of it: docs/reference/config.md, or `hanse docs config`.\n\n"
      "  [provider.openai]            # kind defaults to the name; key to its usual variable\n"
      "  [provider.local]\n"
      "  kind = \"openai-compatible\"\n"
      "  url  = \"http://127.0.0.1:8000/v1\"\n"
      "  [model.fast]\n"
      "  offers = [\"openai/gpt-5-mini\", \"local/smollm2\"]    # in order of preference\n";
  for (const Table& table : tables()) {
    out += fmt::format("\n[{}]\n", table.name);
    for (const auto& option : table.options) {
      std::string standard = option.standard.empty() ? "" : " = " + option.standard;
      out += fmt::format("  {:<34} {}\n", option.name + standard, option.help);
    }
  }
  return out;
}

std::string config_json_schema() {
  std::string out;
  json::Writer w(out);
  w.object()
      .key("$schema")
      .string("https://json-schema.org/draft/2020-12/schema")
      .key("title")
      .string("hanse.toml");
  w.key("type").string("object").key("additionalProperties").boolean(false).key("properties").object();
  for (const Table& table : tables()) {
    size_t dot = table.name.find('.');
    w.key(table.name.substr(0, dot)).object();
    if (dot == std::string_view::npos) {
      schema_of(w, table);
    } else {
      w.key("type").string("object").key("additionalProperties").object();
      schema_of(w, table);
      w.end_object();
    }
    w.end_object();
  }
  w.end_object().end_object();
  return out + "\n";
}

std::string config_reference_markdown() {
  std::string out =
      "# The config\n\nGenerated from the code by `./dev docs`; don't edit. Sizes are numbers of bytes or "
      "texts such as `\"64MiB\"`; times are\n"
      "texts such as `\"30s\"`, `\"500ms\"`, or numbers of milliseconds. A list of one may be written as "
      "that one.\n";
  for (const Table& table : tables()) {
    out += fmt::format(
        "\n## [{}]\n\n{}\n\n| option | kind | default | allowed | what it is |\n| --- | --- | --- | --- | "
        "--- |\n",
        table.name, table.about);
    for (const auto& option : table.options) {
      std::string standard = option.standard.empty() ? "" : "`" + option.standard + "`";
      out += fmt::format("| `{}` | {} | {} | {} | {} |\n", option.name, option.kind, standard,
                         range_text(option), option.help);
    }
  }
  return out;
}

std::string providers_reference_markdown() {
  std::string out =
      "# Kinds of providers\n\nGenerated from `catalog/providers/*.toml` by `./dev docs`; don't edit. A row "
      "of your own goes in a folder that you name\n"
      "with `--catalog`.\n\n| kind | what | dialect | base URL | key |\n| --- | --- | --- | --- | --- |\n";
  auto catalog = Catalog::load();
  if (!catalog) return out;
  for (const auto& [name, row] : catalog->rows()) {
    std::string key = row.key_env.empty() ? "" : "`" + row.key_env + "`";
    if (row.key_optional) key += key.empty() ? "optional" : ", optional";
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, row.title, row.dialect,
                       row.url.empty() ? "yours" : "`" + row.url + "`", key);
  }
  return out;
}

std::string describe_config(const Config& config) {
  std::string out = fmt::format("{}: good\n\nlistens on\n", config.path);
  for (const auto& address : config.server.addresses)
    out += fmt::format("  {}:{}{}\n", address.host, address.port,
                       config.server.tls_cert.empty() ? "" : " (TLS)");
  if (config.providers.empty())
    out += "\nno provider is configured: `hanse serve` answers from two simulated clouds\n";
  else
    out += "\nproviders\n";
  for (const auto& p : config.providers) {
    std::string models =
        p.models.empty() ? "asked for its models" : fmt::format("{}", fmt::join(p.models, ", "));
    out += fmt::format("  {:<16} {} at {}\n  {:<16} {}; {}\n", p.name, p.dialect, p.url.text, "",
                       credential_text(p), models);
  }
  if (!config.models.empty()) out += "\nmodels\n";
  for (const auto& model : config.models)
    out += fmt::format("  {:<16} {}\n", model.name, fmt::join(model.offers, ", then "));
  if (!config.providers.empty() && config.models.empty())
    out += "\nevery model of every provider is served under its own name, and as provider/model\n";
  if (!config.clients.empty()) out += "\nclients\n";
  for (const auto& client : config.clients)
    out +=
        fmt::format("  {:<16} {}\n", client.name,
                    client.models.empty() ? "all models" : fmt::format("{}", fmt::join(client.models, ", ")));
  if (config.clients.empty()) out += "\nno client keys: everybody who reaches an address may ask\n";
  for (const auto& warning : config.warnings) out += "\nwarning: " + warning;
  if (!config.warnings.empty()) out += "\n";
  return out;
}

}  // namespace hanse::catalog
