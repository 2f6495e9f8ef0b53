// What the files of this folder share: one function a file, and the words of the wire that both directions
// know.
#pragma once

#include "canon/event.h"
#include "dialect/dialect.h"

namespace hanse::bedrock_converse {

// -- requests
Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses);

// -- answers
std::unique_ptr<ReplyDecoder> make_decoder(bool stream);
std::unique_ptr<ReplyWatcher> make_watcher(bool stream);
std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyEncoder> make_body_encoder(const ReplyShape& shape);
std::string call_id(const canon::ToolCallStart& call, const ReplyShape& shape);

// -- media.cc: {"format":"png"} and "image/png"
// Empty for what isn't known.
std::string_view media_type_of(canon::MediaPart::Kind kind, std::string_view format);
std::string_view format_of(canon::MediaPart::Kind kind, std::string_view media_type);
// "png, jpeg, ...", for messages.
std::string formats_of(canon::MediaPart::Kind kind);
std::string_view block_name(canon::MediaPart::Kind kind);  // "image", "document", ...
// What the bytes of an image say that it is, as a format; empty when they say nothing. Takes the beginning.
std::string_view format_of_image(std::string_view base64);

// -- terms.cc
canon::Stop stop_of(json::Text reason, json::Text sequence);
// Calls among the answer, and a refusal, say more than a plain end does.
std::string_view stop_reason(canon::StopReason reason, bool calls, bool refused);
// Adds what a `usage` object says to what is known.
void update_usage(canon::Usage& usage, json::Value wire);
void write_usage(json::Writer& out, const canon::Usage& usage);
// Redacted thoughts are bytes here, text elsewhere: Claude's are base64 as they are.
std::string blob_of(json::Text redacted);
json::Text redacted_of(json::Text blob, Arena& arena);

// -- texts as vectors
const Embeddings& embeddings();

}  // namespace hanse::bedrock_converse
