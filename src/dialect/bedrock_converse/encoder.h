// A request for Converse as it is put together: the options in encode_request.cc, the conversation in
// encode_content.cc.
#pragma once

#include <set>
#include <string>

#include "dialect/bedrock_converse/wire.h"
#include "dialect/conversation.h"

namespace hanse::bedrock_converse {

using Item = Conversation::Item;
using Message = Conversation::Message;

// Whether this dialect has a word for an image, a document ...
bool can_say(const canon::MediaPart& media);

// Whose model it is, as far as its name in the path says so: Converse is one language, but what goes beyond
// it each maker calls otherwise.
enum class Maker : uint8_t { anthropic, amazon, openai, other };
Maker maker_of(std::string_view model);

class RequestEncoder {
 public:
  RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses)
      : request_(request),
        target_(target),
        losses_(losses),
        maker_(maker_of(target.model)),
        conversation_(request, can_say, losses),
        out_(body_) {}
  std::string encode();

 private:
  enum class Thinking : uint8_t { unset, off, budget, adaptive, effort };

  // encode_request.cc
  void plan_thinking();
  void plan_budget();
  void drop_thinking();
  void inference();
  bool keeps(const canon::Raw& value, std::string_view name);
  void stops();
  void tools();
  bool tool_choice();
  void stub_tools(const std::set<std::string_view>& names);
  void model_fields();
  void top_k(json::Writer& fields);
  void thinking_fields(json::Writer& fields);
  void parallel_field(json::Writer& fields);
  void output_config();
  void service_tier();
  void metadata();
  void report_losses();
  bool offers_tools() const { return !request_.tools.empty() && !drops_tools_; }
  bool thinks() const { return thinking_ == Thinking::budget || thinking_ == Thinking::adaptive; }

  // encode_content.cc
  void system();
  void messages();
  void message(const Message& message, bool last);
  void item(const Item& item, bool trim);
  void text(canon::Text text);
  void media(const canon::MediaPart& media);
  void source(const canon::MediaPart& media);
  std::string document_name(const canon::MediaPart& media);
  void reasoning(const canon::ReasoningPart& part);
  void tool_use(const canon::ToolCallPart& call);
  void tool_result(const canon::ToolResultPart& result, const Item& item);
  bool inside(const canon::Part& part, const Item& item);
  void unanswered(canon::Text id);
  void tool_id(canon::Text id);
  void cache_point(canon::Raw marker, const std::string& owner);
  bool knows_status() const { return maker_ == Maker::anthropic || maker_ == Maker::amazon; }
  bool caches() const { return knows_status(); }

  const canon::Request& request_;
  const Target& target_;
  canon::Losses& losses_;
  const Maker maker_;
  Conversation conversation_;
  std::string body_;
  json::Writer out_;
  Thinking thinking_ = Thinking::unset;
  int64_t budget_ = 0;
  std::optional<int64_t> max_tokens_;
  bool drops_tools_ = false;
  std::set<std::string, std::less<>> document_names_;
};

}  // namespace hanse::bedrock_converse
