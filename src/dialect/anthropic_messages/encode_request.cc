#include "dialect/anthropic_messages/wire.h"
namespace hanse::anthropic_messages {
Result<std::string> encode_request(const canon::Request&, const Target&, canon::Losses&) {
  return fail(Code::unsupported, "not yet");
}
}  // namespace hanse::anthropic_messages
