// The chunks of one stream differ in their piece of text only (and OpenAI's in `obfuscation`, noise against
// eavesdroppers). So a chunk that was parsed serves as a template: the next one that has the same bytes
// around its text needs no parse. The text is checked as the parser would; what is not plain goes the long
// way.
//
//   if (auto text = template.match(data)) return piece.tell(*text, sink);
//   ... parse ...
//   template.learn(data, piece.token);
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dialect/plain_text.h"

namespace hanse::openai_chat {

class ChunkTemplate {
 public:
  void forget() { before_.clear(); }

  // `token` must be a view of the inside of a string in `data`, which is valid JSON.
  void learn(std::string_view data, json::Text token) {
    auto from = static_cast<size_t>(token.escaped.data() - data.data());
    std::string_view behind = data.substr(from + token.escaped.size());
    before_.assign(data.substr(0, from));
    last_.clear();
    size_t noise = behind.rfind(kNoise);
    if (noise != std::string_view::npos) {
      size_t value = noise + kNoise.size(), end = end_of_plain(behind, value);
      if (end < behind.size() && behind[end] == '"') {
        last_.assign(behind.substr(end));
        behind = behind.substr(0, value);
      }
    }
    behind_.assign(behind);
  }

  std::optional<json::Text> match(std::string_view data) const {
    if (before_.empty() || !data.starts_with(before_)) return {};
    size_t end = end_of_plain(data, before_.size());
    std::string_view rest = data.substr(end);
    json::Text token{data.substr(before_.size(), end - before_.size())};
    if (last_.empty()) return rest == behind_ ? std::optional(token) : std::nullopt;
    if (!rest.starts_with(behind_)) return {};
    if (rest.substr(end_of_plain(rest, behind_.size())) != last_) return {};
    return token;
  }

 private:
  static constexpr std::string_view kNoise = "\"obfuscation\":\"";

  std::string before_;  // empty: nothing learnt
  std::string behind_;  // from the quote behind the text; up to and with the quote before the noise, if any
  std::string last_;    // from the quote behind the noise
};

}  // namespace hanse::openai_chat
