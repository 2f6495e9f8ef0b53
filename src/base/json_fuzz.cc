// Any bytes as JSON: our reader takes what simdjson's own DOM takes and refuses what it refuses, finds the
// same values, and what the Writer makes of them is read as the same again.
#include <simdjson.h>

#include <cmath>
#include <cstdlib>

#include "base/assert.h"
#include "base/json_testing.h"

namespace hanse::json {
namespace {

constexpr int kDepthMax = 64;

// The text with its strings unescaped and escaped again, and with plain numbers if so wanted.
void rewrite(Value value, Writer& out, bool plain_numbers = false) {
  if (value.is_object()) {
    out.object();
    for (Value member : value) {
      std::string key;
      escape(unescape(member.key()), key);
      rewrite(member, out.key(key), plain_numbers);
    }
    out.end_object();
  } else if (value.is_array()) {
    out.array();
    for (Value element : value) rewrite(element, out, plain_numbers);
    out.end_array();
  } else if (value.is_string()) {
    out.string(value.string());
  } else {
    out.raw(plain_numbers && value.type() == Type::number ? Raw{"0"} : value.raw());
  }
}

void same(Value ours, simdjson::dom::element theirs) {
  using simdjson::dom::element_type;
  switch (theirs.type()) {
    case element_type::OBJECT: {
      HANSE_ASSERT(ours.is_object());
      auto members = theirs.get_object().value();
      HANSE_ASSERT(ours.size() == members.size());
      auto mine = ours.begin();
      for (auto member : members) {
        HANSE_ASSERT(unescape((*mine).key()) == member.key);
        same(*mine, member.value);
        ++mine;
      }
      return;
    }
    case element_type::ARRAY: {
      HANSE_ASSERT(ours.is_array());
      auto elements = theirs.get_array().value();
      HANSE_ASSERT(ours.size() == elements.size());
      auto mine = ours.begin();
      for (auto element : elements) {
        same(*mine, element);
        ++mine;
      }
      return;
    }
    case element_type::STRING:
      HANSE_ASSERT(ours.is_string() && ours.string() == theirs.get_string().value());
      return;
    case element_type::BOOL:
      HANSE_ASSERT(ours.boolean() == theirs.get_bool().value());
      return;
    case element_type::NULL_VALUE:
      HANSE_ASSERT(ours.type() == Type::null);
      return;
    case element_type::INT64:
      HANSE_ASSERT(ours.integer() == theirs.get_int64().value());
      return;
    case element_type::UINT64:  // over what an int64_t holds
      HANSE_ASSERT(ours.type() == Type::number && !ours.integer());
      return;
    case element_type::DOUBLE:
      HANSE_ASSERT(ours.number() == theirs.get_double().value());
      return;
    default:
      HANSE_ASSERT(ours.type() == Type::number);
  }
}

// What only ours takes: numbers over all bounds, which stay text, and halves of surrogate pairs.
bool taken_by_ours_alone(Value value) {
  std::string text(value.raw().json);
  if (value.is_string()) return text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;
  bool whole = text.find_first_of(".eE") == text.npos;
  return value.type() == Type::number &&
         (whole ? text.size() > 18 : std::isinf(std::strtod(text.c_str(), nullptr)));
}

// simdjson refused the whole: then for a scalar of that kind, and it takes all the rest.
void refused_for_a_scalar(Value value, simdjson::dom::parser& parser, bool& found) {
  if (value.is_object() || value.is_array()) {
    for (Value each : value) {
      if (value.is_object()) found = found || each.key().escaped.find("\\u") != std::string_view::npos;
      refused_for_a_scalar(each, parser, found);
    }
    return;
  }
  simdjson::dom::element alone;
  std::string_view text = value.raw().json;
  if (parser.parse(text.data(), text.size()).get(alone) == simdjson::SUCCESS) return;
  HANSE_ASSERT(taken_by_ours_alone(value));
  found = true;
}

void structure_is_good(Value root, simdjson::dom::parser& parser) {
  bool found = false;
  refused_for_a_scalar(root, parser, found);
  HANSE_ASSERT(found);
  std::string tame;
  Writer writer(tame);
  rewrite(root, writer, true);
  simdjson::dom::element theirs;
  HANSE_ASSERT(parser.parse(tame).get(theirs) == simdjson::SUCCESS);
}

void write_and_read_again(Value root) {
  Document again;
  std::string copied = compact(root), rewritten, once_more;
  Writer rewriter(rewritten), second(once_more);
  auto read = again.parse(copied, kDepthMax);
  HANSE_ASSERT(read && compact(*read) == copied);
  rewrite(root, rewriter);
  auto reread = again.parse(rewritten, kDepthMax);
  HANSE_ASSERT(reread.has_value());
  rewrite(*reread, second);
  HANSE_ASSERT(once_more == rewritten);
}

}  // namespace
}  // namespace hanse::json

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::json;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Document document, structure;
  auto root = document.parse(bytes, kDepthMax);
  HANSE_ASSERT(!root || structure.parse(bytes, kDepthMax, Check::structure));
  simdjson::dom::parser parser;
  (void)parser.allocate(std::max<size_t>(size, 64), kDepthMax + 2);
  simdjson::dom::element theirs;
  auto error = parser.parse(bytes.data(), bytes.size()).get(theirs);
  if (root) write_and_read_again(*root);
  bool too_deep = !root && root.error().message.find("too deep") != std::string::npos;
  if (error == simdjson::SUCCESS) {
    HANSE_ASSERT(root || too_deep);
    if (root) same(*root, theirs);
  } else if (root) {
    structure_is_good(*root, parser);
  }
  return 0;
}
