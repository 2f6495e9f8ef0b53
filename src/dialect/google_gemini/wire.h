// What the files of this folder share: one function a file, and the words of the wire that both directions
// know.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace hanse::google_gemini {

inline constexpr std::string_view kName = "google-gemini";

// -- requests
Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses);

// -- answers
std::unique_ptr<ReplyDecoder> make_reply_decoder(bool stream);
std::unique_ptr<ReplyEncoder> make_reply_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyWatcher> make_reply_watcher(bool stream);

// Whether a stream is to be server-sent events, and not one JSON array.
bool asks_for_events(std::string_view query);

// -- terms.cc
// What a `usageMetadata` says, in the place of what was said before.
void update_usage(canon::Usage& usage, json::Value wire);
void write_usage(json::Writer& out, const canon::Usage& usage);
// The counts of a `usageMetadata` in the order of their names in terms.cc, of which the prompt's is the
// first: -1 where nothing was said. `count_of` is the place of a name, or -1.
inline constexpr size_t kCounts = 5;
struct Counts : std::array<int64_t, kCounts> {
  Counts() { fill(-1); }
};
int count_of(std::string_view name);
bool set_usage(canon::Usage& usage, const Counts& counts);  // false: they say nothing
// Of a `finishReason`; the text must outlive the answer.
canon::Stop stop_of(canon::Text reason);
// What a client reads; `original`, where the provider's word is one of this dialect's own.
std::string_view finish_reason(canon::StopReason reason, std::string_view original);
// Whether a JSON object is a part of an answer of this dialect: candidates, why there are none, or counts.
bool is_answer(json::Value root);
// Why the prompt was refused; empty when it was not.
canon::Text block_reason(json::Value root);

// -- error.cc
int client_status(const Error& error);
std::string encode_error(const Error& error);
Error decode_error(int status, std::string_view body);
// The error that {"error":{...}} names inside a stream.
Error error_in_stream(json::Value error);

// -- texts as vectors
const Embeddings& embeddings();

}  // namespace hanse::google_gemini
