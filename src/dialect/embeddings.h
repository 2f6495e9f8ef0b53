// Embeddings as one language asks for them and answers them.
//
//   const Embeddings* theirs = client->embeddings();                       // nullptr: it has none
//   TRY(auto request, theirs->decode_request(root));
//   TRY(std::string body, ours->encode_request(*request, "text-embedding-3-small", losses));
//   TRY(canon::EmbeddingReply reply, ours->decode_reply(root));
//   std::string answer = theirs->encode_reply(reply, *request, "openai/text-embedding-3-small");
//
// A request that the provider's language can't be told is an error (unsupported): another offer may take it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "canon/embedding.h"
#include "canon/request.h"

namespace hanse {

class Embeddings {
 public:
  virtual ~Embeddings() = default;
  // Stands in the place of the chat in the provider's path (catalog/door.h).
  virtual std::string_view path_word(std::string_view model) const = 0;

  virtual Result<std::unique_ptr<canon::EmbeddingRequest>> decode_request(json::Value root) const = 0;
  virtual Result<std::string> encode_request(const canon::EmbeddingRequest& request, std::string_view model,
                                             canon::Losses& losses) const = 0;
  // Error malformed_reply: not what this language answers with.
  virtual Result<canon::EmbeddingReply> decode_reply(json::Value root) const = 0;
  virtual std::string encode_reply(const canon::EmbeddingReply& reply, const canon::EmbeddingRequest& request,
                                   std::string_view model) const = 0;
};

// -- what they share

// Adds what this language has no word for: `extras`, and what the caller names.
void lose_extras(const canon::EmbeddingRequest& request, canon::Losses& losses);
// The texts of `list`, or the one text; an error names the place under `path`.
Result<void> read_texts(json::Value list, std::string_view path, std::vector<json::Text>& texts);
// Members of `root` that are not in `known`, as extras.
void note_extras(json::Value root, std::initializer_list<std::string_view> known,
                 canon::EmbeddingRequest& request);
// A positive number of dimensions, or none said.
Result<std::optional<int64_t>> read_dimensions(json::Value value, std::string_view path);
// An array of numbers, as it stands.
Result<json::Raw> read_vector(json::Value value);
// Of a JSON array of numbers: floats of 32 bits, little endian, as base64.
std::string vector_base64(json::Raw vector);

}  // namespace hanse
