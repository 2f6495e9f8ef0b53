// Events of Messages in the frames of Bedrock's Invoke, {"bytes":"<base64 of one event>"} each: the readers and
// writers of this folder with another frame around them.
#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace hanse::anthropic_messages {

std::unique_ptr<ReplyDecoder> make_invoke_decoder();
std::unique_ptr<ReplyEncoder> make_invoke_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyWatcher> make_invoke_watcher(bool stream);

}  // namespace hanse::anthropic_messages
