// Shared by the files of this folder only.
#pragma once

#include "canon/event.h"
#include "dialect/dialect.h"
#include "dialect/keeping.h"
#include "dialect/openai_vendor.h"

namespace hanse::openai_responses {

// -- requests
Result<std::unique_ptr<canon::Request>> decode_request(json::Value root);
// Whether this dialect decoded it: then its extras are words of this dialect.
bool is_own(const canon::Request& request);
Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses);

// -- answers
std::unique_ptr<ReplyDecoder> make_decoder(bool stream);
std::unique_ptr<ReplyWatcher> make_watcher(bool stream);
std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape);
// Of the summary that a conversation becomes.
std::unique_ptr<ReplyEncoder> make_compaction_encoder(const ReplyShape& shape);
const Keeping& keeping();

// -- usage
void update_usage(canon::Usage& usage, json::Value wire);
void write_usage(json::Writer& out, const canon::Usage& usage);

// -- errors
// What an event of type `error`, or `response.error`, says.
Error read_event_error(json::Value event);
// {"type":"error",...}, the data of an event.
std::string error_event(const Error& error, int64_t sequence);
// {"code","message"}, as in a response that failed.
void write_response_error(json::Writer& out, const Error& error);

// -- names of tools in a group
// What others call a tool of a group; the group's name stands in front.
json::Text joined_name(json::Text space, json::Text name, Arena& arena);
// The inverse: the tool's name inside its group.
json::Text name_in_space(const canon::Tool& tool);
// The tool that a call names, or nullptr.
const canon::Tool* find_tool(const canon::Request* request, json::Text name);

}  // namespace hanse::openai_responses
