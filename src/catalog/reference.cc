// --help and the reference pages, generated from the descriptions of the options.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "catalog/config.h"
#include "catalog/tables.h"

namespace hanse::catalog {
namespace {

constexpr std::string_view kExample =
    R"([provider.openai]            # kind defaults to the name; key to its usual variable
[provider.local]
kind = "openai-compatible"
url  = "http://127.0.0.1:8000/v1"
[model.fast]
offers = ["openai/gpt-5-mini", "local/smollm2"]    # in order of preference
)";

constexpr std::string_view kConfigIntro = R"(# The config

Generated from the code by `./dev docs`; don't edit. A config is a TOML file, `hanse serve --config hanse.toml`:

```toml
{}```

An editor that knows JSON schemas completes and checks it with [config.schema.json](config.schema.json). `hanse check`
says what is wrong, in which line, and what would be served. SIGHUP reads the file again; a wrong one is refused, and
the old one stays in force.

| kind | how to write it |
| --- | --- |
| text | `"a string"` |
| flag | `true` or `false` |
| count | a whole number |
| bytes | `"64MiB"` (B, kB, MB, GB, KiB, MiB, GiB), or a number of bytes |
| time | `"30s"` (ms, s, m, h), or a number of milliseconds |
| list | `["a", "b"]`; one alone needs no brackets |
| counts | `[3, 1]` |
| table | `{{ name = "value" }}` |

Keys never stand in the config: `key_env` names a variable, `key_file` a file. The name of a provider has letters,
digits, `-`, `_` and `.`; those of models and clients may have anything but control bytes, `[model."org/name"]`.
Names of files are relative to the folder of the config.
)";

constexpr std::string_view kConfigEnd = R"(
## Without a config

With neither `--config` nor a `hanse.toml` in the working folder the environment says what is served:

| variable | what it adds |
| --- | --- |
| `OPENAI_API_KEY` | the provider `openai` |
| `ANTHROPIC_API_KEY` | the provider `anthropic` |
| `HANSE_OPENAI_COMPATIBLE_URL` | the provider `local`: any server that speaks OpenAI Chat, by its base URL |
| `HANSE_OPENAI_COMPATIBLE_KEY` | its key, if it wants one |

With none of them two simulated clouds answer, so that everything can be tried.
)";

constexpr std::string_view kProvidersIntro = R"(# Kinds of providers

Generated from `catalog/providers/*.toml` by `./dev docs`; don't edit. The name of a row is what `kind` in a
[`[provider.NAME]`](config.md) says, and the table's own name where it says nothing.

| kind | what | dialect | base URL | key | note |
| --- | --- | --- | --- | --- | --- |
)";

constexpr std::string_view kRowIntro = R"(
## A row

A file `NAME.toml`, in `catalog/providers/` or in a folder of your own that `--catalog` names; there it adds a kind, or
replaces the one of the same name. [How to add a provider](../how-to/add-a-provider.md).

)";

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

}  // namespace

std::string options_table(const std::vector<OptionFacts>& options) {
  std::string out = "| option | kind | default | allowed | what it is |\n| --- | --- | --- | --- | --- |\n";
  for (const auto& option : options)
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", option.name,
                       option.kind == "word" ? "text" : option.kind, code(option.standard),
                       allowed_text(option), option.help);
  return out;
}

std::vector<Table> tables() {
  return {
      {"server", "Where Hanse listens.", facts_of<Server>()},
      {"provider.NAME",
       "A cloud or server that answers. NAME is yours; it is also the kind when it is one of the "
       "catalogue's.",
       facts_of<Provider>()},
      {"model.NAME",
       "A name that clients ask for, and who may answer. Without any, every model of every provider is "
       "served "
       "under its own name. `provider/model` always works as well.",
       facts_of<Model>()},
      {"client.NAME",
       "A key that clients may use, sent where their SDK puts it: `Authorization: Bearer KEY`, `x-api-key`, "
       "`api-key`, `x-goog-api-key` or `?key=`. Give exactly one of the three key options. Without any "
       "client everybody may ask, and Hanse listens on loopback only.",
       facts_of<ClientKey>()},
      {"concentration.NAME",
       "How much may go to one provider, cloud, region or jurisdiction at most, of all that goes anywhere; "
       "at "
       "most 16 of these.",
       facts_of<Concentration>()},
      {"drill.NAME", "A drill on a schedule; its report is a line in the log.", facts_of<Drill>()},
      {"limits", "Sizes, counts and times.", facts_of<Limits>()},
      {"retry", "What is done when an offer fails, before or after it has begun to answer.",
       facts_of<Retry>()},
      {"health", "When an offer that fails is left, and when it is asked again.", facts_of<Health>()},
      {"log", "What is written down.", facts_of<Log>()},
  };
}

std::string allowed_text(const OptionFacts& option) {
  if (option.kind == "word") return fmt::format("{}", fmt::join(option.words, ", "));
  if (option.kind != "bytes" && option.kind != "time" && option.kind != "count") return "";
  auto text = [&](int64_t n) {
    if (option.kind == "bytes") return bytes_text(n);
    return option.kind == "time" ? time_text(milliseconds(n)) : std::to_string(n);
  };
  if (option.bounds.max == INT64_MAX) return "from " + text(option.bounds.min);
  return text(option.bounds.min) + " to " + text(option.bounds.max);
}

std::string config_help() {
  std::string out = "The config (TOML). All of it: docs/reference/config.md, or `hanse docs config`.\n\n";
  out += kExample;
  for (const Table& table : tables()) {
    out += fmt::format("\n[{}]\n", table.name);
    for (const auto& option : table.options) {
      std::string standard = option.standard.empty() ? "" : " = " + option.standard;
      out += fmt::format("  {:<34} {}\n", option.name + standard, option.help);
    }
  }
  return out;
}

std::string config_reference_markdown() {
  std::string out = fmt::format(kConfigIntro, kExample);
  for (const Table& table : tables())
    out += fmt::format("\n## [{}]\n\n{}\n\n{}", table.name, table.about, options_table(table.options));
  out += kConfigEnd;
  return out;
}

std::string providers_reference_markdown() {
  std::string out(kProvidersIntro);
  auto catalog = Catalog::load();
  if (!catalog) return out;
  for (const auto& [name, row] : catalog->rows()) {
    std::string dialects = row.dialect;
    for (const auto& [other, path] : row.also) dialects += ", " + other;
    std::string key = code(row.key_env);
    if (row.key_optional) key += key.empty() ? "optional" : ", optional";
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", name, row.title, dialects,
                       row.url.empty() ? "yours" : code(row.url), key, row.note);
  }
  out += kRowIntro;
  out += options_table(facts_of<ProviderRow>());
  return out;
}

}  // namespace hanse::catalog
