#include "dialect/in_order.h"

#include <gtest/gtest.h>

namespace hanse {
namespace {

using Lines = std::vector<std::string>;

class Told {
 public:
  Lines lines;
  void operator()(const canon::Event& event) {
    std::visit([this](const auto& each) { take(each); }, event);
  }

 private:
  void line(std::string kind, json::Text text) { lines.push_back(kind + " " + std::string(text.escaped)); }
  void take(const canon::Start&) { lines.push_back("start"); }
  void take(const canon::TextDelta& e) { line("text", e.text); }
  void take(const canon::RefusalDelta& e) { line("refusal", e.text); }
  void take(const canon::ReasoningDelta& e) { line(e.in_block ? "block" : "reasoning", e.text); }
  void take(const canon::ReasoningSignature& e) { line("signature", e.signature); }
  void take(const canon::RedactedReasoning& e) { line("redacted", e.data); }
  void take(const canon::ToolCallStart& e) { line("call " + std::to_string(e.call), e.name); }
  void take(const canon::ToolCallDelta& e) { line("args " + std::to_string(e.call), e.fragment); }
  void take(const canon::Usage&) { lines.push_back("usage"); }
  void take(const canon::Stop&) { lines.push_back("stop"); }
  void take(const canon::Failure&) { lines.push_back("failure"); }
};

Lines told(const std::vector<canon::Event>& events) {
  Told out;
  InOrder order;
  for (const canon::Event& event : events) order.on(event, out);
  return out.lines;
}

canon::ToolCallStart call(uint32_t number, std::string_view name) { return {number, {"id"}, {name}}; }
canon::ToolCallDelta args(uint32_t number, std::string_view fragment) { return {number, {fragment}}; }

TEST(InOrder, WhatIsInOrderStaysSo) {
  EXPECT_EQ(told({canon::Start{}, canon::ReasoningDelta{{"a"}, true}, canon::TextDelta{{"b"}}, call(0, "f"),
                  args(0, "{"), args(0, "}"), canon::TextDelta{{"c"}}, call(1, "g"), args(1, "{}"),
                  canon::Usage{}, canon::Stop{}}),
            (Lines{"start", "block a", "text b", "call 0 f", "args 0 {", "args 0 }", "text c", "call 1 g",
                   "args 1 {}", "usage", "stop"}));
}

TEST(InOrder, CallsThatInterleave) {
  EXPECT_EQ(told({call(0, "f"), call(1, "g"), args(1, "{\\\"x\\\":"), args(0, "{\\\"}\\\":"), args(1, "2}"),
                  canon::Usage{}, args(0, "1}"), args(0, " "), canon::TextDelta{{"t"}}, canon::Stop{}}),
            (Lines{"call 0 f", "args 0 {\\\"}\\\":", "usage", "args 0 1}", "call 1 g", "args 1 {\\\"x\\\":2}",
                   "text t", "stop"}));
}

TEST(InOrder, EverythingElseWaitsForTheArguments) {
  EXPECT_EQ(told({call(0, "f"), args(0, "{"), canon::TextDelta{{"a"}}, canon::TextDelta{{"b"}},
                  canon::ReasoningDelta{{"c"}}, canon::ReasoningSignature{{"s"}},
                  canon::RedactedReasoning{{"r"}}, canon::RefusalDelta{{"no"}}, args(0, "}"), canon::Stop{}}),
            (Lines{"call 0 f", "args 0 {", "args 0 }", "text ab", "reasoning c", "signature s", "redacted r",
                   "refusal no", "stop"}));
}

TEST(InOrder, ArgumentsThatNeverEnd) {
  EXPECT_EQ(told({call(0, "f"), args(0, "{"), call(1, "g"), call(2, "h"), args(2, "{}"), canon::Stop{}}),
            (Lines{"call 0 f", "args 0 {", "call 1 g", "call 2 h", "args 2 {}", "stop"}));
}

TEST(InOrder, AFailureTellsNothingThatWaited) {
  EXPECT_EQ(told({call(0, "f"), call(1, "g"), canon::Failure{}}), (Lines{"call 0 f", "failure"}));
}

TEST(InOrder, ACallWithoutArguments) {
  EXPECT_EQ(told({call(0, "f"), canon::TextDelta{{"t"}}, canon::Stop{}}),
            (Lines{"call 0 f", "text t", "stop"}));
}

}  // namespace
}  // namespace hanse
