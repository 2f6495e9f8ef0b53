// Shared by the files of this folder only.
#pragma once

#include "canon/event.h"
#include "dialect/dialect.h"
#include "dialect/openai_vendor.h"

namespace hanse::openai_chat {

// -- requests
Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses);

// -- answers
std::unique_ptr<ReplyDecoder> make_decoder(bool stream);
std::unique_ptr<ReplyWatcher> make_watcher(bool stream);
std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyEncoder> make_stream_encoder(const ReplyShape& shape);
std::string_view finish_reason(canon::StopReason reason);
// Ids as they go on the wire, escaped: the provider's, or made from the request's.
std::string answer_id(json::Text given, const ReplyShape& shape);
std::string call_id(const canon::ToolCallStart& call, const ReplyShape& shape);
// With the number of the block, by which clients put a stream together; -1: the list says it.
void write_thinking_block(json::Writer& out, int index, json::Text thought, json::Text signature);
void write_redacted_block(json::Writer& out, int index, json::Text data);

// -- usage: in `usage`, or where Groq puts it in streams; missing when there is none
json::Value find_usage(json::Value root);
// Adds what a report says to what is known: a later one replaces the whole and the parts that it names.
void update_usage(canon::Usage& usage, json::Value wire);
void write_usage(json::Writer& out, const canon::Usage& usage);

// -- errors
// What a chunk, or an answer with status 200, says to have gone wrong; missing when nothing did.
json::Value find_error(json::Value root);

// -- texts as vectors
const Embeddings& embeddings();

}  // namespace hanse::openai_chat
