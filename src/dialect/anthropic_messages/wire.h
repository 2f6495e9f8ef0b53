// What the files of this folder share: one function a file, and the words of the wire that both directions
// know.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace hanse::anthropic_messages {

// `hosted`: as another cloud has the bodies, whose paths say the model and whether it streams.
Result<std::unique_ptr<canon::Request>> decode_request(json::Value root, bool hosted = false);
// What another cloud wants in the bodies, in place of the model.
struct Hosting {
  std::string_view version;  // of the language; empty: the vendor's own body
  bool says_stream = false;  // although the path says it
};
Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses,
                                  Hosting hosting = {});
std::unique_ptr<ReplyDecoder> make_reply_decoder(bool stream);
std::unique_ptr<ReplyEncoder> make_reply_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyWatcher> make_reply_watcher(bool stream);

// -- error.cc
int client_status(const Error& error);
std::string encode_error(const Error& error, std::string_view request_id);
Error decode_error(int status, std::string_view body);
// The error that {"type":"error","error":{...}} names inside a stream.
Error error_of_event(json::Value root);

// -- usage.cc
// Adds what a `usage` object says to what is known. Counts are cumulative; parts that are not said stay.
void update_usage(canon::Usage& usage, json::Value wire);
// {"input_tokens":...}. The SDKs demand the two main counts, so they are 0 when nobody knows them; of an
// update (in message_delta) only output_tokens.
void write_usage(json::Writer& out, const canon::Usage& usage, bool update = false);
canon::Stop stop_of(canon::Text reason, canon::Text sequence);
std::string_view name_of(canon::StopReason reason);
// Whether a whole body is an answer of this dialect.
inline bool is_message(json::Value root) {
  std::string_view type = root["type"].text().escaped;
  return root["content"].is_array() && (type.empty() || type == "message");
}

}  // namespace hanse::anthropic_messages
