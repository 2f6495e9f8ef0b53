// One description an option. A table of the config is a struct with defaults and one describe(), which names
// each option with its bounds and one sentence; the reader, the schema, the reference page and --help are
// visitors of it.
//
//   struct Log {
//     std::string access = "stderr";
//     template <class V> void describe(V& v) { v.text("access", access, {}, "Where the access log goes:
//     ..."); }
//   };
//
// Kinds of values: text, path, flag, count, bytes ("64MiB" or a number), time ("30s", "500ms" or
// milliseconds), list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace hanse::catalog {

struct Bounds {
  int64_t min = 0;
  int64_t max = INT64_MAX;
};

// Allowed words of a text; empty: any.
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
  std::string kind;      // "text", "flag", "count", "bytes", "time", "list of texts", "table of texts"
  std::string standard;  // the default, as one writes it
  std::string help;
  Bounds bounds;
  Words words;
};

// Collects the facts of a struct's options.
class FactsVisitor {
 public:
  std::vector<OptionFacts> facts;
  void text(std::string_view name, std::string& value, Words words, std::string_view help);
  void flag(std::string_view name, bool& value, std::string_view help);
  void count(std::string_view name, size_t& value, Bounds bounds, std::string_view help);
  void bytes(std::string_view name, size_t& value, Bounds bounds, std::string_view help);
  void time(std::string_view name, milliseconds& value, Bounds bounds, std::string_view help);
  void list(std::string_view name, std::vector<std::string>& value, std::string_view help);
  void table(std::string_view name, std::vector<std::pair<std::string, std::string>>& value,
             std::string_view help);
};

}  // namespace hanse::catalog
