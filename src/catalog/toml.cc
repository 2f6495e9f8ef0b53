#include "catalog/toml.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/bytes.h"

namespace hanse::catalog {

void Problems::add(std::string what) {
  for (char& c : what)  // a name or value of the file may hold them
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  if (lines_.size() < kMax)
    lines_.push_back(file_ + ": " + std::move(what));
  else
    ++more_;
}

Error Problems::error() const {
  std::string text;
  for (const auto& line : lines_) text += (text.empty() ? "" : "\n") + line;
  if (more_) text += fmt::format("\n{}: and {} more", file_, more_);
  return Error(Code::bad_request, std::move(text));
}

struct TomlFile::Tree {
  toml::table root;

  // "" is the root, "a" a table, "a.b" (b may hold dots) a table in it.
  const toml::table* find(std::string_view path) const {
    if (path.empty()) return &root;
    size_t dot = path.find('.');
    const toml::table* outer = root[path.substr(0, dot)].as_table();
    if (dot == std::string_view::npos || !outer) return outer;
    return (*outer)[path.substr(dot + 1)].as_table();
  }
};

TomlFile::TomlFile(std::string_view text, Problems& problems) : tree_(std::make_unique<Tree>()) {
  try {
    tree_->root = toml::parse(text);
  } catch (const toml::parse_error& error) {  // the packaged library reports by exception; it goes no further
    problems.add(fmt::format("line {}: not valid TOML: {}", error.source().begin.line, error.description()));
  }
}

TomlFile::~TomlFile() = default;

namespace {

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  if (std::string_view near = nearest(word, known); !near.empty())
    return fmt::format("; did you mean '{}'?", near);
  return fmt::format("; known are {}", fmt::join(known, ", "));
}

}  // namespace

void TomlFile::expect_only(const std::vector<std::string_view>& known, Problems& problems) const {
  for (const auto& [key, node] : tree_->root) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    unsigned line = node.source().begin.line;
    if (node.is_value())
      problems.add(fmt::format("unknown key '{}' outside of any table, line {}; known tables are {}",
                               key.str(), line, fmt::join(known, ", ")));
    else
      problems.add(
          fmt::format("unknown table [{}], line {}{}", key.str(), line, did_you_mean(key.str(), known)));
  }
}

std::vector<std::string> TomlFile::tables(std::string_view group, Problems& problems) const {
  struct Named {
    unsigned line;
    std::string name;
  };
  std::vector<Named> found;
  const toml::node* node = tree_->root.get(group);
  if (node && !node->is_table())
    problems.add(fmt::format("[{}], line {}: wanted tables such as [{}.NAME]", group,
                             node->source().begin.line, group));
  if (const toml::table* table = node ? node->as_table() : nullptr)
    for (const auto& [key, inner] : *table) {
      if (inner.is_table())
        found.push_back({inner.source().begin.line, std::string(key.str())});
      else
        problems.add(fmt::format("'{}' in [{}], line {}: wanted a table such as [{}.NAME]", key.str(), group,
                                 inner.source().begin.line, group));
    }
  std::ranges::sort(found, {}, &Named::line);
  std::vector<std::string> names;
  for (auto& entry : found) names.push_back(std::move(entry.name));
  return names;
}

unsigned TomlFile::line_of(std::string_view table, std::string_view key) const {
  const toml::table* found = tree_->find(table);
  if (!found) return 0;
  if (key.empty()) return found->source().begin.line;
  const toml::node* node = found->get(key);
  return node ? node->source().begin.line : found->source().begin.line;
}

// ---- Reader

TomlFile::Reader::Reader(const TomlFile& file, std::string_view table, Problems& problems)
    : file_(file), table_(table), problems_(problems) {
  bool outermost = !table.empty() && table.find('.') == std::string_view::npos;
  const toml::node* node = outermost ? file.tree_->root.get(table) : nullptr;
  if (node && !node->is_table())
    problems.add(fmt::format("'{}', line {}: wanted one table, written [{}]", table,
                             node->source().begin.line, table));
}

const void* TomlFile::Reader::find(std::string_view name) {
  known_.push_back(name);
  const toml::table* table = file_.tree_->find(table_);
  return table ? table->get(name) : nullptr;
}

std::string TomlFile::Reader::where(std::string_view name) const {
  unsigned line = file_.line_of(table_, name);
  return table_.empty() ? fmt::format("in line {}", line) : fmt::format("in [{}], line {}", table_, line);
}

void TomlFile::Reader::wrong(std::string_view name, std::string_view wanted) {
  problems_.add(fmt::format("'{}' {}: wanted {}", name, where(name), wanted));
}

bool TomlFile::Reader::within(std::string_view name, int64_t value, Bounds bounds, std::string low,
                              std::string high) {
  if (value >= bounds.min && value <= bounds.max) return true;
  wrong(name, bounds.max == INT64_MAX ? fmt::format("at least {}", low) : fmt::format("{} to {}", low, high));
  return false;
}

void TomlFile::Reader::text(std::string_view name, std::string& value, std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  auto given = node->value_exact<std::string>();
  if (!given) return wrong(name, "a text in quotes");
  value = std::move(*given);
}

