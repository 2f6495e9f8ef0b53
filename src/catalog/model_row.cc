#include "catalog/model_row.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "canon/needs.h"
#include "catalog/row_files.h"

namespace hanse::catalog {
namespace {

constexpr std::string_view kAbilities[] = {"tools",  "images",    "audio", "video",      "documents",
                                           "schema", "reasoning", "cache", "embeddings", "prefill"};
// What a request may hold and some models answer with an error (canon/withheld.h leaves them out).
constexpr std::string_view kRefusable[] = {
    "temperature",  "top_p", "top_k", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs",
    "top_logprobs", "stop",  "seed"};

void expect_of(std::span<const std::string_view> known, const std::vector<std::string>& words,
               std::string_view key, const TomlFile& file, Problems& problems) {
  for (const std::string& word : words)
    if (std::ranges::find(known, word) == known.end())
      problems.add(fmt::format("'{}' in line {}: '{}' is none of {}", key, file.line_of("", key), word,
                               fmt::join(known, ", ")));
}

// A price without its base would never be used.
void check_at(const ModelAt& at, const TomlFile& file, Problems& problems) {
  auto wrong = [&](std::string_view what) {
    problems.add(fmt::format("[at.{}], line {}: {}", at.name, file.line_of("at." + at.name), what));
  };
  if (at.names.empty()) wrong("'names' is missing: what this model is called there");
  if (at.above_tokens == 0 && (at.above_input || at.above_output))
    wrong("'above_tokens' is missing: from where on the other prices hold");
}

uint16_t lacks_of(const ModelRow& row) {
  uint16_t out = 0;
  for (auto [need, name] : canon::kNeeds)
    if (std::ranges::find(row.abilities, name) == row.abilities.end()) out |= need;
  return out;
}

ModelRow read_row(const std::string& name, const TomlFile& file, Problems& problems) {
  ModelRow row;
  row.name = name;
  file.read("", row, problems);
  for (const std::string& table : file.tables("at", problems)) {
    ModelAt at;
    at.name = table;
    file.read("at." + table, at, problems);
    if (at.kinds.empty()) at.kinds = {table};
    check_at(at, file, problems);
    row.at.push_back(std::move(at));
  }
  expect_of(kAbilities, row.abilities, "abilities", file, problems);
  expect_of(kRefusable, row.refuses, "refuses", file, problems);
  row.lacks = lacks_of(row);
  if (row.at.empty() && !problems.any()) problems.add("no [at.KIND]: nobody sells it");
  return row;
}

// An inference profile or a model by its ARN has its name behind the last slash.
std::string_view without_arn(std::string_view model) {
  return model.starts_with("arn:") ? model.substr(model.rfind('/') + 1) : model;
}

std::string key_of(std::string_view kind, std::string_view model) {
  return fmt::format("{}/{}", kind, model);
}

}  // namespace

Result<ModelRows> ModelRows::load(const std::string& folder) {
  ModelRows out;
  auto take = [&](const std::string& name, std::string_view text, Problems& problems) {
    TomlFile file(text, problems);
    if (!problems.any()) out.rows_.insert_or_assign(name, read_row(name, file, problems));
  };
  TRY_VOID(read_rows(builtin_models(), take));
  std::string models = folder + "/models";
  if (!folder.empty() && std::filesystem::is_directory(models)) TRY_VOID(read_rows(models, take));
  out.index();
  return out;
}

void ModelRows::index() {
  for (const auto& [name, row] : rows_)
    for (const ModelAt& at : row.at)
      for (const std::string& kind : at.kinds) {
        for (const std::string& sold : at.names) sold_.try_emplace(key_of(kind, sold), Sold{&row, &at, sold});
      }
  // The maker's name is another name for the first that a kind has; its own names come before.
  for (const auto& [name, row] : rows_)
    for (const ModelAt& at : row.at)
      for (const std::string& kind : at.kinds)
        sold_.try_emplace(key_of(kind, name), Sold{&row, &at, at.names.front()});
}

ModelRows::Sold ModelRows::find(std::string_view kind, std::string_view model) const {
  auto found = sold_.find(key_of(kind, without_arn(model)));
  if (found == sold_.end()) return {};
  Sold out = found->second;
  if (out.name == without_arn(model)) out.name = model;  // as it was given: an ARN stays one
  return out;
}

std::string dollars_text(int64_t millionths) {
  std::string out = fmt::format("{}.{:06}", millionths / 1'000'000, millionths % 1'000'000);
  out.resize(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

}  // namespace hanse::catalog
