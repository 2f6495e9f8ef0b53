// The files of catalog/providers and catalog/models, as they were when the program was built. The .cc are
// generated (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace hanse::catalog {

struct BuiltinRow {
  std::string_view name;  // without .toml
  std::string_view text;
};
std::span<const BuiltinRow> builtin_rows();
std::span<const BuiltinRow> builtin_models();

}  // namespace hanse::catalog