void TomlFile::Reader::word(std::string_view name, std::string& value, const Words& words,
                            std::string_view help) {
  std::string given;
  text(name, given, help);
  if (given.empty()) return;
  if (std::ranges::find(words, given) == words.end())
    return problems_.add(
        fmt::format("unknown {} '{}' {}{}", name, given, where(name), did_you_mean(given, words)));
  value = std::move(given);
}

void TomlFile::Reader::flag(std::string_view name, bool& value, std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  auto given = node->value_exact<bool>();
  if (!given) return wrong(name, "true or false");
  value = *given;
}

void TomlFile::Reader::count(std::string_view name, size_t& value, Bounds bounds, std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  auto given = node->value_exact<int64_t>();
  if (!given) return wrong(name, "a whole number");
  if (within(name, *given, bounds, std::to_string(bounds.min), std::to_string(bounds.max)))
    value = static_cast<size_t>(*given);
}

void TomlFile::Reader::bytes(std::string_view name, size_t& value, Bounds bounds, std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  std::optional<int64_t> given = node->value_exact<int64_t>();
  if (auto text = node->value_exact<std::string>()) given = parse_bytes(*text);
  if (!given) return wrong(name, "a size such as \"64MiB\", or a number of bytes");
  if (within(name, *given, bounds, bytes_text(bounds.min), bytes_text(bounds.max)))
    value = static_cast<size_t>(*given);
}

void TomlFile::Reader::time(std::string_view name, milliseconds& value, Bounds bounds, std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  std::optional<int64_t> given = node->value_exact<int64_t>();
  if (auto text = node->value_exact<std::string>()) {
    auto time = parse_time(*text);
    given = time ? std::optional(time->count()) : std::nullopt;
  }
  if (!given) return wrong(name, "a time such as \"30s\" or \"500ms\", or a number of milliseconds");
  if (within(name, *given, bounds, time_text(milliseconds(bounds.min)), time_text(milliseconds(bounds.max))))
    value = milliseconds(*given);
}

void TomlFile::Reader::dollars(std::string_view name, std::optional<int64_t>& value, std::string_view) {
  constexpr double kMax = 1e6;
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  auto given = node->value<double>();
  if (!given || node->is_string() || !(*given >= 0 && *given <= kMax))
    return wrong(name, "a price in dollars, such as 2.5");
  value = std::llround(*given * 1e6);
}

void TomlFile::Reader::counts(std::string_view name, std::vector<size_t>& value, const Bounds& bounds,
                              std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  std::vector<size_t> out;
  const toml::array* array = node->as_array();
  if (!array) return wrong(name, "a list of whole numbers, such as [3, 1]");
  for (const toml::node& element : *array) {
    auto given = element.value_exact<int64_t>();
    if (!given || *given < bounds.min || *given > bounds.max)
      return wrong(name, fmt::format("a list of whole numbers from {} to {}", bounds.min, bounds.max));
    out.push_back(static_cast<size_t>(*given));
  }
  value = std::move(out);
}

void TomlFile::Reader::list(std::string_view name, std::vector<std::string>& value, std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  std::vector<std::string> out;
  auto take = [&](const toml::node& element) {
    auto text = element.value_exact<std::string>();
    if (!text || text->empty()) {
      wrong(name, "a list of texts that aren't empty, such as [\"a\", \"b\"]");
      return false;
    }
    if (std::ranges::find(out, *text) != out.end())
      problems_.add(fmt::format("'{}' {}: '{}' stands there twice", name, where(name), *text));
    else
      out.push_back(std::move(*text));
    return true;
  };
  const toml::array* array = node->as_array();
  if (!array) {
    if (!take(*node)) return;
  } else {
    for (const auto& element : *array)
      if (!take(element)) return;
  }
  value = std::move(out);
}

void TomlFile::Reader::table(std::string_view name, std::vector<std::pair<std::string, std::string>>& value,
                             std::string_view) {
  auto* node = static_cast<const toml::node*>(find(name));
  if (!node) return;
  const toml::table* table = node->as_table();
  if (!table) return wrong(name, "a table of texts, such as { a = \"b\" }");
  for (const auto& [key, inner] : *table) {
    auto text = inner.value_exact<std::string>();
    if (!text) return wrong(name, "only texts in the table");
    value.emplace_back(std::string(key.str()), std::move(*text));
  }
}

void TomlFile::Reader::finish() {
  const toml::table* table = file_.tree_->find(table_);
  if (!table) return;
  constexpr std::string_view kLiteralKeys[] = {"key", "api_key", "apikey", "token", "secret", "password"};
  bool has_keys = std::ranges::find(known_, std::string_view("key_env")) != known_.end();
  for (const auto& [key, node] : *table) {
    std::string_view name = key.str();
    if (std::ranges::find(known_, name) != known_.end()) continue;
    if (has_keys && std::ranges::find(kLiteralKeys, name) != std::end(kLiteralKeys))
      problems_.add(
          fmt::format("'{}' {}: a key doesn't belong in the config; put it in an environment variable and "
                      "name that with key_env = \"...\", or in a file with key_file = \"...\"",
                      name, where(name)));
    else
      problems_.add(fmt::format("unknown key '{}' {}{}", name, where(name), did_you_mean(name, known_)));
  }
}

}  // namespace hanse::catalog
