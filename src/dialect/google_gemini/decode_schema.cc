// Schemas in the vendor's own terms: OpenAPI 3.0's, with types in capitals, `nullable`, sizes as strings and
// an order of the properties. In JSON schema the order is that in which they stand.
#include <algorithm>

#include "dialect/google_gemini/decoder.h"

namespace hanse::google_gemini {
namespace {

using json::Value;

enum class Kind : uint8_t { verbatim, type, count, one, list, properties, nullable, example, order, other };
struct Keyword {
  std::string_view name;
  Kind kind;
};
constexpr Keyword kKeywords[] = {
    {"type", Kind::type},
    {"description", Kind::verbatim},
    {"properties", Kind::properties},
    {"required", Kind::verbatim},
    {"items", Kind::one},
    {"enum", Kind::verbatim},
    {"nullable", Kind::nullable},
    {"anyOf", Kind::list},
    {"propertyOrdering", Kind::order},
    {"minItems", Kind::count},
    {"maxItems", Kind::count},
    {"minLength", Kind::count},
    {"maxLength", Kind::count},
    {"minProperties", Kind::count},
    {"maxProperties", Kind::count},
    {"example", Kind::example},
    {"prefixItems", Kind::list},
    {"oneOf", Kind::list},
    {"allOf", Kind::list},
    {"additionalProperties", Kind::one},
    {"defs", Kind::properties},
};

Keyword keyword_of(std::string_view key) {
  for (const Keyword& each : kKeywords)
    if (is_named(key, each.name)) return each;
  if (key == "$defs") return {"$defs", Kind::properties};
  return {key, Kind::other};
}

class Converter {
 public:
  explicit Converter(std::string& out) : out_(out) {}

  Result<void> schema(Value schema, const Place& at) {
    if (!schema.is_object()) {
      out_.raw(schema.raw());  // true and false are schemas too
      return {};
    }
    const bool nullable = field(schema, "nullable").boolean().value_or(false);
    const Value order = field(schema, "propertyOrdering");
    out_.object();
    for (Value member : schema) TRY_VOID(keyword(member, nullable, order, at));
    out_.end_object();
    return {};
  }

 private:
  Result<void> keyword(Value member, bool nullable, Value order, const Place& at) {
    const Keyword word = keyword_of(member.key().escaped);
    const Place here = at[member.key().escaped];
    switch (word.kind) {
      case Kind::nullable:
      case Kind::order:
        return {};
      case Kind::type:
        return type(member, nullable, here);
      case Kind::count:
        out_.key(word.name).raw(json::Raw{member.is_string() ? member.text().escaped : member.raw().json});
        return member.is_string() ? whole(member, here) : Result<void>();
      case Kind::example:
        out_.key("examples").array().raw(member.raw()).end_array();
        return {};
      case Kind::one:
        out_.key(word.name);
        return schema(member, here);
      case Kind::list:
        return list(word.name, member, here);
      case Kind::properties:
        return properties(word.name, member, order, here);
      case Kind::verbatim:
        if (word.name == "enum" && nullable) return choices(member, here);
        out_.key(word.name).raw(member.raw());
        return {};
      case Kind::other:
        out_.key_text(member.key()).raw(member.raw());
        return {};
    }
    return {};
  }

  Result<void> whole(Value member, const Place& at) {
    TRY(int64_t count, want_whole_number(member, at));
    return count < 0 ? Result<void>(refuse(at, "wanted 0 or more")) : Result<void>();
  }

  // "STRING", with null when it may be.
  Result<void> type(Value member, bool nullable, const Place& at) {
    if (!member.is_string()) {
      out_.key("type").raw(member.raw());
      return {};
    }
    std::string word(member.text().escaped);
    for (char& c : word)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (word == "type_unspecified") return {};
    constexpr std::string_view kTypes[] = {"string", "number", "integer", "boolean",
                                           "array",  "object", "null"};
    if (std::find(std::begin(kTypes), std::end(kTypes), word) == std::end(kTypes))
      return unknown_word(at, member.text(), "STRING, NUMBER, INTEGER, BOOLEAN, ARRAY, OBJECT, NULL");
    out_.key("type");
    if (nullable && word != "null")
      out_.array().text({word}).text({"null"}).end_array();
    else
      out_.text({word});
    return {};
  }

  Result<void> choices(Value member, const Place& at) {
    if (!member.is_array()) return wanted(at, "an array", member);
    out_.key("enum").array();
    for (Value each : member) out_.raw(each.raw());
    out_.null().end_array();
    return {};
  }

  Result<void> list(std::string_view name, Value member, const Place& at) {
    if (!member.is_array()) return wanted(at, "an array", member);
    out_.key(name).array();
    size_t index = 0;
    for (Value each : member) TRY_VOID(schema(each, at[index++]));
    out_.end_array();
    return {};
  }

  // Those that `order` names first, in its order.
  Result<void> properties(std::string_view name, Value member, Value order, const Place& at) {
    if (!member.is_object()) return wanted(at, "an object", member);
    std::unordered_map<std::string_view, size_t> ranks;
    for (Value each : order) ranks.emplace(each.text().escaped, ranks.size());
    std::vector<std::pair<size_t, Value>> sorted;
    for (Value each : member) {
      auto known = ranks.find(each.key().escaped);
      sorted.emplace_back(known == ranks.end() ? ranks.size() + sorted.size() : known->second, each);
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out_.key(name).object();
    for (const auto& [rank, each] : sorted) {
      out_.key_text(each.key());
      TRY_VOID(schema(each, at[each.key().escaped]));
    }
    out_.end_object();
    return {};
  }

  json::Writer out_;
};

}  // namespace

Result<canon::Raw> json_schema_of(Value schema, const Place& at, Arena& arena) {
  std::string out;
  TRY_VOID(Converter(out).schema(schema, at));
  return canon::Raw{arena.copy(out)};
}

}  // namespace hanse::google_gemini
