// A request for an Anthropic server as it is put together: the options in encode_request.cc, the conversation
// in encode_content.cc.
#pragma once

#include <string>

#include "dialect/anthropic_messages/wire.h"
#include "dialect/conversation.h"

namespace hanse::anthropic_messages {

using Item = Conversation::Item;
using Message = Conversation::Message;

// Whether this dialect has a word for an image or document.
bool can_say(const canon::MediaPart& media);

class RequestEncoder {
 public:
  RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses, Hosting hosting)
      : request_(request),
        target_(target),
        hosting_(hosting),
        losses_(losses),
        conversation_(request, can_say, losses),
        out_(body_) {}
  std::string encode();

 private:
  enum class Thinking : uint8_t { unset, off, budget, adaptive };

  // encode_request.cc
  void plan_thinking();
  void take_budget(int64_t budget);
  void make_up_budget(int64_t budget);
  void drop_thinking();
  void sampling();
  bool keeps(const canon::Raw& value, std::string_view name, double low, double high);
  void thinking();
  void tools();
  void tool_choice();
  void output_config();
  void stops();
  void service_tier();
  void report_losses();

  // encode_content.cc
  void system();
  void messages();
  void message(const Message& message, bool last);
  void item(const Item& item, bool trim);
  void text(canon::Text text, canon::Raw cache_control, canon::Raw citations);
  void media(const canon::MediaPart& media);
  void reasoning(const canon::ReasoningPart& part);
  void tool_use(const canon::ToolCallPart& call);
  void tool_result(const canon::ToolResultPart& result, const Item& item);
  void inside(const canon::Part& part, const Item& item);
  void tool_id(std::string_view key, canon::Text id);
  void cache_control(canon::Raw marker);

  const canon::Request& request_;
  const Target& target_;
  const Hosting hosting_;
  canon::Losses& losses_;
  Conversation conversation_;
  std::string body_;
  json::Writer out_;
  Thinking thinking_ = Thinking::unset;
  int64_t budget_ = 0;
  int64_t max_tokens_ = 0;
};

}  // namespace hanse::anthropic_messages
