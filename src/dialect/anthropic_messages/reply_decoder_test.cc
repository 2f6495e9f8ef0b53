#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

TEST(AnthropicReplyDecoder, ReadsAStreamWhateverTheCut) {
  for (size_t cut = 0; cut <= kStream.size(); ++cut) {
    Read it(kStream, true, cut);
    ASSERT_TRUE(it.result);
    ASSERT_EQ(trimmed_lines(it.events), kEvents) << cut;
    const auto& usage = it.events.usage;
    EXPECT_EQ(usage.uncached_in, 10);
    EXPECT_EQ(usage.cache_read, 3);
    EXPECT_EQ(usage.cache_write_5m, 5);
    EXPECT_EQ(usage.cache_write_1h, 2);
    EXPECT_EQ(usage.visible_out, 16);
    EXPECT_EQ(usage.reasoning_out, 4);
    EXPECT_EQ(usage.input(), 20);
  }
}

TEST(AnthropicReplyDecoder, ACutStreamIsNoAnswer) {
  for (std::string_view last : {"event: message_delta", "event: message_stop"}) {
    Read cut(kStream.substr(0, kStream.find(last)));
    ASSERT_FALSE(cut.result);
    EXPECT_EQ(cut.result.error().code, Code::malformed_reply);
    EXPECT_EQ(trimmed_lines(cut.events).find("stop"), std::string::npos);
  }
  EXPECT_EQ(Read("<html>").result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("data: {\n\n").result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("").result.error().code, Code::malformed_reply);
}

TEST(AnthropicReplyDecoder, WhatIsNoStreamOfMessagesIsNoAnswer) {
  auto code = [](const std::string& bytes) {
    auto result = Read(bytes).result;
    return result ? "whole" : facts(result.error().code).name;
  };
  EXPECT_EQ(code(streamed({kText, kReason, kStop})), "whole");
  EXPECT_EQ(code("data: " + kStop + "\n\n"), "malformed_reply");
  EXPECT_EQ(code("data: " + kText + "\n\ndata: " + kReason + "\n\ndata: " + kStop + "\n\n"),
            "malformed_reply");
  EXPECT_EQ(code(streamed({kText, kStop})), "malformed_reply");
  for (std::string bad :
       {std::string("<html>"), std::string("5"), std::string("[]"), std::string(R"({"hello":"world"})"),
        std::string(R"({"type":"message_start","message":{}})"),
        std::string(R"({"type":"content_block_start"})"), block(R"("type":"text","text":5)"),
        block(R"("type":"tool_use","id":"a","name":5)"), block(R"("type":"tool_use","id":"a")"),
        block(R"("type":"tool_use","id":"a","name":"n","input":"{}")"),
        block(R"("type":"thinking","thinking":{})"), block(R"("type":"redacted_thinking","data":1)"),
        delta(R"("type":"text_delta","text":5)"), delta(R"("type":"input_json_delta","partial_json":{})"),
        delta(R"("type":"signature_delta","signature":[])"),
        std::string(R"({"type":"content_block_delta","index":0,"delta":"a"})"),
        std::string(R"({"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"a"}})"),
        std::string(R"({"type":"message_delta","delta":{"stop_reason":5}})")})
    EXPECT_EQ(code(streamed({kText, bad, kReason, kStop})), "malformed_reply") << bad;
  for (auto bad : {R"({"hello":"world"})", R"({"object":"list","content":5})", R"("text")", "5", "null",
                   R"({"type":"list","content":[]})", R"({"content":[5]})",
                   R"({"content":[{"type":"text","text":5}]})", R"({"content":[],"stop_reason":5})",
                   R"({"content":[{"type":"tool_use","id":"a","name":"n","input":[]}]})"})
    EXPECT_EQ(Read(bad, false).result.error().code, Code::malformed_reply) << bad;
}

