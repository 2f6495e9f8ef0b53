// Anthropic Messages: POST /v1/messages, as Anthropic and compatible servers speak it. What each file does:
// request_decode, request_encode, reply_decode, reply_encode, reply_watch, error. Only dialects.cc includes this
// header from outside.
#pragma once

#include <memory>
#include <string>

#include "dialect/call_id.h"
#include "dialect/dialect.h"

namespace hanse::anthropic_messages {

inline constexpr CallIdRule kCallIds{static_cast<size_t>(-1), true};

Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
Result<std::string> encode_request(const canon::Request& request, const Target& target, canon::Losses& losses);

std::unique_ptr<ReplyDecoder> reply_decoder(bool stream);
std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyWatcher> reply_watcher(bool stream);

// Adds what `usage` of an answer or an event says. Counts are cumulative, and later events leave out the parts of a
// sum that earlier ones told, so what was known is needed to read what is new.
void update_usage(canon::Usage& known, json::Value usage);
canon::Usage decode_usage(json::Value usage);

Error decode_error(int status, std::string_view body);
Error decode_error_value(json::Value error);
std::string encode_error(const Error& error, std::string_view request_id);
std::string encode_stream_error(const Error& error, std::string_view request_id);
int client_status(const Error& error);

const Dialect& dialect();

}  // namespace hanse::anthropic_messages
