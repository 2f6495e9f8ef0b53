#include "catalog/option.h"

#include <charconv>

#include <fmt/format.h>

#include "base/json.h"

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

std::string quoted(std::string_view text) {
  std::string out(1, '"');
  json::escape(text, out);
  return out + '"';
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

void FactsVisitor::add(std::string_view name, std::string_view kind, std::string standard,
                       std::string_view help, Bounds bounds, Words words) {
  facts.push_back({std::string(name), std::string(kind), std::move(standard), std::string(help), bounds,
                   std::move(words)});
}
void FactsVisitor::text(std::string_view name, std::string& value, std::string_view help) {
  add(name, "text", value.empty() ? "" : quoted(value), help);
}
void FactsVisitor::word(std::string_view name, std::string& value, Words words, std::string_view help) {
  add(name, "word", value.empty() ? "" : quoted(value), help, {}, std::move(words));
}
void FactsVisitor::flag(std::string_view name, bool& value, std::string_view help) {
  add(name, "flag", value ? "true" : "false", help);
}
void FactsVisitor::count(std::string_view name, size_t& value, Bounds bounds, std::string_view help) {
  add(name, "count", std::to_string(value), help, bounds);
}
void FactsVisitor::bytes(std::string_view name, size_t& value, Bounds bounds, std::string_view help) {
  add(name, "bytes", quoted(bytes_text(static_cast<int64_t>(value))), help, bounds);
}
void FactsVisitor::time(std::string_view name, milliseconds& value, Bounds bounds, std::string_view help) {
  add(name, "time", value.count() ? quoted(time_text(value)) : "", help, bounds);
}
void FactsVisitor::dollars(std::string_view name, std::optional<int64_t>&, std::string_view help) {
  add(name, "dollars", "", help);
}
void FactsVisitor::counts(std::string_view name, std::vector<size_t>&, Bounds bounds, std::string_view help) {
  add(name, "counts", "", help, bounds);
}

void FactsVisitor::list(std::string_view name, std::vector<std::string>& value, std::string_view help) {
  std::string standard;
  for (const std::string& text : value) standard += (standard.empty() ? "" : ", ") + quoted(text);
  add(name, "list", standard.empty() ? "" : "[" + standard + "]", help);
}
void FactsVisitor::table(std::string_view name, std::vector<std::pair<std::string, std::string>>&,
                         std::string_view help) {
  add(name, "table", "", help);
}
void FactsVisitor::group(std::string_view name, std::string_view help) { add(name, "group", "", help); }

}  // namespace hanse::catalog
