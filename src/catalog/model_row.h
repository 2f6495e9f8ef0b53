// What is known of a model, as data: one file a model in catalog/models/, under its maker's own name. Where
// it is sold, under which names and at what price, is a table [at.X] of that file: names in it are the same
// model (equivalence), so an offer may name a model as its maker does, or as any cloud does.
//
//   TRY(ModelRows models, ModelRows::load());
//   ModelRows::Sold sold = models.find("bedrock", "claude-opus-5");   // by the maker's name, or by Bedrock's
//   if (sold.row) send(sold.name);                                    // "global.anthropic.claude-opus-5"
//
// Nothing found: the model is not known, and nothing is held against it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "catalog/option.h"

namespace hanse::catalog {

// A model as one cloud (or several at the same terms) sells it. Prices are in millionths of a dollar for a
// million tokens; nothing: not known. From `above_tokens` of input on, the second five hold for the whole
// request.
struct ModelAt {
  std::string name;  // the table's: [at.NAME]
  std::vector<std::string> kinds, names;
  std::optional<int64_t> input, output, cache_read, cache_write, cache_write_1h;
  size_t above_tokens = 0;
  std::optional<int64_t> above_input, above_output, above_cache_read, above_cache_write, above_cache_write_1h;

  template <class V>
  void describe(V& v) {
    v.list("kinds", kinds, "Kinds of providers that sell it so; default: the table's own name");
    v.list("names", names, "Its names there, all the same model; the first is the one that is sent");
    v.dollars("input", input, "Dollars for a million tokens of input");
    v.dollars("output", output, "Of output, reasoning with it");
    v.dollars("cache_read", cache_read, "Of input that was found in the prompt cache");
    v.dollars("cache_write", cache_write, "Of input that was put there");
    v.dollars("cache_write_1h", cache_write_1h, "Of input that was put there for an hour");
    v.count("above_tokens", above_tokens, {0, 100'000'000},
            "From so many tokens of input on, the following prices hold for the whole request");
    v.dollars("above_input", above_input, "As input");
    v.dollars("above_output", above_output, "As output");
    v.dollars("above_cache_read", above_cache_read, "As cache_read");
    v.dollars("above_cache_write", above_cache_write, "As cache_write");
    v.dollars("above_cache_write_1h", above_cache_write_1h, "As cache_write_1h");
  }
};

struct ModelRow {
  std::string name;  // the file's name without .toml
  std::string title, maker, prices_from;
  size_t context_tokens = 0, output_tokens = 0;  // 0: not known
  std::vector<std::string> abilities, refuses;
  std::vector<ModelAt> at;
  bool can(std::string_view ability) const {
    return std::ranges::find(abilities, ability) != abilities.end();
  }
  uint16_t lacks = 0;  // bits of canon::Need: what `abilities` doesn't name

  template <class V>
  void describe(V& v) {
    v.text("title", title, "Its name for people");
    v.text("maker", maker, "Who made it");
    v.count("context_tokens", context_tokens, {0, 1'000'000'000}, "Input and output together; 0: not known");
    v.count("output_tokens", output_tokens, {0, 1'000'000'000}, "Of one answer; 0: not known");
    v.list("abilities", abilities,
           "Of tools, images, audio, video, documents, schema (answers by a JSON schema), reasoning, cache, "
           "embeddings, prefill (it goes on with an unfinished turn of its own): all that it has");
    v.list(
        "refuses", refuses,
        "Fields of requests that it answers with an error: they are left out when a request is translated, "
        "and reported");
    v.text("prices_from", prices_from, "Source and month of the prices");
    v.group("at", "Where it is sold: the tables [at.NAME]");
  }
};

class ModelRows {
 public:
  // The built-in rows, and those of `folder`/models (may be missing).
  static Result<ModelRows> load(const std::string& folder = {});

  struct Sold {
    const ModelRow* row = nullptr;  // these live as long as the rows
    const ModelAt* at = nullptr;
    std::string_view name;  // what to ask that provider for
  };
  // A model that providers of `kind` sell, by one of its names there or its maker's.
  Sold find(std::string_view kind, std::string_view model) const;
  const std::map<std::string, ModelRow, std::less<>>& rows() const { return rows_; }

 private:
  void index();

  std::map<std::string, ModelRow, std::less<>> rows_;
  std::unordered_map<std::string, Sold> sold_;  // by "kind/name"
};

std::string models_reference_markdown();

// "2.5" of 2'500'000.
std::string dollars_text(int64_t millionths);

}  // namespace hanse::catalog
