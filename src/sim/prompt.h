// What the simulated model reads in a request: the text that leads it, what tools have answered, what is
// attached, and how long it all is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "canon/request.h"

namespace hanse::sim {

struct ToolAnswer {
  std::string text;
  bool is_error = false;
};

struct Attachment {
  canon::MediaPart::Kind kind = canon::MediaPart::Kind::image;
  std::string media_type;
  std::string where;  // a URL or a file id; empty when the bytes came along
  size_t bytes = 0;
};

struct Prompt {
  std::string system;
  std::string said;                     // the texts of the last turn, if that is the user's
  std::vector<ToolAnswer> answers;      // of tools, in the last turn
  std::vector<Attachment> attachments;  // of all turns
  int64_t tokens = 0;
  std::vector<uint64_t> marks;  // a hash of each prefix of kPrefixMin, kPrefixMin + kPrefixStep, ... tokens
  uint64_t hash = 0;            // of everything
  enum class Caching : uint8_t { unmarked, minutes_5, hour };
  Caching caching = Caching::unmarked;  // the longest that a cache_control in it asks for

  static constexpr int64_t kPrefixMin = 1024;
  static constexpr int64_t kPrefixStep = 128;
  // The tokens that the first `count` marks stand for.
  static int64_t prefix_tokens(size_t count) {
    return count == 0 ? 0 : kPrefixMin + static_cast<int64_t>(count - 1) * kPrefixStep;
  }
};

Prompt read_prompt(const canon::Request& request);
ToolAnswer read_answer(const canon::ToolResultPart& result);

// Does `text` hold `phrase` as whole words, whatever the case of ASCII letters? The place, or npos.
size_t find_phrase(std::string_view text, std::string_view phrase, size_t from = 0);
inline bool has_phrase(std::string_view text, std::string_view phrase) {
  return find_phrase(text, phrase) != std::string_view::npos;
}
// What follows "echo ", when `said` begins so after white space.
struct EchoOrder {
  bool found = false;
  std::string_view text;
};
EchoOrder read_echo(std::string_view said);

}  // namespace hanse::sim
