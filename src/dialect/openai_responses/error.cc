// Errors inside an answer; those of an answer that never began are as the vendor has them everywhere.
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

// {"type":"error","code","message","param"}; from some servers with all of it inside "error".
Error read_event_error(json::Value event) {
  json::Value inside = event["error"];
  Error error = openai::read_reply_error(inside.present() ? inside : event);
  if (error.provider_type == "error") error.provider_type.clear();
  return error;
}

std::string error_event(const Error& error, int64_t sequence) {
  const openai::ErrorWords words = openai::words_of(error);
  std::string out;
  json::Writer w(out);
  auto string_or_null = [&](std::string_view text) { text.empty() ? w.null() : w.string(text); };
  w.object().key("type").text({"error"}).key("sequence_number").number(sequence).key("code");
  string_or_null(words.code.empty() ? words.type : words.code);
  w.key("message").string(error.message).key("param");
  string_or_null(error.field);
  w.end_object();
  return out;
}

namespace {

// A response that failed knows few codes; these others are what clients look for all the same.
constexpr std::string_view kCodes[] = {"server_error", "rate_limit_exceeded", "invalid_prompt",
                                       "context_length_exceeded", "insufficient_quota"};

std::string_view response_code(std::string_view code, Fault fault) {
  for (std::string_view each : kCodes)
    if (each == code) return each;
  return fault == Fault::client ? "invalid_prompt" : "server_error";
}

}  // namespace

void write_response_error(json::Writer& out, const Error& error) {
  const std::string_view code = response_code(openai::words_of(error).code, facts(error.code).fault);
  out.object().key("code").text({code}).key("message").string(error.message).end_object();
}

}  // namespace hanse::openai_responses
