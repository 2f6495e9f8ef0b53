#include "catalog/row_files.h"

#include <algorithm>
#include <filesystem>

#include "catalog/outside.h"

namespace hanse::catalog {
namespace {

constexpr size_t kRowBytesMax = 1024 * 1024;

Result<std::vector<std::filesystem::path>> rows_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  std::filesystem::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".toml") files.push_back(entry->path());
  if (error) return fail(Code::bad_request, "--catalog " + folder + ": " + error.message());
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<void> read_rows(std::span<const BuiltinRow> rows, const TakeRow& take) {
  for (const BuiltinRow& row : rows) {
    Problems problems("the built-in " + std::string(row.name) + ".toml");
    take(std::string(row.name), row.text, problems);
    if (problems.any()) return fail(problems.error());
  }
  return {};
}

Result<void> read_rows(const std::string& folder, const TakeRow& take) {
  TRY(auto files, rows_in(folder));
  std::string wrong;
  for (const auto& path : files) {
    Problems problems(path.string());
    if (auto text = read_file(path.string(), kRowBytesMax))
      take(path.stem().string(), *text, problems);
    else
      problems.add(text.error().message);
    if (problems.any()) wrong += (wrong.empty() ? "" : "\n") + problems.error().message;
  }
  if (!wrong.empty()) return fail(Code::bad_request, std::move(wrong));
  return {};
}

}  // namespace hanse::catalog
