#include "sim/instance.h"

#include <cmath>
#include <limits>

namespace hanse::sim {
namespace {

constexpr int kDepthMax = 24;  // of the instance; below it everything is null
constexpr int kFullDepth = 3;  // down to here objects that require nothing are filled
constexpr size_t kItemsMax = 64;
constexpr size_t kBytesMax = 64 * 1024;  // from here on everything is null: schemas come from strangers
constexpr size_t kPartsMax = 128;        // of one schema
constexpr double kNoLimit = std::numeric_limits<double>::infinity();

constexpr std::string_view kWords[] = {"amber",  "barley",  "candle", "dune",   "ember", "ferry",
                                       "grain",  "harbour", "inlet",  "jetty",  "keel",  "lantern",
                                       "meadow", "north",   "oak",    "plank",  "quay",  "rope",
                                       "salt",   "timber",  "umber",  "vessel", "wax",   "yarn"};

constexpr std::pair<std::string_view, std::string_view> kFormats[] = {
    {"date", "2026-11-23"},
    {"date-time", "2026-11-23T10:20:30Z"},
    {"time", "10:20:30Z"},
    {"duration", "PT30M"},
    {"email", "harbour@example.com"},
    {"uri", "https://example.com/quay"},
    {"url", "https://example.com/quay"},
    {"hostname", "example.com"},
    {"ipv4", "192.0.2.7"},
    {"ipv6", "2001:db8::7"},
    {"uuid", "8f14e45f-ceea-467a-9b5c-3d1f0a2b4c6d"}};

// A schema with all that applies beside it: what $ref, allOf and the chosen anyOf or oneOf say.
class Facets {
 public:
  Facets(json::Value root, json::Value schema) : root_(root) { add(schema, 0); }

  // What the first part that knows `key` says.
  json::Value find(std::string_view key) const {
    for (json::Value part : parts_)
      if (json::Value found = part[key]; found.present()) return found;
    return {};
  }
  // The strictest lower (sign 1) or upper (sign -1) limit under either name.
  double limit(std::string_view key, int sign) const {
    double strictest = -kNoLimit;
    for (json::Value part : parts_)
      if (auto n = part[key].number()) strictest = std::max(strictest, sign * *n);
    return sign * strictest;
  }
  size_t count(std::string_view key, size_t otherwise) const {
    auto n = find(key).number();
    return n && *n >= 0 ? static_cast<size_t>(std::min(*n, 1e6)) : otherwise;
  }
  const std::vector<json::Value>& parts() const { return parts_; }

  std::string type() const {
    json::Value type = find("type");
    if (type.is_string()) return type.string();
    for (json::Value one : type)
      if (one.string() != "null") return one.string();
    if (type.size() > 0) return "null";
    if (find("properties").is_object() || find("required").is_array()) return "object";
    if (find("items").is_object() || find("prefixItems").is_array()) return "array";
    return "string";
  }

 private:
  void add(json::Value schema, int depth) {
    if (!schema.is_object() || depth > 16 || parts_.size() >= kPartsMax) return;
    parts_.push_back(schema);
    if (json::Value ref = schema["$ref"]; ref.is_string()) add(resolve(ref.string()), depth + 1);
    for (json::Value one : schema["allOf"]) add(one, depth + 1);
    for (std::string_view key : {"anyOf", "oneOf"})
      if (json::Value options = schema[key]; options.size() > 0) add(choose(options), depth + 1);
  }
  // The first that isn't null.
  static json::Value choose(json::Value options) {
    for (json::Value one : options)
      if (one["type"].string() != "null") return one;
    return *options.begin();
  }
  json::Value resolve(std::string_view pointer) const {
    if (pointer.empty() || pointer.front() != '#') return {};
    json::Value at = root_;
    while (!pointer.empty()) {
      pointer.remove_prefix(1);
      size_t end = std::min(pointer.find('/'), pointer.size());
      if (end > 0) at = at[pointer.substr(0, end)];
      pointer.remove_prefix(end);
    }
    return at;
  }

  json::Value root_;
  std::vector<json::Value> parts_;
};

// Writes instances of one schema and its parts.
class Maker {
 public:
  Maker(json::Value root, const Hints& hints, Random& random, std::string& out)
      : root_(root), hints_(hints), random_(random), out_(out) {}

  void write(json::Value schema, std::string_view name, int depth) {
    if (out_.size() > kBytesMax) return put("null");
    Facets facets(root_, schema);
    if (json::Value only = facets.find("const"); only.present()) return put(only.raw().json);
    if (json::Value choices = facets.find("enum"); choices.size() > 0) return write_choice(choices, name);
    std::string type = depth > kDepthMax ? "null" : facets.type();
    if (type == "object") return write_object(facets, depth);
    if (type == "array") return write_array(facets, name, depth);
    if (type == "integer" || type == "number") return write_number(facets, name, type == "integer");
    if (type == "boolean") return write_boolean(name);
    if (type == "null") return put("null");
    write_string(facets, name);
  }

 private:
  void put(std::string_view json) { out_.append(json); }
  void put_string(std::string_view plain) {
    out_ += '"';
    json::escape(plain, out_);
    out_ += '"';
  }
  const std::string* hint(std::string_view name) const {
    for (const auto& [known, value] : hints_)
      if (known == name) return &value;
    return nullptr;
  }

