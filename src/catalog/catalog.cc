#include "catalog/catalog.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catalog/builtin_rows.h"
#include "catalog/toml.h"

namespace hanse::catalog {
namespace {

ProviderRow read_row(std::string_view name, std::string_view text, Problems& problems) {
  ProviderRow row;
  row.name = name;
  TomlFile file(text, problems);
  if (problems.any()) return row;
  file.read("", row, problems);
  if (row.dialect.empty()) problems.add("'dialect' is missing: openai-chat or anthropic-messages");
  if (row.path.empty()) row.path = row.dialect == "anthropic-messages" ? "/v1/messages" : "/chat/completions";
  bool header = row.auth.starts_with("header:") && row.auth.size() > 7;
  if (row.auth != "bearer" && row.auth != "none" && !header)
    problems.add("'auth' is '" + row.auth + "': wanted bearer, none, or header:NAME");
  return row;
}

}  // namespace

Result<Catalog> Catalog::load(const std::string& folder) {
  Catalog out;
  for (const BuiltinRow& builtin : builtin_rows()) {
    Problems problems("the built-in " + std::string(builtin.name) + ".toml");
    ProviderRow row = read_row(builtin.name, builtin.text, problems);
    if (problems.any()) return fail(problems.error());
    out.rows_.insert_or_assign(row.name, std::move(row));
  }
  if (folder.empty()) return out;
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  if (error) return fail(Code::bad_request, "--catalog " + folder + ": " + error.message());
  std::ranges::sort(files);
  for (const auto& path : files) {
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    Problems problems(path.string());
    ProviderRow row = read_row(path.stem().string(), text.str(), problems);
    if (problems.any()) return fail(problems.error());
    out.rows_.insert_or_assign(row.name, std::move(row));
  }
  return out;
}

const ProviderRow* Catalog::find(std::string_view name) const {
  auto found = rows_.find(name);
  return found == rows_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Catalog::names() const {
  std::vector<std::string_view> out;
  for (const auto& [name, row] : rows_) out.push_back(name);
  return out;
}

}  // namespace hanse::catalog
