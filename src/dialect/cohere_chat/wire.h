// Shared by the files of this folder only.
#pragma once

#include "canon/event.h"
#include "dialect/dialect.h"

namespace hanse::cohere_chat {

// -- requests
Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses);

// -- answers
std::unique_ptr<ReplyDecoder> make_decoder(bool stream);
std::unique_ptr<ReplyWatcher> make_watcher(bool stream);
std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape);
std::string_view finish_reason(canon::StopReason reason);
canon::Stop stop_of(json::Text reason);
// Whether the reason says that the answer failed: ERROR, ERROR_TOXIC, TIMEOUT.
bool is_failure(std::string_view reason);
// Adds what {"billed_units","tokens","cached_tokens"} says; input_tokens includes what was cached (measured).
void update_usage(canon::Usage& usage, json::Value wire);
void write_usage(json::Writer& out, const canon::Usage& usage);

// -- errors: {"id","message"}, and the status says the rest
std::string error_body(const Error& error, std::string_view request_id);
Error read_error(int status, std::string_view body);

// -- texts as vectors
const Embeddings& embeddings();

}  // namespace hanse::cohere_chat
