// Thoughts that go there and back in `encrypted_content`. What this language's makers encrypted stands there
// as it came. What another maker signed carries its origin in front, as dialect/origin.h has it; Claude's,
// which have none, are marked on this wire:
//
//   "gAAAAB..."                            OpenAI's; canonical: "openai-responses:rs_1:gAAAAB..."
//   "anthropic-messages:EpID..."           a signature of Claude's, whose text is in the summary
//   "redacted/anthropic-messages:EpID..."  what Claude never showed
#pragma once

#include <string>

#include "canon/request.h"
#include "dialect/origin.h"

namespace hanse::openai_responses {

inline constexpr std::string_view kBetweenThoughts = "\\n\\n";  // escaped, as the texts that it divides
inline constexpr std::string_view kOwnOrigin = "openai-responses";
inline constexpr std::string_view kUnmarked = "anthropic-messages:";
inline constexpr std::string_view kRedacted = "redacted/";

// Of an item's `encrypted_content` and `id`: the signature of `part`, or what it has instead of a text.
inline void read_carried(json::Text carried, json::Text id, canon::ReasoningPart& part, Arena& arena) {
  std::string_view proof = carried.escaped;
  const bool redacted = proof.starts_with(kRedacted);
  if (redacted) proof.remove_prefix(kRedacted.size());
  json::Text found{proof};
  if (proof.starts_with(kUnmarked)) {
    found = {proof.substr(kUnmarked.size())};
  } else if (!proof.empty() && origin_of(found).empty()) {
    std::string own(kOwnOrigin);
    own.append(1, ':').append(id.escaped).append(1, ':').append(proof);
    found = {arena.copy(own)};
    if (part.text.empty()) {
      part.redacted = found;
      return;
    }
  }
  if (redacted) part.text = {};
  (redacted ? part.redacted : part.signature) = found;
}

// The other way: what stands in `encrypted_content`, appended to `out`.
inline void write_carried(json::Text proof, bool redacted, std::string& out) {
  std::string_view origin = origin_of(proof);
  if (origin == kOwnOrigin) {
    std::string_view rest = proof.escaped.substr(kOwnOrigin.size() + 1);
    out.append(rest.substr(rest.find(':') + 1));
    return;
  }
  out.append(redacted ? kRedacted : "").append(origin.empty() ? kUnmarked : "").append(proof.escaped);
}

// The id of the item of one's own; empty when it had none, or is another's.
inline json::Text carried_id(json::Text proof) {
  if (origin_of(proof) != kOwnOrigin) return {};
  std::string_view rest = proof.escaped.substr(kOwnOrigin.size() + 1);
  size_t end = rest.find(':');
  return {end == std::string_view::npos ? std::string_view() : rest.substr(0, end)};
}

}  // namespace hanse::openai_responses
