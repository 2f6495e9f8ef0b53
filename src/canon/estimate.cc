#include "canon/estimate.h"

#include <algorithm>

namespace hanse::canon {
namespace {

constexpr int64_t kPerObject = 2;  // what a model's template puts around a message, a part, a tool
constexpr size_t kBase64Min = 256;

// Long, and of base64's letters only: an image, not a text.
bool is_media(std::string_view text) {
  if (text.starts_with("data:")) return true;
  if (text.size() < kBase64Min) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=' || c == '-' || c == '_' || c == '\\';
  });
}

int64_t tokens_of(std::string_view text) {
  if (is_media(text)) return kMediaTokens;
  int64_t ascii = 0, others = 0;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    ascii += byte < 0x80;
    others += byte >= 0xC0;  // the first byte of a longer character
  }
  return (ascii + 3) / 4 + others;
}

}  // namespace

int64_t estimate_tokens(json::Value body) {
  switch (body.type()) {
    case json::Type::string:
      return tokens_of(body.text().escaped);
    case json::Type::array:
    case json::Type::object: {
      int64_t sum = body.is_object() ? kPerObject : 0;
      for (json::Value inner : body) sum += estimate_tokens(inner);
      return sum;
    }
    case json::Type::number:
    case json::Type::boolean:
      return 1;
    default:
      return 0;
  }
}

}  // namespace hanse::canon
