#include "dialect/anthropic_messages/wire.h"
namespace hanse::anthropic_messages {
std::unique_ptr<ReplyDecoder> make_reply_decoder(bool) { return nullptr; }
}  // namespace hanse::anthropic_messages
