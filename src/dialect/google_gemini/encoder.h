// A request for a Gemini model as it is put together: the options in encode_request.cc, the conversation in
// encode_contents.cc.
#pragma once

#include <string>
#include <vector>

#include "canon/request.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {

class RequestEncoder {
 public:
  RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses)
      : request_(request), target_(target), losses_(losses), out_(body_) {}
  std::string encode();

 private:
  // encode_request.cc
  void tools();
  void tool_config();
  void generation_config();
  void sampling();
  void number(std::string_view key, canon::Raw value) {
    if (!value.empty()) config().key(key).raw(value);
  }
  void stops();
  void output_format();
  void thinking();
  void service_tier();
  void report_losses();
  json::Writer& config();  // opens it when the first option comes
  void schema(std::string_view key, canon::Raw schema, const std::string& path);

  // encode_contents.cc
  struct Call {
    const canon::ToolCallPart* call;
    size_t turn, part;
  };
  struct Answer {
    canon::Text id;
    size_t turn, part;
    bool claimed = false;
  };
  void system();
  void contents();
  size_t end_of_run(size_t begin) const;
  void model_content(size_t begin, size_t end);
  void model_part(const std::vector<canon::Part>& parts, size_t turn, size_t index);
  void reasoning(const canon::ReasoningPart& part, size_t turn, size_t index);
  void call(const canon::ToolCallPart& call, size_t turn, size_t index);
  void user_content(size_t begin, size_t end);
  void gather_answers(size_t begin, size_t end);
  Answer* find_answer(canon::Text id);
  void results();
  void result(const Call& call, const Answer* answer);
  void result_text(const canon::ToolResultPart& result, const Answer& answer, bool& shown);
  void shown_by_tools();
  void user_part(const canon::Part& part, size_t turn, size_t index);
  void text(canon::Text text, canon::Text signature = {});
  void media(const canon::MediaPart& media, const std::string& path);
  void marks(canon::Raw cache_control, canon::Raw citations, size_t turn, size_t part);
  void lose(size_t turn, size_t part) { losses_.add(request_.path(turn, part)); }
  json::Writer& part();  // begins one, and its content
  void nobody();
  void close_content();

  const canon::Request& request_;
  const Target& target_;
  canon::Losses& losses_;
  std::string body_;
  json::Writer out_;
  bool in_config_ = false;

  bool any_content_ = false;
  bool model_speaks_ = false;    // in what comes next
  bool in_content_ = false;      // one is being written
  bool models_content_ = false;  // and it is the model's
  std::vector<Call> calls_;    // of the model's last content
  std::vector<Answer> answers_;
  std::vector<const Answer*> in_order_;  // of the calls, as far as they are answered
  canon::Text call_signature_;           // of the call that comes next
  bool text_signed_ = false;             // the signature that comes next has been written with its text
  std::string text_;
};

// Whether the request came in this dialect.
bool is_own(const canon::Request& request);

}  // namespace hanse::google_gemini
