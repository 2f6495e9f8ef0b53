// Any JSON as a request for vectors, or as the answer to one, in each language that has them: what is read
// can be said in every other, and is JSON again.
#include "base/assert.h"
#include "dialect/dialect.h"
#include "dialect/embeddings.h"

namespace hanse {
namespace {

void is_json(const std::string& body) {
  json::Document document;
  HANSE_ASSERT(body.empty() || document.parse(body, 64).has_value());
}

void ask_and_answer(const Embeddings& client, const canon::EmbeddingRequest& request,
                    const canon::EmbeddingReply& reply) {
  for (const Dialect* other : all_dialects()) {
    if (!other->embeddings()) continue;
    canon::Losses losses;
    auto body = other->embeddings()->encode_request(request, "served", losses);
    if (body) is_json(*body);
  }
  if (reply.vectors.size() == request.texts.size()) is_json(client.encode_reply(reply, request, "served"));
}

}  // namespace
}  // namespace hanse

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse;
  json::Document document;
  auto root = document.parse({reinterpret_cast<const char*>(data), size}, 64);
  if (!root || !root->is_object()) return 0;
  for (const Dialect* dialect : all_dialects()) {
    if (!dialect->embeddings()) continue;
    auto reply = dialect->embeddings()->decode_reply(*root);
    auto request = dialect->embeddings()->decode_request(*root);
    if (!request) continue;
    HANSE_ASSERT(!(*request)->texts.empty());
    canon::EmbeddingReply vectors;
    vectors.vectors.assign((*request)->texts.size(), json::Raw{"[0.5,-1e99,3]"});
    ask_and_answer(*dialect->embeddings(), **request, reply && !reply->vectors.empty() ? *reply : vectors);
    ask_and_answer(*dialect->embeddings(), **request, vectors);
  }
  return 0;
}
