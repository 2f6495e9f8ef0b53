// One description an option. A table of the config is a struct with defaults and one describe(), which names
// each option with its bounds and one sentence; the reader (toml.h), --help, the schema and the reference
// page (texts.h) are visitors of it. A new option is one member and one line:
//
//   struct Log {
//     std::string access = "stderr";
//     template <class V>
//     void describe(V& v) {
//       v.text("access", access, "Where the access log goes: stderr, stdout, off, or a file");
//     }
//   };
//
//   text   a string                          bytes  "64MiB", or a number of bytes
//   word   a string out of a known few       time   "30s", "500ms", or a number of milliseconds
//   flag   true or false                     list   strings; one alone needs no brackets
//   count  a whole number                    table  strings by name
//   dollars  a price, held in millionths of a dollar
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace hanse::catalog {

struct Bounds {
  int64_t min = 0;
  int64_t max = INT64_MAX;
};

// What a word may be.
using Words = std::vector<std::string_view>;

// "64KiB", "1 GiB" where it divides evenly, else the number.
std::string bytes_text(int64_t bytes);
// "30s", "5m", "500ms".
std::string time_text(milliseconds time);
// The reverse; nothing when it isn't one.
std::optional<int64_t> parse_bytes(std::string_view text);
std::optional<milliseconds> parse_time(std::string_view text);

// What a visitor may record of an option: for the texts that are generated.
struct OptionFacts {
  std::string name;
  std::string kind;      // "text", "word", "flag", "count", "bytes", "time", "list", "counts", "table",
                         // "dollars", "group"
  std::string standard;  // the default, as TOML and JSON write it; empty: none
  std::string help;
  Bounds bounds;
  Words words;
};

// Collects the facts of a struct's options.
class FactsVisitor {
 public:
  std::vector<OptionFacts> facts;
  void text(std::string_view name, std::string& value, std::string_view help);
  void word(std::string_view name, std::string& value, Words words, std::string_view help);
  void flag(std::string_view name, bool& value, std::string_view help);
  void count(std::string_view name, size_t& value, Bounds bounds, std::string_view help);
  void bytes(std::string_view name, size_t& value, Bounds bounds, std::string_view help);
  void time(std::string_view name, milliseconds& value, Bounds bounds, std::string_view help);
  void dollars(std::string_view name, std::optional<int64_t>& value, std::string_view help);
  void list(std::string_view name, std::vector<std::string>& value, std::string_view help);
  void counts(std::string_view name, std::vector<size_t>& value, Bounds bounds, std::string_view help);
  void table(std::string_view name, std::vector<std::pair<std::string, std::string>>& value,
             std::string_view help);
  // Tables of their own below this name, which their reader finds by TomlFile::tables().
  void group(std::string_view name, std::string_view help);

 private:
  void add(std::string_view name, std::string_view kind, std::string standard, std::string_view help,
           Bounds bounds = {}, Words words = {});
};

// The facts of a struct's options, in the order of its describe().
template <class T>
std::vector<OptionFacts> facts_of() {
  T value;
  FactsVisitor visitor;
  value.describe(visitor);
  return std::move(visitor.facts);
}

}  // namespace hanse::catalog
