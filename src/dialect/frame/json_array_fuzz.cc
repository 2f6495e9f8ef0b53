// Any bytes as a stream that is one JSON array: the cuts change nothing, and of what is JSON the elements are
// those that the JSON parser finds.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/json.h"
#include "dialect/frame/json_array.h"

namespace hanse::json_array {
namespace {

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

struct Read {
  std::vector<std::string> elements;
  bool good = true;
  friend bool operator==(const Read&, const Read&) = default;
};

Read parse(std::string_view bytes, size_t cut) {
  Read out;
  Parser parser;
  auto keep = [&](std::string_view element) -> Result<void> {
    out.elements.emplace_back(element);
    return {};
  };
  for (size_t at = 0; out.good && at < bytes.size(); at += std::min(cut, bytes.size() - at))
    out.good = parser.feed(bytes.substr(at, cut), keep).has_value();
  out.good = out.good && parser.finish().has_value();
  return out;
}

// What the JSON parser says, where it says anything.
void judge(std::string_view bytes, const Read& read) {
  json::Document document;
  auto root = document.parse(bytes, 1000);
  if (!root) return;
  bool objects = root->is_array();
  Read expected;
  for (json::Value each : *root) {
    objects = objects && (each.is_object() || each.is_array());
    expected.elements.emplace_back(each.raw().json);
  }
  demand(objects == read.good, "JSON is judged wrongly");
  demand(!objects || read == expected, "not the elements of the array");
}

}  // namespace
}  // namespace hanse::json_array

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::json_array;
  if (size < 1) return 0;
  size_t cut = data[0] % 32 + 1;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Read whole = parse(bytes, std::string_view::npos);
  demand(parse(bytes, cut) == whole, "the cuts change the elements");
  judge(bytes, whole);
  return 0;
}
