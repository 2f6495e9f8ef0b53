// Writes a canonical request for a server that speaks Chat Completions. What that can't say is a loss.
#pragma once

#include <span>
#include <vector>

#include "canon/request.h"
#include "dialect/dialect.h"

namespace hanse::openai_chat {

class RequestEncoder {
 public:
  RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses)
      : request_(request), target_(target), losses_(losses), out_(body_) {}
  std::string encode();

 private:
  // A tool result behind an assistant turn, until a call claims it.
  struct Answer {
    canon::Text id;
    size_t turn, part;
    bool claimed = false;
  };

  // encode_request.cc: what stands around the conversation
  void tools();
  void tool_choice();
  void output_format();
  void sampling();
  void stop();
  void reasoning();
  void report_losses();
  void raw(std::string_view name, canon::Raw value) {
    if (!value.empty()) out_.key(name).raw(value);
  }

  // encode_messages.cc: the conversation
  void messages();
  void said(std::string_view role, size_t turn);
  void assistant(size_t turn);
  void assistant_text(size_t turn);
  void tool_calls(size_t turn);
  void gather_answers(size_t from);
  void tool_messages(size_t turn);
  void tool_message(canon::Text call_id, const Answer* answer);
  void report_unclaimed();
  Answer* find_answer(canon::Text id, bool claimed);
  void gather_said(const canon::Part& part, size_t turn, size_t index);
  void content();
  void media(const canon::MediaPart& media);
  void document(const canon::MediaPart& media);
  void call_id(canon::Text id);
  void marks(canon::Raw cache_control, canon::Raw citations, size_t turn, size_t part);
  void lose(size_t turn, size_t part, std::string_view field = {});

  const canon::Request& request_;
  const Target& target_;
  canon::Losses& losses_;
  std::string body_;
  json::Writer out_;
  std::vector<Answer> answers_;              // to the last assistant turn, by id
  std::vector<const canon::Part*> content_;  // of the message that is being written
  std::string text_;
};

}  // namespace hanse::openai_chat
