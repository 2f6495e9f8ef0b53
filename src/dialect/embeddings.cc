#include "dialect/embeddings.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/base64.h"

namespace hanse {

void lose_extras(const canon::EmbeddingRequest& request, canon::Losses& losses) {
  for (std::string_view path : request.extras) losses.add(std::string(path));
}

Result<void> read_texts(json::Value list, std::string_view path, std::vector<json::Text>& texts) {
  if (list.is_string()) {
    texts.push_back(list.text());
    return {};
  }
  if (!list.is_array() || list.size() == 0)
    return fail(Code::bad_request,
                fmt::format("{}: wanted a text or a list of texts, not {}", path,
                            list.is_array() ? "an empty list" : json::name_of(list.type())))
        .at(std::string(path));
  for (json::Value text : list) {
    if (!text.is_string())
      return fail(Code::bad_request, fmt::format("{}[{}]: wanted a string, not {}", path, texts.size(),
                                                 json::name_of(text.type())))
          .at(std::string(path));
    texts.push_back(text.text());
  }
  return {};
}

void note_extras(json::Value root, std::initializer_list<std::string_view> known,
                 canon::EmbeddingRequest& request) {
  for (json::Value member : root)
    if (member.present() && std::ranges::find(known, member.key().escaped) == known.end())
      request.extras.push_back(member.key().escaped);
}

Result<std::optional<int64_t>> read_dimensions(json::Value value, std::string_view path) {
  if (!value.present()) return std::optional<int64_t>();
  constexpr int64_t kMost = 100'000;
  const auto number = value.integer();
  if (!number || *number < 1 || *number > kMost)
    return fail(Code::bad_request, fmt::format("{}: wanted a whole number from 1 to {}", path, kMost))
        .at(std::string(path));
  return number;
}

Result<json::Raw> read_vector(json::Value value) {
  bool good = value.is_array() && value.size() > 0;
  for (json::Value number : value) good = good && number.type() == json::Type::number;
  if (!good) return fail(Code::malformed_reply, "the provider's answer holds something else than vectors");
  return value.raw();
}

std::string vector_base64(json::Raw vector) {
  json::Document document;
  auto root = document.parse(vector.json, 2);
  std::string bytes;
  if (root)
    for (json::Value number : *root) {
      auto bits = std::bit_cast<uint32_t>(static_cast<float>(number.number().value_or(0)));
      for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift);
    }
  std::string out;
  append_base64(bytes, out);
  return out;
}

}  // namespace hanse
