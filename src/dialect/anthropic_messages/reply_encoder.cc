#include "dialect/anthropic_messages/wire.h"
namespace hanse::anthropic_messages {
std::unique_ptr<ReplyEncoder> make_reply_encoder(const ReplyShape&) { return nullptr; }
}  // namespace hanse::anthropic_messages