TEST(AnthropicReplyDecoder, PartsOfUsage) {
  auto usage = [](std::initializer_list<std::string> reports) {
    std::string bytes = streamed({kText});
    for (const auto& report : reports)
      bytes +=
          R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{)" + report + "}}\n\n";
    Read it(bytes + "data: " + kStop + "\n\n");
    EXPECT_TRUE(it.result);
    const auto& u = it.events.usage;
    return fmt::format("{} {} {} {} {} {}", u.uncached_in, u.cache_read, u.cache_write_5m, u.cache_write_1h,
                       u.visible_out, u.reasoning_out);
  };
  // The sum and its kinds, said together or one after the other.
  EXPECT_EQ(usage({R"("input_tokens":1,"cache_creation_input_tokens":7,"output_tokens":2)"}),
            "1 -1 7 -1 2 -1");
  EXPECT_EQ(usage({R"("cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":5,)"
                   R"("ephemeral_1h_input_tokens":2})",
                   R"("cache_creation_input_tokens":9)"}),
            "-1 -1 7 2 -1 -1");
  EXPECT_EQ(usage({R"("cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":0,)"
                   R"("ephemeral_1h_input_tokens":0})"}),
            "-1 -1 7 0 -1 -1");
  EXPECT_EQ(usage({R"("cache_creation":{"ephemeral_1h_input_tokens":2},"cache_read_input_tokens":3)"}),
            "-1 3 -1 2 -1 -1");
  // Thinking is part of the output, whichever is said first, and never more.
  EXPECT_EQ(usage({R"("output_tokens":9)", R"("output_tokens_details":{"thinking_tokens":4})"}),
            "-1 -1 -1 -1 5 4");
  EXPECT_EQ(usage({R"("output_tokens":9,"output_tokens_details":{"thinking_tokens":40})"}),
            "-1 -1 -1 -1 0 9");
  EXPECT_EQ(
      usage({R"("output_tokens":9,"output_tokens_details":{"thinking_tokens":4})", R"("output_tokens":12)"}),
      "-1 -1 -1 -1 8 4");
  EXPECT_EQ(
      usage({R"("input_tokens":-5,"output_tokens":1e30,"cache_read_input_tokens":9223372036854775807)"}),
      "-1 -1 -1 -1 -1 -1");
}

TEST(AnthropicReplyDecoder, AnErrorInTheStreamIsAFailure) {
  Read it(
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}\n\n");
  ASSERT_TRUE(it.result);
  EXPECT_EQ(trimmed_lines(it.events), "failure overloaded Busy\n");
}

TEST(AnthropicReplyDecoder, WhatIsNewIsSteppedOver) {
  Read it(
      "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\"}}\n\n"
      "event: novel\ndata: {\"type\":\"novel\"}\n\n"
      "data: "
      "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"server_tool_use\",\"id\":"
      "\"x\"}}\n\n"
      "data: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_"
      "json\":\"{}\"}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\"}}\n\n"
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"novel\"}}\n\n"
      "data: {\"type\":\"message_stop\"}\n\n");
  ASSERT_TRUE(it.result);
  EXPECT_EQ(trimmed_lines(it.events), "start m c\nstop 7  novel\n");
}

TEST(AnthropicReplyDecoder, InputGivenAtTheStartOfABlock) {
  std::string call = block(R"("type":"tool_use","id":"x","name":"n","input":{"a":"b"})");
  std::string events = "start m c\ncall 0 x n\nargs 0 {\\\"a\\\":\\\"b\\\"}\nstop 0\n";
  EXPECT_EQ(trimmed_lines(
                Read(streamed({call, R"({"type":"content_block_stop","index":0})", kReason, kStop})).events),
            events);
  EXPECT_EQ(trimmed_lines(Read(streamed({call, kReason, kStop})).events), events);  // nobody closed it
}

TEST(AnthropicReplyDecoder, ReadsAWholeAnswer) {
  Read it(R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
    {"type":"thinking","thinking":"hm","signature":"sig"},{"type":"text","text":"a"},
    {"type":"tool_use","id":"t","name":"get","input":{"a":"\n"}}],"stop_reason":"stop_sequence",
    "stop_sequence":"END","usage":{"input_tokens":5,"output_tokens":6}})",
          false);
  ASSERT_TRUE(it.result);
  EXPECT_EQ(trimmed_lines(it.events),
            "start msg_1 claude\nreasoning hm\nsignature sig\ntext a\ncall 0 t get\n"
            "args 0 {\\\"a\\\":\\\"\\\\n\\\"}\nstop 1 END\n");
  EXPECT_EQ(it.events.usage.visible_out, 6);
  EXPECT_EQ(Read("{\"id\":", false).result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("{}", false).result.error().code, Code::malformed_reply);
  EXPECT_EQ(Read("[1]", false).result.error().code, Code::malformed_reply);
}

}  // namespace
}  // namespace hanse::anthropic_messages
