// What both encoders of answers make of events: the parts of a content. Calls are whole in this dialect, so
// they wait until their arguments are; a signature waits for the call that it stands on.
//
//   class Encoder final : public PartsEncoder {
//     void text(json::Text, bool thought) override;         // a piece of the text of a part
//     void part(std::string_view json) override;            // a part that is whole
//     void stop(std::string_view reason, std::string_view message) override;
//   };
#pragma once

#include <string>
#include <vector>

#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {

class PartsEncoder : public ReplyEncoder {
 public:
  explicit PartsEncoder(const ReplyShape& shape) : shape_(shape) {}
  void on(const canon::Event& event) override;

 protected:
  virtual void begin(const canon::Start& start) = 0;
  virtual void text(json::Text text, bool thought) = 0;
  virtual void part(std::string_view json) = 0;
  virtual void stop(std::string_view reason, std::string_view message) = 0;
  virtual void failure(const Error& error) = 0;

  // {"modelVersion":...,"responseId":...}: the members behind the candidates.
  void write_names(json::Writer& to) const;

  ReplyShape shape_;
  canon::Usage usage_;

 private:
  struct Call {
    uint32_t number;
    std::string id, name, signature, arguments;  // escaped
  };

  void take(const canon::Start& start);
  void take(const canon::TextDelta& said);
  void take(const canon::RefusalDelta& said);
  void take(const canon::ReasoningDelta& thought);
  void take(const canon::ReasoningSignature& signed_by);
  void take(const canon::RedactedReasoning& redacted);
  void take(const canon::ToolCallStart& call);
  void take(const canon::ToolCallDelta& piece);
  void take(const canon::Usage& usage) { usage_.update(usage); }
  void take(const canon::Stop& stop);
  void take(const canon::Failure& failed);

  void proof(json::Text signature, bool thought);
  void foreign_proof(std::string_view mark, json::Text proof);
  void release_whole_calls();
  bool release(const Call& call, bool last);

  static constexpr int kReleasesMax = 16;

  std::string model_, id_;  // escaped
  std::vector<Call> calls_;
  std::string call_signature_;
  std::string malformed_;  // the names of calls that are none
  int releases_ = 0;
  bool refused_ = false;
};

}  // namespace hanse::google_gemini
