// The config as a JSON schema, for editors. Generated from the descriptions of the options.
#include <fmt/format.h>

#include "base/json.h"
#include "catalog/config.h"
#include "catalog/tables.h"

namespace hanse::catalog {
namespace {

std::string quoted(std::string_view text) {
  std::string out(1, '"');
  json::escape(text, out);
  return out + '"';
}

std::string bounds_of(const OptionFacts& option) {
  return fmt::format(R"("minimum":{},"maximum":{})", option.bounds.min, option.bounds.max);
}

// What a value may be, by its kind.
std::string shape_of(const OptionFacts& option) {
  if (option.kind == "flag") return R"("type":"boolean")";
  if (option.kind == "count") return R"("type":"integer",)" + bounds_of(option);
  if (option.kind == "bytes")
    return R"("type":["integer","string"],"pattern":"^[0-9]+ *([kMG]?B|[KMG]iB)$",)" + bounds_of(option);
  if (option.kind == "time")
    return R"("type":["integer","string"],"pattern":"^[0-9]+ *(ms|s|m|h)$",)" + bounds_of(option);
  if (option.kind == "counts")
    return R"("type":"array","items":{"type":"integer",)" + bounds_of(option) + "}";
  if (option.kind == "list")
    return R"("type":["array","string"],"minLength":1,"uniqueItems":true,"items":{"type":"string","minLength":1})";
  if (option.kind == "table") return R"("type":"object","additionalProperties":{"type":"string"})";
  std::string words;
  for (auto word : option.words) words += (words.empty() ? "" : ",") + quoted(word);
  return words.empty() ? R"("type":"string")" : R"("type":"string","enum":[)" + words + "]";
}

std::string schema_of(const Table& table) {
  std::string options;
  for (const auto& option : table.options) {
    if (!options.empty()) options += ',';
    std::string standard = option.standard.empty() ? "" : R"("default":)" + option.standard + ",";
    options += fmt::format(R"("{}":{{"description":{},{}{}}})", option.name, quoted(option.help), standard,
                           shape_of(option));
  }
  return fmt::format(
      R"({{"type":"object","description":{},"additionalProperties":false,"properties":{{{}}}}})",
      quoted(table.about), options);
}

// A line each for the members of objects; lists stay in their line.
std::string indented(std::string_view json) {
  std::string out;
  int depth = 0, list = 0;
  bool in_string = false;
  auto line = [&] { out.append(1, '\n').append(static_cast<size_t>(depth) * 2, ' '); };
  for (size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (c == '"' && (i == 0 || json[i - 1] != '\\')) in_string = !in_string;
    if (!in_string && c == '}') --depth, line();
    out += c;
    if (in_string) continue;
    if (c == '{') ++depth, line();
    if (c == '[') ++list;
    if (c == ']') --list;
    if (c == ':' || (c == ',' && list)) out += ' ';
    if (c == ',' && !list) line();
  }
  return out;
}

}  // namespace

std::string config_json_schema() {
  std::string properties;
  for (const Table& table : tables()) {
    size_t dot = table.name.find('.');
    if (!properties.empty()) properties += ',';
    properties += quoted(table.name.substr(0, dot)) + ":";
    properties += dot == std::string_view::npos
                      ? schema_of(table)
                      : R"({"type":"object","additionalProperties":)" + schema_of(table) + "}";
  }
  return indented(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"hanse.toml",)"
                  R"("type":"object","additionalProperties":false,"properties":{)" +
                  properties + "}}") +
         "\n";
}

}  // namespace hanse::catalog
