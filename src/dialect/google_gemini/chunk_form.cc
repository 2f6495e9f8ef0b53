#include "dialect/google_gemini/chunk_form.h"

#include "dialect/plain_text.h"

namespace hanse::google_gemini {
namespace {

constexpr size_t kDigitsMax = 12;  // of counts that are counts

size_t digits_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  const size_t size = end - at;
  return size > kDigitsMax || (size > 1 && text[at] == '0') ? 0 : size;
}

}  // namespace

bool ChunkForm::find_text(json::Value root, json::Text& text) {
  json::Value candidates = root["candidates"];
  if (candidates.size() != 1 || root["error"].present() || root["promptFeedback"].present()) return false;
  json::Value candidate = *candidates.begin(), parts = candidate["content"]["parts"];
  if (candidate["index"].integer().value_or(0) != 0 || candidate["finishReason"].present()) return false;
  if (parts.size() != 1) return false;
  json::Value part = *parts.begin(), said = part["text"], thought = part["thought"];
  thought_ = thought.boolean().value_or(false);
  text = said.text();
  return said.is_string() && part.size() == (thought.missing() ? 1 : 2);
}

// The numbers of the counts and of their details, in the order of the bytes.
bool ChunkForm::find_numbers(json::Value value, bool counts, std::string_view behind, size_t& at) {
  for (json::Value each : value) {
    if (each.is_object() || each.is_array()) {
      if (!find_numbers(each, false, behind, at)) return false;
    } else if (each.type() == json::Type::number) {
      std::string_view number = each.raw().json;
      if (number.data() < behind.data() + at) return false;  // the counts stand before the text
      const auto from = static_cast<size_t>(number.data() - behind.data());
      if (from > behind.size() || digits_at(behind, from) != number.size()) return false;
      numbers_.push_back({from - at, counts ? count_of(each.key().escaped) : -1});
      behind_.append(behind.substr(at, from - at));
      at = from + number.size();
    }
  }
  return true;
}

void ChunkForm::learn(std::string_view data, json::Value root) {
  before_.clear();
  behind_.clear();
  numbers_.clear();
  json::Text text;
  if (!find_text(root, text)) return;
  const auto from = static_cast<size_t>(text.escaped.data() - data.data());
  std::string_view behind = data.substr(from + text.escaped.size());
  size_t at = 0;
  if (!find_numbers(root["usageMetadata"], true, behind, at)) return;
  behind_.append(behind.substr(at));
  before_ = data.substr(0, from);
}

std::optional<ChunkForm::Piece> ChunkForm::match(std::string_view data, canon::Usage& usage) const {
  if (before_.empty() || !data.starts_with(before_)) return {};
  const size_t end = end_of_plain(data, before_.size());
  Piece piece{{data.substr(before_.size(), end - before_.size())}, thought_, false};
  std::string_view rest = data.substr(end), literals = behind_;
  Counts counts;
  for (const Number& number : numbers_) {
    if (!rest.starts_with(literals.substr(0, number.literal_size))) return {};
    rest.remove_prefix(number.literal_size);
    literals.remove_prefix(number.literal_size);
    const size_t size = digits_at(rest, 0);
    if (size == 0) return {};
    int64_t value = 0;
    for (char c : rest.substr(0, size)) value = value * 10 + (c - '0');
    if (number.count >= 0) counts[static_cast<size_t>(number.count)] = value;
    rest.remove_prefix(size);
  }
  if (rest != literals) return {};
  piece.counted = set_usage(usage, counts);
  return piece;
}

}  // namespace hanse::google_gemini
