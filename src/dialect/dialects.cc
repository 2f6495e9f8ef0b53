// The dialects, by hand: a new one is a folder and a line here.
#include "dialect/anthropic_messages/dialect.h"
#include "dialect/anthropic_messages/invoke.h"
#include "dialect/anthropic_messages/vertex.h"
#include "dialect/bedrock_converse/dialect.h"
#include "dialect/cohere_chat/dialect.h"
#include "dialect/dialect.h"
#include "dialect/google_gemini/dialect.h"
#include "dialect/media_check.h"
#include "dialect/openai_chat/dialect.h"
#include "dialect/openai_responses/dialect.h"

namespace hanse {

Result<std::string> Dialect::encode_request(const canon::Request& request, const Target& target,
                                            canon::Losses& losses) const {
  losses.speak_as(request);
  TRY_VOID(check_media(request));
  TRY(std::string body, write_request(request, target, losses));
  TRY_VOID(refuse_lost_media(request, losses));
  return body;
}

std::span<const Dialect* const> all_dialects() {
  static const Dialect* const dialects[] = {
      &openai_chat::dialect(),
      &anthropic_messages::dialect(),
      &cohere_chat::dialect(),
      &openai_responses::dialect(),
      &google_gemini::dialect(),
      &bedrock_converse::dialect(),
      &anthropic_messages::invoke_dialect(),
      &anthropic_messages::vertex_dialect(),
  };
  return dialects;
}

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect* dialect : all_dialects())
    if (dialect->name() == name) return dialect;
  return nullptr;
}

}  // namespace hanse
