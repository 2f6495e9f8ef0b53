// What the tests of this folder share: requests from JSON text, events as lines to compare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/anthropic_messages/dialect.h"

namespace hanse::anthropic_messages {

// A request that keeps the text that it is made of.
struct Decoded {
  std::string text;
  json::Document document;
  Result<std::unique_ptr<canon::Request>> request;
  explicit Decoded(std::string body) : text(std::move(body)), request(fail(Code::internal, "")) {
    auto root = document.parse(text, 64);
    if (root)
      request = dialect().decode_request(*root);
    else
      request = fail(root.error());
  }
  const canon::Request& operator*() const { return **request; }
  const canon::Request* operator->() const { return request->get(); }
};

// Events as one line each: "text Hello", "call 0 toolu_1 get", "stop end".
class EventLines : public canon::EventSink {
 public:
  std::vector<std::string> lines;
  canon::Usage usage;

  void on(const canon::Event& event) override {
    std::visit([this](const auto& e) { take(e); }, event);
  }
  // Deltas of one kind that follow each other joined, as any cut of the bytes must give the same.
  std::string joined() const {
    std::string out;
    for (const auto& line : lines) out += line + "\n";
    return out;
  }

 private:
  template <class... Views>
  void line(Views... views) {
    std::string out;
    for (std::string_view view : {std::string_view(views)...})
      out.append(out.empty() ? "" : " ").append(view);
    lines.push_back(std::move(out));
  }
  void take(const canon::Start& e) { line("start", e.id.escaped, e.model.escaped); }
  void take(const canon::TextDelta& e) { line("text", e.text.escaped); }
  void take(const canon::RefusalDelta& e) { line("refusal", e.text.escaped); }
  void take(const canon::ReasoningDelta& e) { line("reasoning", e.text.escaped); }
  void take(const canon::ReasoningSignature& e) { line("signature", e.signature.escaped); }
  void take(const canon::RedactedReasoning& e) { line("redacted", e.data.escaped); }
  void take(const canon::ToolCallStart& e) {
    line("call", std::to_string(e.call), e.id.escaped, e.name.escaped);
  }
  void take(const canon::ToolCallDelta& e) { line("args", std::to_string(e.call), e.fragment.escaped); }
  void take(const canon::Usage& e) { usage.update(e); }
  void take(const canon::Stop& e) {
    line("stop", std::to_string(static_cast<int>(e.reason)), e.sequence.escaped, e.original.escaped);
  }
  void take(const canon::Failure& e) { line("failure", facts(e.error.code).name, e.error.message); }
};

}  // namespace hanse::anthropic_messages
