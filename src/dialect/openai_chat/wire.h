// Shared by the files of this folder only.
#pragma once

#include "canon/event.h"
#include "dialect/dialect.h"

namespace hanse::openai_chat {

Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
Result<std::string> encode_request(const canon::Request& request, const Target& target,
                                   canon::Losses& losses);
std::unique_ptr<ReplyDecoder> make_decoder(bool stream);
std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyWatcher> make_watcher(bool stream);
std::string error_body(const Error& error);
int error_status(const Error& error);
Error read_error(int status, std::string_view body);
// {"message":...,"type":...,"code":...} in the middle of a stream.
Error read_stream_error(json::Value error);
canon::Usage read_usage(json::Value usage);
void write_usage(json::Writer& w, const canon::Usage& usage);

}  // namespace hanse::openai_chat
