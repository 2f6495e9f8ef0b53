#include "catalog/option.h"

#include <charconv>

#include <fmt/format.h>

namespace hanse::catalog {
namespace {

struct Unit {
  std::string_view name;
  int64_t size;
};
constexpr Unit kByteUnits[] = {
    {"GiB", int64_t{1} << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1'000'000'000},
    {"MB", 1'000'000},         {"kB", 1000},     {"B", 1}};
constexpr Unit kTimeUnits[] = {{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}};

template <size_t N>
std::optional<int64_t> parse_units(std::string_view text, const Unit (&units)[N]) {
  int64_t number = 0;
  auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (e != std::errc() || number < 0) return {};
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& u : units)
    if (unit == u.name) return number > INT64_MAX / u.size ? std::optional<int64_t>() : number * u.size;
  return {};
}

}  // namespace

std::string bytes_text(int64_t bytes) {
  for (const Unit& u : {kByteUnits[0], kByteUnits[1], kByteUnits[2]})
    if (bytes >= u.size && bytes % u.size == 0) return fmt::format("{}{}", bytes / u.size, u.name);
  return std::to_string(bytes);
}

std::string time_text(milliseconds time) {
  for (const Unit& u : {kTimeUnits[1], kTimeUnits[2], kTimeUnits[3]})
    if (time.count() >= u.size && time.count() % u.size == 0)
      return fmt::format("{}{}", time.count() / u.size, u.name);
  return fmt::format("{}ms", time.count());
}

std::optional<int64_t> parse_bytes(std::string_view text) { return parse_units(text, kByteUnits); }

std::optional<milliseconds> parse_time(std::string_view text) {
  auto ms = parse_units(text, kTimeUnits);
  return ms ? std::optional(milliseconds(*ms)) : std::nullopt;
}

void FactsVisitor::text(std::string_view name, std::string& value, Words words, std::string_view help) {
  facts.push_back({std::string(name),
                   "text",
                   value.empty() ? "" : '"' + value + '"',
                   std::string(help),
                   {},
                   std::move(words)});
}
void FactsVisitor::flag(std::string_view name, bool& value, std::string_view help) {
  facts.push_back({std::string(name), "flag", value ? "true" : "false", std::string(help), {}, {}});
}
void FactsVisitor::count(std::string_view name, size_t& value, Bounds bounds, std::string_view help) {
  facts.push_back({std::string(name), "count", std::to_string(value), std::string(help), bounds, {}});
}
void FactsVisitor::bytes(std::string_view name, size_t& value, Bounds bounds, std::string_view help) {
  facts.push_back({std::string(name),
                   "bytes",
                   '"' + bytes_text(static_cast<int64_t>(value)) + '"',
                   std::string(help),
                   bounds,
                   {}});
}
void FactsVisitor::time(std::string_view name, milliseconds& value, Bounds bounds, std::string_view help) {
  facts.push_back({std::string(name),
                   "time",
                   value.count() ? '"' + time_text(value) + '"' : "",
                   std::string(help),
                   bounds,
                   {}});
}
void FactsVisitor::list(std::string_view name, std::vector<std::string>&, std::string_view help) {
  facts.push_back({std::string(name), "list of texts", "[]", std::string(help), {}, {}});
}
void FactsVisitor::table(std::string_view name, std::vector<std::pair<std::string, std::string>>&,
                         std::string_view help) {
  facts.push_back({std::string(name), "table of texts", "{}", std::string(help), {}, {}});
}

}  // namespace hanse::catalog
