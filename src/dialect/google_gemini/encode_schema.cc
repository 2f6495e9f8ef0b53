// What the vendor's documents and its recorded answers say that it heeds, of any depth.
#include <algorithm>
#include <charconv>

#include "dialect/google_gemini/schema.h"

namespace hanse::google_gemini {
namespace {

using json::Value;

constexpr int kDepthMax = 64;

// Beside those that hold schemas, and those that only explain.
constexpr std::string_view kHeeded[] = {
    "type",     "enum",     "required",      "format",        "description", "title",     "default",
    "$ref",     "$id",      "$anchor",       "$schema",       "$comment",    "pattern",   "minimum",
    "maximum",  "minItems", "maxItems",      "uniqueItems",   "minLength",   "maxLength", "propertyOrdering",
    "nullable", "examples", "minProperties", "maxProperties", "deprecated",  "readOnly",  "writeOnly",
    "strict"};
constexpr std::string_view kOfOne[] = {"items", "additionalProperties"};
constexpr std::string_view kOfList[] = {"anyOf", "oneOf", "prefixItems"};
constexpr std::string_view kOfMembers[] = {"properties", "$defs", "definitions"};

template <class List>
bool in(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool is_whole(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

class Writer {
 public:
  Writer(std::string& out, canon::Losses& losses) : out_(out), losses_(losses) {}

  void schema(Value schema, const std::string& path) {
    if (!schema.is_object()) {
      out_.raw(schema.raw());
      return;
    }
    out_.object();
    for (Value member : schema) keyword(schema, member, path);
    out_.end_object();
  }

 private:
  void keyword(Value schema, Value member, const std::string& path) {
    std::string_view word = member.key().escaped;
    std::string here = path + "." + std::string(word);
    if (in(kOfOne, word) && member.is_object()) {
      out_.key_text(member.key());
      this->schema(member, here);
    } else if (in(kOfList, word) && member.is_array()) {
      out_.key_text(member.key()).array();
      size_t index = 0;
      for (Value each : member) this->schema(each, here + "[" + std::to_string(index++) + "]");
      out_.end_array();
    } else if (in(kOfMembers, word) && member.is_object()) {
      out_.key_text(member.key()).object();
      for (Value each : member) {
        out_.key_text(each.key());
        this->schema(each, here + "." + std::string(each.key().escaped));
      }
      out_.end_object();
    } else if (word == "const" && schema["enum"].missing()) {
      out_.key("enum").array().raw(member.raw()).end_array();
    } else if (word == "exclusiveMinimum" && schema["minimum"].missing() && bound(schema, member, 1)) {
      bounded(schema, here);
    } else if (word == "exclusiveMaximum" && schema["maximum"].missing() && bound(schema, member, -1)) {
      bounded(schema, here);
    } else {
      out_.key_text(member.key()).raw(member.raw());
      if (!in(kHeeded, word) && !in(kOfOne, word) && !word.starts_with("x-")) losses_.add(std::move(here));
    }
  }

  // Of whole numbers the next one, so that nothing is lost; of others the number itself.
  bool bound(Value schema, Value member, int64_t step) {
    if (member.type() != json::Type::number) return false;  // the flag of older drafts
    constexpr int64_t kMost = 1'000'000'000'000'000;
    auto number = member.integer();
    const bool whole = schema["type"].text().escaped == "integer" && number && is_whole(member.raw().json) &&
                       *number < kMost && *number > -kMost;
    out_.key(step > 0 ? "minimum" : "maximum");
    whole ? out_.number(*number + step) : out_.raw(member.raw());
    return true;
  }
  void bounded(Value schema, const std::string& path) {
    if (schema["type"].text().escaped != "integer") losses_.add(path);
  }

  json::Writer out_;
  canon::Losses& losses_;
};

// Whether there is anything to write anew or to tell.
bool is_heeded(Value schema) {
  if (!schema.is_object()) return true;
  for (Value member : schema) {
    std::string_view word = member.key().escaped;
    if (in(kHeeded, word)) continue;
    if (in(kOfOne, word)) {
      if (!is_heeded(member)) return false;
    } else if ((in(kOfList, word) && member.is_array()) || (in(kOfMembers, word) && member.is_object())) {
      for (Value each : member)
        if (!is_heeded(each)) return false;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

void write_schema(json::Raw schema, const std::string& path, std::string& out, canon::Losses& losses) {
  thread_local json::Document document;  // not scratch(): the client's body may be in it
  auto root = document.parse(schema.json, kDepthMax, json::Check::structure);
  if (!root || is_heeded(*root))
    out += schema.json;
  else
    Writer(out, losses).schema(*root, path);
}

}  // namespace hanse::google_gemini
