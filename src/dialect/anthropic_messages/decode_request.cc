#include "dialect/anthropic_messages/wire.h"
namespace hanse::anthropic_messages {
Result<std::unique_ptr<canon::Request>> decode_request(json::Value) {
  return fail(Code::unsupported, "not yet");
}
}  // namespace hanse::anthropic_messages