  void write_choice(json::Value choices, std::string_view name) {
    const std::string* wanted = hint(name);
    size_t chosen = random_.below(choices.size()), index = 0;
    json::Value pick;
    for (json::Value one : choices) {
      if (index++ == chosen) pick = one;
      if (wanted && (one.is_string() ? one.string() : std::string(one.raw().json)) == *wanted)
        return put(one.raw().json);
    }
    put(pick.raw().json);
  }

  void write_boolean(std::string_view name) {
    const std::string* wanted = hint(name);
    bool yes = wanted ? *wanted == "true" || *wanted == "yes" || *wanted == "1" : random_.below(2) == 1;
    put(yes ? "true" : "false");
  }

  void write_string(const Facets& facets, std::string_view name) {
    if (const std::string* wanted = hint(name)) return put_string(*wanted);
    std::string format = facets.find("format").string();
    for (const auto& [known, example] : kFormats)
      if (known == format) return put_string(example);
    std::string text(some_word(random_));
    size_t shortest = std::min<size_t>(facets.count("minLength", 0), 100'000);
    while (text.size() < shortest) text.append(1, ' ').append(some_word(random_));
    put_string(std::string_view(text).substr(0, facets.count("maxLength", text.size())));
  }

  void write_number(const Facets& facets, std::string_view name, bool whole) {
    double step = facets.limit("multipleOf", 1);
    if (!(step > 0) || !std::isfinite(step)) step = whole ? 1 : 0;
    double nudge = step > 0 ? step : 0.5;
    double low = std::max(facets.limit("minimum", 1), facets.limit("exclusiveMinimum", 1) + nudge);
    double high = std::min(facets.limit("maximum", -1), facets.limit("exclusiveMaximum", -1) - nudge);
    if (const std::string* wanted = hint(name); wanted && is_number(*wanted, whole)) return put(*wanted);
    if (low == -kNoLimit && high == kNoLimit) low = 1, high = 100;
    if (low == -kNoLimit) low = high - 100;
    if (high == kNoLimit) high = low + 100;
    double value = low + std::floor(random_.fraction() * (high - low));
    if (step > 0) value = std::ceil(value / step) * step;
    if (value > high) value = low;
    put(std::floor(value) == value ? fmt::format("{:.0f}", value) : fmt::format("{}", value));
  }
  static bool is_number(const std::string& text, bool whole) {
    json::Document document;
    auto value = document.parse(text, 1);
    return value && (whole ? value->integer().has_value() : value->number().has_value());
  }

  void write_array(const Facets& facets, std::string_view name, int depth) {
    if (const std::string* wanted = hint(name); wanted && wanted->starts_with('[') && is_json(*wanted))
      return put(*wanted);
    size_t least = facets.count("minItems", depth < kFullDepth ? 1 : 0);
    size_t count = std::min(
        {std::max(least, hint(name) ? size_t{1} : 0), facets.count("maxItems", kItemsMax), kItemsMax});
    bool unique = facets.find("uniqueItems").boolean().value_or(false);
    std::vector<std::string> seen;
    out_ += '[';
    auto fixed = facets.find("prefixItems");
    auto next_fixed = fixed.begin();
    for (size_t i = 0; i < std::max(count, fixed.size()); ++i) {
      if (i > 0) out_ += ',';
      json::Value schema = i < fixed.size() ? *next_fixed : facets.find("items");
      if (i < fixed.size()) ++next_fixed;
      write_item(schema, name, depth, unique ? &seen : nullptr);
    }
    out_ += ']';
  }
  void write_item(json::Value schema, std::string_view name, int depth, std::vector<std::string>* seen) {
    size_t begin = out_.size();
    for (int tries = 0; tries < 50; ++tries) {
      out_.resize(begin);
      write(schema, name, depth + 1);
      if (!seen || std::find(seen->begin(), seen->end(), out_.substr(begin)) == seen->end()) break;
    }
    if (seen) seen->push_back(out_.substr(begin));
  }
  static bool is_json(const std::string& text) {
    json::Document document;
    return document.parse(text, kDepthMax).has_value();
  }

  void write_object(const Facets& facets, int depth) {
    std::vector<std::string> names;
    auto take = [&](std::string name) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    };
    bool anything_required = false;
    for (json::Value part : facets.parts())
      for (json::Value name : part["required"]) anything_required = true, take(name.string());
    for (json::Value part : facets.parts())
      for (json::Value property : part["properties"]) {
        std::string name = json::unescape(property.key());
        if (hint(name) || (!anything_required && depth < kFullDepth)) take(std::move(name));
      }
    out_ += '{';
    for (size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out_ += ',';
      put_string(names[i]);
      out_ += ':';
      write(property_schema(facets, names[i]), names[i], depth + 1);
    }
    out_ += '}';
  }
  static json::Value property_schema(const Facets& facets, std::string_view name) {
    for (json::Value part : facets.parts())
      if (json::Value found = part["properties"][name]; !found.missing()) return found;
    return {};
  }

  json::Value root_;
  const Hints& hints_;
  Random& random_;
  std::string& out_;
};

}  // namespace

std::string_view some_word(Random& random) { return kWords[random.below(std::size(kWords))]; }

std::string make_instance(json::Raw schema, const Hints& hints, Random& random) {
  json::Document document;
  auto root = document.parse(schema.json, 64);
  std::string out;
  if (!root || !root->is_object() || root->size() == 0) return "{}";
  Maker(*root, hints, random, out).write(*root, "", 0);
  return out;
}

}  // namespace hanse::sim
