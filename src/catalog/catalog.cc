#include "catalog/catalog.h"

#include <algorithm>

#include "base/url.h"
#include "catalog/aws_keys.h"
#include "catalog/outside.h"
#include "catalog/row_files.h"

namespace hanse::catalog {
namespace {

// What can stand in a request line.
bool is_target(std::string_view path) {
  return path.starts_with('/') && std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string with_examples(std::string_view url) {
  Settings examples{
      {"resource", "s"}, {"region", "r"}, {"project", "p"}, {"location", "l"}, {"api_version", "v"}};
  return *fill(url, examples);
}

void check_row(const ProviderRow& row, const TomlFile& file, Problems& problems) {
  auto wrong = [&](std::string_view key, std::string_view what) {
    problems.add("'" + std::string(key) + "' in line " + std::to_string(file.line_of("", key)) + ": " +
                 std::string(what));
  };
  if (auto good = check_provider_name(row.name); !good) problems.add(good.error().message);
  if (row.dialect.empty() && !problems.any())
    problems.add("'dialect' is missing: the language it speaks, such as openai-chat");
  bool header = row.auth.starts_with("header:") && is_header_name(std::string_view(row.auth).substr(7));
  if (row.auth != "bearer" && row.auth != "none" && !header && !is_scope_word(row.signed_service()))
    wrong("auth", "wanted bearer, none, header:NAME, or sigv4:SERVICE");
  if (!row.url.empty())
    if (auto url = parse_url(with_examples(row.url)); !url) wrong("url", url.error().message);
  if (row.token == "entra" && !row.token_scope.ends_with("/.default"))
    wrong("token_scope", "wanted a scope of Entra's, such as https://ai.azure.com/.default");
  for (const auto& [location, text] : row.urls)
    if (auto url = parse_url(with_examples(text)); !url) wrong("urls", url.error().message);
  for (const auto& [dialect, path] : row.also) {
    if (standard_door(dialect).path.empty())
      wrong("also", "unknown dialect '" + dialect + "'");
    else if (!path.empty() && !is_target(path))
      wrong("also", "wanted a path such as \"/responses\", or \"\"");
  }
  for (auto [key, path] : {std::pair("path", &row.path), std::pair("stream_path", &row.stream_path),
                           std::pair("models_path", &row.models_path)})
    if (!path->empty() && !is_target(*path)) wrong(key, "wanted a path such as \"/models\"");
  for (const auto& [name, value] : row.headers)
    if (auto good = check_header(name, value); !good) wrong("headers", good.error().message);
}

ProviderRow read_row(std::string_view name, std::string_view text, Problems& problems) {
  ProviderRow row;
  row.name = name;
  TomlFile file(text, problems);
  if (problems.any()) return row;
  file.read("", row, problems);
  if (row.path.empty()) {
    Door standard = standard_door(row.dialect);
    row.path = standard.path;
    row.stream_path = standard.stream_path;
  }
  check_row(row, file, problems);
  return row;
}

}  // namespace

std::vector<Door> ProviderRow::doors() const {
  std::vector<Door> out{{dialect, path, stream_path}};
  for (const auto& [language, other] : also) {
    out.push_back(standard_door(language));
    if (!other.empty()) out.back() = {language, other, {}};
  }
  return out;
}

Result<Catalog> Catalog::load(const std::string& folder) {
  Catalog out;
  auto take = [&](const std::string& name, std::string_view text, Problems& problems) {
    ProviderRow row = read_row(name, text, problems);
    out.rows_.insert_or_assign(row.name, std::move(row));
  };
  TRY_VOID(read_rows(builtin_rows(), take));
  if (!folder.empty()) TRY_VOID(read_rows(folder, take));
  TRY(ModelRows models, ModelRows::load(folder));
  out.models_ = std::make_shared<const ModelRows>(std::move(models));
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

std::string_view ProviderRow::signed_service() const {
  constexpr std::string_view kScheme = "sigv4:";
  return auth.starts_with(kScheme) ? std::string_view(auth).substr(kScheme.size()) : std::string_view();
}

}  // namespace hanse::catalog
