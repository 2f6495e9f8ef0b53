#include <algorithm>

#include "base/json_testing.h"
#include "base/oracles_testing.h"
#include "dialect/dialect.h"
#include "dialect/fidelity_testing.h"

namespace hanse::fidelity {
namespace {

constexpr int kDepthMax = 100;

// ---- a request without one field

struct Step {
  std::string_view name;  // of a member; of an element or of a choice the word in the brackets
  bool bracket = false;
};

std::vector<Step> steps_of(std::string_view path) {
  std::vector<Step> out;
  while (!path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    if (path.front() == '[') {
      const size_t close = path.find(']');
      out.push_back({path.substr(1, close - 1), true});
      path.remove_prefix(close + 1);
    } else {
      const size_t end = std::min(path.find_first_of(".["), path.size());
      out.push_back({path.substr(0, end)});
      path.remove_prefix(end);
    }
  }
  return out;
}

using Steps = std::span<const Step>;

bool is_called(json::Value value, std::string_view word) {
  return word.empty() || value["type"].text().escaped == word || value["role"].text().escaped == word;
}

// `value` without what `steps` leads to; what is a choice of another name, or no list, stays.
void copy_without(json::Value value, Steps steps, json::Writer& out) {
  if (steps.empty()) return void(out.raw(value.raw()));
  const Step& step = steps.front();
  const Steps rest = steps.subspan(1);
  if (step.bracket && value.is_object()) {
    if (is_called(value, step.name)) return copy_without(value, rest, out);
  } else if (step.bracket && value.is_array()) {
    out.array();
    size_t index = 0;
    for (json::Value each : value) {
      const bool last = ++index == value.size();
      if (!is_called(each, step.name))
        out.raw(each.raw());
      else if (!rest.empty())
        copy_without(each, rest, out);
      else if (step.name.empty() && !last)
        out.raw(each.raw());
    }
    out.end_array();
    return;
  } else if (!step.bracket && value.is_object()) {
    out.object();
    for (json::Value member : value) {
      if (member.key().escaped != step.name) {
        out.key_text(member.key()).raw(member.raw());
        continue;
      }
      const bool choice = rest.size() == 1 && rest.front().bracket && member.is_object();
      if (rest.empty() || choice) continue;
      out.key_text(member.key());
      copy_without(member, rest, out);
    }
    out.end_object();
    return;
  }
  out.raw(value.raw());
}

// The members of `base`, but for those that `over` has too, and those of `over`.
std::string merged(json::Value base, json::Value over) {
  std::string out;
  json::Writer writer(out);
  writer.object();
  for (json::Value member : base)
    if (!over[member.key().escaped].present()) writer.key_text(member.key()).raw(member.raw());
  for (json::Value member : over) writer.key_text(member.key()).raw(member.raw());
  writer.end_object();
  return out;
}

std::string without(const std::string& body, std::string_view path) {
  json::Document document;
  auto root = document.parse(body, kDepthMax);
  std::string out;
  json::Writer writer(out);
  copy_without(*root, steps_of(path), writer);
  return out;
}

// ---- what comes of it

// "messages[0].content[1]" as "messages.content."
std::string without_brackets(std::string_view path) {
  std::string out;
  bool inside = false;
  for (char c : path) {
    if (c == '[') inside = true;
    if (!inside) out += c;
    if (c == ']') inside = false;
  }
  while (out.ends_with('.')) out.pop_back();
  return out + ".";
}

struct Told {
  bool good = false;
  Error error;
  std::string body;
  std::vector<std::string> losses;
};

Told translate(const Dialect& from, const Dialect& to, const std::string& body) {
  Told out;
  json::Document document;
  auto root = document.parse(body, kDepthMax);
  if (!root) return out.error = root.error(), out;
  auto request = from.decode_request(*root);
  if (!request) return out.error = request.error(), out;
  canon::Losses losses;
  const Target target{.model = "anthropic.claude", .official = true};
  auto encoded = to.encode_request(**request, target, losses);
  if (!encoded) return out.error = encoded.error(), out;
  return {true, {}, *encoded, losses.paths()};
}

// "tools[0]" holds "tools[function].function.name".
bool holds(std::string_view told, std::string_view field) {
  return without_brackets(field).starts_with(without_brackets(told));
}

Cell compare(std::string_view target, std::string_view field, const Told& with, const Told& less) {
  Cell cell{target, Outcome::silent, {}};
  if (!with.good) {
    cell.outcome = Outcome::refused;
    cell.told.push_back(with.error.field);
    return cell;
  }
  for (const std::string& loss : with.losses)
    if (std::ranges::find(less.losses, loss) == less.losses.end()) cell.told.push_back(loss);
  const bool differs = with.body != less.body;
  if (differs) cell.outcome = cell.told.empty() ? Outcome::mapped : Outcome::partly;
  if (differs) return cell;
  for (const std::string& loss : with.losses)  // or what it stands in was lost in both
    if (cell.told.empty() && holds(loss, field)) cell.told.push_back(loss);
  if (!cell.told.empty()) cell.outcome = Outcome::dropped;
  return cell;
}

bool is_clothed(const Dialect& dialect) {
  return dialect.name() == "bedrock-invoke" || dialect.name() == "anthropic-vertex";
}

Row row_of(const Dialect& from, json::Value base, json::Value example) {
  Row row;
  row.field = json::unescape(example.key());
  std::string_view path = row.field;
  if (path.ends_with("...")) path.remove_suffix(3);
  if (example.is_string()) return row.by_hanse = example.string(), row;
  const bool pair = example.is_array();
  const std::string with = merged(base, pair ? *example.begin() : example);
  const std::string less = pair ? merged(base, *++example.begin()) : without(with, path);
  if (with == less) return row.fault = "the example does not hold it", row;
  for (const Dialect* to : all_dialects()) {
    if (to == &from || is_clothed(*to)) continue;
    const Told full = translate(from, *to, with), rest = translate(from, *to, less);
    if (!rest.good) return row.fault = "without it: " + rest.error.message, row;
    row.cells.push_back(compare(to->name(), path, full, rest));
  }
  return row;
}

}  // namespace

std::vector<Page> measure() {
  std::vector<Page> out;
  for (const Dialect* from : all_dialects()) {
    if (is_clothed(*from)) continue;
    std::string folder(from->name());
    std::ranges::replace(folder, '-', '_');
    const std::string text =
        read_whole(std::filesystem::path(HANSE_SOURCE_DIR) / "src/dialect" / folder / "fidelity.json");
    json::Document document;
    auto root = document.parse(text, kDepthMax);
    Page& page = out.emplace_back(Page{from->name(), {}});
    if (!root) {
      page.rows.push_back({"", "", "fidelity.json: " + root.error().message, {}});
      continue;
    }
    for (json::Value example : (*root)["fields"]) {
      Row& row = page.rows.emplace_back(row_of(*from, (*root)["base"], example));
      row.needless = (*root)["needless"][row.field].string();
      for (Cell& cell : row.cells)
        if (cell.outcome == Outcome::silent && !row.needless.empty()) cell.outcome = Outcome::needless;
    }
  }
  return out;
}

bool names(std::string_view told, std::string_view field) {
  const std::string a = without_brackets(told), b = without_brackets(field);
  return a.starts_with(b) || b.starts_with(a);
}

}  // namespace hanse::fidelity
