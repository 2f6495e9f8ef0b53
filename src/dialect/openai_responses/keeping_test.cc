// What is kept of requests and answers, and requests that go on from it.
#include "dialect/keeping.h"

#include <gtest/gtest.h>

#include "dialect/openai_responses/compaction.h"
#include "dialect/openai_responses/test_support.h"

namespace hanse::openai_responses {
namespace {

const Keeping& words() { return *dialect().keeping(); }

struct Parsed {
  json::Document document;
  json::Value root;
  explicit Parsed(std::string_view text) {
    auto parsed = document.parse(text, 64);
    EXPECT_TRUE(parsed) << text;
    if (parsed) root = *parsed;
  }
};

TEST(OpenAiResponsesKeeping, AnswersAreKeptUnlessTheClientSaysNo) {
  EXPECT_TRUE(words().wish(Parsed(R"({"input":"a"})").root).keep);
  EXPECT_TRUE(words().wish(Parsed(R"({"store":null})").root).keep);
  EXPECT_FALSE(words().wish(Parsed(R"({"store":false})").root).keep);
  EXPECT_FALSE(words().wish(Parsed(R"({"background":true})").root).keep);
  EXPECT_EQ(words().wish(Parsed(R"({"previous_response_id":"r1"})").root).continues, "r1");
  EXPECT_EQ(words().wish(Parsed(R"({"previous_response_id":7})").root).continues, "");
}

TEST(OpenAiResponsesKeeping, WhatWasSaidBeforeStandsInFrontOfWhatIsSaidNow) {
  struct Case {
    std::string_view body, history, wanted;
  };
  constexpr std::string_view kAText =
      R"({"type":"message","role":"user","content":[{"type":"input_text","text":"a\n"}]})";
  const std::string text(kAText);
  for (const auto& [body, history, wanted] : {
           Case{R"({"model":"m","input":[{"x":1}],"top_p":1})", R"({"h":1})",
                R"({"model":"m","input":[{"h":1},{"x":1}],"top_p":1})"},
           Case{R"({"input":[]})", R"({"h":1})", R"({"input":[{"h":1}]})"},
           Case{R"({"model":"m"})", R"({"h":1})", R"({"input":[{"h":1}],"model":"m"})"},
           Case{R"({"input":null})", R"({"h":1})", R"({"input":[{"h":1}]})"},
           Case{R"({})", "", R"({"input":[]})"},
       }) {
    Parsed parsed(body);
    EXPECT_EQ(words().resume(body, parsed.root, history), wanted);
  }
  Parsed parsed(R"({"input":"a\n"})");
  EXPECT_EQ(words().input_items(parsed.root), text);
}

TEST(OpenAiResponsesKeeping, AnAnswerIsReadOffWhatIsSent) {
  const std::string whole =
      R"({"id":"resp_1","status":"completed","previous_response_id":null,"output":[{"a":1},{"b":2}]})";
  KeptAnswer body = words().read(whole, false, "");
  EXPECT_EQ(body.id, "resp_1");
  EXPECT_EQ(body.output, R"({"a":1},{"b":2})");
  EXPECT_EQ(body.body, whole);
  EXPECT_NE(words().read(whole, false, "resp_0").body.find(R"("previous_response_id":"resp_0")"),
            std::string::npos);
  std::string stream =
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\"}\n\n"
      "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":" +
      whole + "}\n\n";
  EXPECT_EQ(words().read(stream, true, "").id, "resp_1");
  EXPECT_EQ(words().read(stream + "data: [DONE]\n\n", true, "").id, "resp_1");
}

TEST(OpenAiResponsesKeeping, WhatIsNoWholeAnswerIsNotKept) {
  for (std::string_view body : {R"({"id":"resp_1","status":"failed","output":[]})", R"({"id":"resp_1"})", "{",
                                "", R"([1])", R"({"id":"resp_1","status":"in_progress","output":[]})"})
    EXPECT_EQ(words().read(body, false, "").id, "") << body;
  for (std::string_view bytes :
       {"data: {\"type\":\"response.completed\"}\n\n", "data: {\"type\":\"response.completed\",\"respon",
        "event: response.created\ndata: {}\n\n", "\n\n", ""})
    EXPECT_EQ(words().read(bytes, true, "").id, "") << bytes;
}

TEST(OpenAiResponsesKeeping, InputIsListedWithTypesAndIds) {
  KeptAnswer answer;
  answer.id = "resp_9";
  answer.input =
      R"({"role":"user","content":"a"},{"id":"msg_2","type":"message","role":"assistant","content":"b"},)"
      R"({"type":"function_call_output","call_id":"c","output":"d"})";
  std::string oldest = words().encode_input(answer, "order=asc&limit=2");
  EXPECT_EQ(
      oldest,
      R"({"object":"list","data":[{"id":"msg_9_in0","type":"message","status":"completed","role":"user",)"
      R"("content":[{"type":"input_text","text":"a"}]},{"status":"completed","id":"msg_2","type":"message",)"
      R"("role":"assistant","content":[{"type":"output_text","text":"b"}]}],"first_id":"msg_9_in0",)"
      R"("last_id":"msg_2","has_more":true})");
  EXPECT_NE(words().encode_input(answer, "").find(R"("first_id":"msg_9_in2")"), std::string::npos);
  EXPECT_NE(words().encode_input({}, "limit=x").find(R"("first_id":null)"), std::string::npos);
}

TEST(OpenAiResponsesKeeping, ASummaryIsAnItemThatOnlyHanseReads) {
  std::string sealed = write_summary("The word is \"papaya\".\n");
  std::string body = fmt::format(
      R"({{"model":"m","input":[{{"type":"compaction","id":"c","encrypted_content":"{}"}}]}})", sealed);
  Parsed parsed(body);
  EXPECT_TRUE(words().wish(parsed.root).own_words);
  auto request = dialect().decode_request(parsed.root);
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ((*request)->turns.size(), 1u);
  auto* text = (*request)->turns[0].parts[0].as<canon::TextPart>();
  ASSERT_TRUE(text);
  EXPECT_EQ(json::unescape(text->text), std::string(kSummaryHead) + "The word is \"papaya\".\n");
  Parsed sealed_by_another(R"({"model":"m","input":[{"type":"compaction","encrypted_content":"gAAA"}]})");
  EXPECT_FALSE(words().wish(sealed_by_another.root).own_words);
  EXPECT_FALSE(dialect().decode_request(sealed_by_another.root));
}

TEST(OpenAiResponsesKeeping, AnOrderToSumUpEndsTheConversation) {
  std::string order =
      words().compaction(Parsed(R"({"model":"m","instructions":"i","input":[{"x":1}]})").root);
  EXPECT_TRUE(order.starts_with(R"({"model":"m","instructions":"i","input":[{"x":1},{"type":"message")"))
      << order;
  EXPECT_EQ(words().compaction(Parsed(R"({"input":[]})").root), R"({"model":null,"input":[]})");
}

}  // namespace
}  // namespace hanse::openai_responses
