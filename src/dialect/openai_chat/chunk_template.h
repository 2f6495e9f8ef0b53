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

  // Where plain text of a JSON string (UTF-8 and short escapes) ends: at its quote, or at what must be
  // parsed.
  static size_t end_of_plain(std::string_view text, size_t at) {
    for (at = skip_plain(text, at); at < text.size();) {
      auto c = static_cast<unsigned char>(text[at]);
      if (c < 0x20 || c == '"') return at;
      size_t size = c < 0x80 ? 1 : utf8_size(text.substr(at));
      if (c == '\\') size = is_short_escape(text.substr(at + 1)) ? 2 : 0;
      if (size == 0) return at;
      at = size == 1 ? at + 1 : skip_plain(text, at + size);
    }
    return at;
  }

  static bool is_short_escape(std::string_view text) {
    constexpr std::string_view letters = "nt\"\\/rbf";
    return !text.empty() && letters.find(text.front()) != std::string_view::npos;
  }

  // Of the sequence at the start; 0 for what isn't, or may not be, well-formed (Unicode table 3-7): E0, ED,
  // F0 and F4 restrict the second byte, so they are left to the parser, but for the emoji of F0 9F.
  static size_t utf8_size(std::string_view text) {
    auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
    unsigned lead = byte(0);
    if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
    if (lead >= 0xE1 && lead <= 0xEF && lead != 0xED) return tail(1) && tail(2) ? 3 : 0;
    return lead == 0xF0 && byte(1) == 0x9F && tail(2) && tail(3) ? 4 : 0;
  }

  std::string before_;  // empty: nothing learnt
  std::string behind_;  // from the quote behind the text; up to and with the quote before the noise, if any
  std::string last_;    // from the quote behind the noise
};

}  // namespace hanse::openai_chat
