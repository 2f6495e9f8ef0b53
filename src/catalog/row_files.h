// Reads the rows of the catalogue, a file each: those that are built in, and those of a folder.
//
//   TRY_VOID(read_rows(builtin_models(), take));      // take(name, text, problems)
//   TRY_VOID(read_rows(folder, take));
//
// What is wrong with any of them comes as one error.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "catalog/builtin_rows.h"
#include "catalog/toml.h"

namespace hanse::catalog {

// Gets the row's name (the file's without .toml) and text, and says there what is wrong with it.
using TakeRow = std::function<void(const std::string& name, std::string_view text, Problems& problems)>;

Result<void> read_rows(std::span<const BuiltinRow> rows, const TakeRow& take);
Result<void> read_rows(const std::string& folder, const TakeRow& take);

}  // namespace hanse::catalog
