// Writes a canonical request for Cohere. What that can't say is a loss.
#pragma once

#include "canon/request.h"
#include "dialect/dialect.h"

namespace hanse::cohere_chat {

class RequestEncoder {
 public:
  RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses)
      : request_(request), target_(target), losses_(losses), out_(body_) {}
  std::string encode();

 private:
  struct Found {
    size_t turn, part;
    const canon::ToolResultPart* result;
  };

  // encode_request.cc: what stands around the conversation
  void tools();
  void output_format();
  void sampling();
  void thinking();
  void report_losses();
  void raw(std::string_view name, canon::Raw value) {
    if (!value.empty()) out_.key(name).raw(value);
  }

  // encode_messages.cc: the conversation
  void messages();
  void said(std::string_view role, size_t turn);
  void say(const canon::Part& part, size_t turn, size_t index);
  void assistant(size_t turn);
  void tool_calls(size_t turn);
  void answers(size_t turn);
  Found answer_of(canon::Text id, size_t turn) const;
  void result(const Found& found);
  void report_orphans();
  void lose_marks(size_t turn, size_t index, canon::Raw cache_control, canon::Raw citations);
  void lose(size_t turn, size_t part) { losses_.add(request_.path(turn, part)); }

  const canon::Request& request_;
  const Target& target_;
  canon::Losses& losses_;
  std::string body_;
  json::Writer out_;
  std::string text_;
};

}  // namespace hanse::cohere_chat
