// Errors inside an answer whose status said that all is well; the rest is as the vendor has it everywhere.
#include "dialect/openai_chat/wire.h"
#include "dialect/read.h"

namespace hanse::openai_chat {

json::Value find_error(json::Value root) {
  json::Value error = root["error"];
  if (!asks_nothing(error)) return error;
  return root["object"].text().escaped == "error" ? root : json::Value();  // older vLLM's
}

}  // namespace hanse::openai_chat
