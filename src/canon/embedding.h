// Texts as vectors, in no vendor's words: what is asked, and what is answered. As in request.h, strings and
// numbers are JSON tokens that go from one body to the other; they are views of the body or of `arena`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/json.h"

namespace hanse::canon {

// What the vector is for, where a vendor makes others for each. The words are those of most.
enum class EmbeddingPurpose : uint8_t { unsaid, query, document, classification, clustering, similarity };

struct EmbeddingRequest {
  json::Text model;
  std::vector<json::Text> texts;
  bool single = false;  // one text was asked for by itself, not a list of one
  std::optional<int64_t> dimensions;
  EmbeddingPurpose purpose = EmbeddingPurpose::unsaid;
  std::string_view purpose_path;  // as the client names it
  bool base64 = false;            // floats of 32 bits, little endian, as base64
  // Paths of what only the client's own language knows: lost anywhere else.
  std::vector<std::string_view> extras;
  Arena arena;
};

struct EmbeddingReply {
  std::vector<json::Raw> vectors;  // each a JSON array of numbers
  int64_t tokens = -1;             // of the input; -1: not said
  json::Text id;
};

}  // namespace hanse::canon
