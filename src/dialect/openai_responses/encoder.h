// Writes a canonical request for a server that speaks Responses. What that can't say is a loss. Nothing is
// left at the provider: whoever goes on from an answer sends the whole conversation.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "canon/request.h"
#include "dialect/dialect.h"

namespace hanse::openai_responses {

// "input[2]", "tools[2]": an element itself, nothing inside it.
inline bool is_element(std::string_view path) {
  return path.ends_with(']') && path.find(']') == path.size() - 1;
}

class RequestEncoder {
 public:
  RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses);
  std::string encode();

 private:
  // encode_request.cc: what stands around the conversation
  void tools();
  void tool(const canon::Tool& tool);
  void tool_choice();
  void text_options();
  void sampling();
  void reasoning();
  void labels();
  void include();
  void own_fields();
  void report_losses();
  bool is_sent(std::string_view path) const;
  canon::Raw echo(std::string_view name) const;
  bool asks_for_thoughts() const;
  void raw(std::string_view name, canon::Raw value) {
    if (!value.empty()) out_.key(name).raw(value);
  }

  // encode_request_input.cc: the conversation
  void input();
  size_t instructions();
  void turn(size_t turn);
  void assistant(size_t turn);
  void said(std::string_view role, size_t turn);
  void flush_assistant_text();
  void reasoning_item(const canon::ReasoningPart& part);
  void call(const canon::ToolCallPart& call);
  void result(const canon::ToolResultPart& result, size_t turn, size_t part);
  void output(const canon::ToolResultPart& result, size_t turn, size_t part);
  void made_up_result(const canon::ToolCallPart& call);
  void extra_items(size_t before);
  void begin_item(std::string_view type) { out_.object().key("type").text({type}); }
  void call_id(json::Text id);

  // encode_request_parts.cc: what a message holds
  bool gather(const canon::Part& part);
  void content();
  void part(const canon::Part& part);
  bool marks_cache(const canon::Part* part) const;
  void media(const canon::MediaPart& media);
  void data_url(const canon::MediaPart& media);
  bool can_say(const canon::MediaPart& media) const;
  void marks(canon::Raw cache_control, canon::Raw citations, size_t turn, size_t part);
  void lose(size_t turn, size_t part, std::string_view field = {});

  const canon::Request& request_;
  const Target& target_;
  canon::Losses& losses_;
  const bool own_;  // the client speaks this dialect too
  std::string body_;
  json::Writer out_;
  std::unordered_map<std::string_view, size_t> answered_;  // ids of calls, and the last turn with a result
  struct OpenCall {
    size_t results = 0;  // that it may still get: what answers no call is left out
    bool custom = false;
  };
  std::unordered_map<std::string_view, OpenCall> open_;
  std::vector<const canon::Part*> content_;  // of the message that is being written
  std::string text_;                         // of the assistant, until its item begins
  size_t extra_ = 0;                         // those before were written, or are no items
  bool thoughts_sent_ = false;
  bool tools_as_came_ = false;
};

}  // namespace hanse::openai_responses
