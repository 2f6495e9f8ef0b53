// What people read of the catalogue's models: docs/reference/models.md and `hanse models`.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "base/json.h"
#include "catalog/config.h"
#include "catalog/model_row.h"
#include "catalog/tables.h"

namespace hanse::catalog {
namespace {

constexpr std::string_view kIntro = R"(# Models that the catalogue knows

Generated from `catalog/models/*.toml` by `./dev docs`; don't edit. An offer may name a model as its maker does
(`bedrock/claude-opus-5`): Hanse asks each cloud by its own name. Asked for by the maker's name, a model is answered by
every provider that lists it, under whatever name. What is not listed here is served all the same; nothing is known
of it, and nothing held against it.

Prices are dollars for a million tokens, input / output; the file names their source and month. `hanse models NAME`
shows all: names, prices of the cache and of long requests, what it can do, what it refuses.

| model | maker | context | can | sold by: input / output |
| --- | --- | --- | --- | --- |
)";

constexpr std::string_view kRowIntro = R"(
## A row

A file `NAME.toml`, in `catalog/models/` or in the folder `models` of the one that `--catalog` names; there it adds a
model, or replaces the one of the same name.

)";

constexpr std::string_view kAtIntro = R"(
### [at.NAME]

)";

std::string tokens_text(size_t tokens) {
  if (tokens == 0) return "";
  if (tokens % 1'000'000 == 0) return fmt::format("{}M", tokens / 1'000'000);
  return fmt::format("{}k", (tokens + 500) / 1000);
}

std::string price_text(const std::optional<int64_t>& price) { return price ? dollars_text(*price) : "?"; }

std::string input_and_output(const ModelAt& at) {
  std::string out = price_text(at.input);
  return at.output ? out + " / " + price_text(at.output) : out;
}

std::string terms_text(const ModelRow& row) {
  std::vector<std::string> out;
  for (const ModelAt& at : row.at)
    out.push_back(fmt::format("{}: {}", fmt::join(at.kinds, ", "), input_and_output(at)));
  return fmt::format("{}", fmt::join(out, "; "));
}

std::string prices_text(const ModelAt& at) {
  std::string out;
  auto add = [&](std::string_view name, const std::optional<int64_t>& price) {
    if (price) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, dollars_text(*price));
  };
  add("input", at.input);
  add("output", at.output);
  add("cache read", at.cache_read);
  add("cache write", at.cache_write);
  add("cache write for an hour", at.cache_write_1h);
  if (!at.above_tokens) return out;
  out += fmt::format("; from {} tokens of input on", at.above_tokens);
  add("input", at.above_input);
  add("output", at.above_output);
  add("cache read", at.above_cache_read);
  add("cache write", at.above_cache_write);
  add("cache write for an hour", at.above_cache_write_1h);
  return out;
}

// The user's providers that sell it so.
std::string here_text(const ModelAt& at, const Config& config) {
  std::vector<std::string> out;
  for (const Provider& provider : config.providers)
    if (std::ranges::find(at.kinds, provider.row.name) != at.kinds.end()) out.push_back(provider.name);
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string whole_text(const ModelRow& row, const Config& config) {
  std::string out = fmt::format("{}: {}, by {}\n", row.name, row.title, row.maker);
  auto line = [&](std::string_view what, const std::string& text) {
    if (!text.empty()) out += fmt::format("  {:<10} {}\n", what, text);
  };
  line("context", row.context_tokens ? fmt::format("{} tokens", row.context_tokens) : "");
  line("answer", row.output_tokens ? fmt::format("at most {} tokens", row.output_tokens) : "");
  line("can", fmt::format("{}", fmt::join(row.abilities, ", ")));
  line("refuses", fmt::format("{}", fmt::join(row.refuses, ", ")));
  line("prices", "dollars for a million tokens; " + row.prices_from);
  for (const ModelAt& at : row.at) {
    std::string here = here_text(at, config);
    out += fmt::format("\n  {}{}\n", fmt::join(at.kinds, ", "), here.empty() ? "" : ": here as " + here);
    out += fmt::format("    names   {}\n    prices  {}\n", fmt::join(at.names, ", "), prices_text(at));
  }
  return out;
}

}  // namespace

std::string models_reference_markdown() {
  std::string out(kIntro);
  if (auto models = ModelRows::load())
    for (const auto& [name, row] : models->rows())
      out += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, row.maker, tokens_text(row.context_tokens),
                         fmt::join(row.abilities, ", "), terms_text(row));
  return out + std::string(kRowIntro) + options_table(facts_of<ModelRow>()) + std::string(kAtIntro) +
         options_table(facts_of<ModelAt>());
}

std::string describe_models(const Config& config) {
  std::string out;
  for (const auto& [name, row] : config.known_models->rows())
    out += fmt::format("{:<24} {:<10} {:>6}  {}\n", name, row.maker, tokens_text(row.context_tokens),
                       terms_text(row));
  return out +
         "\nPrices are dollars for a million tokens, input / output. `hanse models NAME` shows all of one.\n";
}

Result<std::string> describe_model(std::string_view name, const Config& config) {
  const auto& rows = config.known_models->rows();
  if (auto found = rows.find(name); found != rows.end()) return whole_text(found->second, config);
  for (const auto& [own, row] : rows)
    for (const ModelAt& at : row.at)
      if (std::ranges::find(at.names, name) != at.names.end()) return whole_text(row, config);
  std::vector<std::string_view> known;
  for (const auto& [own, row] : rows) known.push_back(own);
  std::string_view near = nearest(name, known);
  return fail(Code::not_found, fmt::format("the catalogue knows no model '{}'{}; it is served all the same",
                                           name, near.empty() ? "" : fmt::format(" (near: {})", near)));
}

}  // namespace hanse::catalog
