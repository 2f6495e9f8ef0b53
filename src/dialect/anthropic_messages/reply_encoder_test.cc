#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

std::unique_ptr<ReplyEncoder> encoder(bool stream) {
  return dialect().reply_encoder({.stream = stream, .request_id = "req_9"});
}

TEST(AnthropicReplyEncoder, WhatWasReadIsWrittenTheSame) {
  auto out = encoder(true);
  auto decoder = dialect().reply_decoder(true);
  ASSERT_TRUE(decoder->feed(kStream, *out));
  ASSERT_TRUE(decoder->finish(*out));
  Read again(out->out);
  ASSERT_TRUE(again.result) << out->out;
  EXPECT_EQ(trimmed_lines(again.events), kEvents);
  EXPECT_EQ(again.events.usage.cache_write_1h, 2);
  EXPECT_EQ(again.events.usage.visible_out, 16);
  EXPECT_EQ(again.events.usage.reasoning_out, 4);
}

TEST(AnthropicReplyEncoder, InterleavedCallsAreUntangled) {
  auto out = encoder(true);
  out->on(canon::Start{{"chatcmpl-1"}, {"gpt"}, 0});
  out->on(canon::ToolCallStart{0, {"a"}, {"f"}});
  out->on(canon::ToolCallStart{1, {"b"}, {"g"}});
  out->on(canon::ToolCallDelta{1, {"{}"}});
  out->on(canon::ToolCallDelta{0, {"{\\\"x\\\":\\\"}"}});
  out->on(canon::TextDelta{{"and"}});
  out->on(canon::ToolCallDelta{0, {"\\\"}"}});
  out->on(canon::ToolCallStart{2, {"c"}, {"h"}});
  out->on(canon::Usage{.uncached_in = 4, .visible_out = 5});
  out->on(canon::Stop{canon::StopReason::tool_calls, {}, {}});
  Read it(out->out);
  EXPECT_EQ(trimmed_lines(it.events),
            "start msg_req_9 gpt\ncall 0 a f\nargs 0 {\\\"x\\\":\\\"}\nargs 0 \\\"}\ncall 1 b g\nargs 1 {}\n"
            "text and\ncall 2 c h\nstop 4\n");
  EXPECT_EQ(it.events.usage.uncached_in, 4);
  EXPECT_EQ(it.events.usage.visible_out, 5);
}

TEST(AnthropicReplyEncoder, AStreamFrameByFrame) {
  auto out = encoder(true);
  out->on(canon::Start{{"msg_7"}, {"gpt"}, 0});
  out->on(canon::TextDelta{{"a"}});
  out->on(canon::Stop{canon::StopReason::length, {}, {}});
  EXPECT_EQ(
      out->out,
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_7\",\"type\":"
      "\"message\",\"role\":\"assistant\",\"model\":\"gpt\",\"content\":[],\"stop_reason\":null,"
      "\"stop_sequence\":null,\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}}\n\n"
      "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
      "{\"type\":\"text\",\"text\":\"\"}}\n\n"
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
      "\"text_delta\",\"text\":\"a\"}}\n\n"
      "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\","
      "\"stop_sequence\":null},\"usage\":{\"output_tokens\":0}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

TEST(AnthropicReplyEncoder, AFailureEndsAStreamAndNothingFollows) {
  auto out = encoder(true);
  out->on(canon::Start{{"x"}, {"gpt"}, 0});
  out->on(canon::TextDelta{{"a"}});
  out->out.clear();
  out->on(canon::Failure{Error(Code::overloaded, "no room")});
  out->on(canon::Stop{});
  EXPECT_EQ(out->out,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
            "\"no room\"},\"request_id\":\"req_9\"}\n\n");
}

// What the client would send back to a vendor that refuses it.
TEST(AnthropicReplyEncoder, ThinkingIsShownWhenItIsSigned) {
  auto read = [](bool stream, std::initializer_list<canon::Event> events) {
    auto out = encoder(stream);
    out->on(canon::Start{{"chatcmpl-1"}, {"gpt"}, 0});
    for (const auto& event : events) out->on(event);
    out->on(canon::TextDelta{{"a"}});
    out->on(canon::Stop{});
    Read it(out->out, stream);
    EXPECT_TRUE(it.result) << out->out;
    EXPECT_EQ(out->out.find("thinking") == std::string::npos,
              trimmed_lines(it.events).find("reason") == std::string::npos);
    return trimmed_lines(it.events);
  };
  const std::string begin = "start msg_req_9 gpt\n", end = "text a\nstop 0\n";
  using Thought = canon::ReasoningDelta;
  for (bool stream : {false, true}) {
    EXPECT_EQ(read(stream, {Thought{{"x"}}, Thought{{"y"}}}), begin + end);
    EXPECT_EQ(
        read(stream, {Thought{{"x"}}, canon::Usage{}, Thought{{"y"}}, canon::ReasoningSignature{{"s"}}}),
        begin + "reasoning xy\nsignature s\n" + end);
    EXPECT_EQ(read(stream, {Thought{{"x"}}, canon::TextDelta{{"b"}}, canon::RedactedReasoning{{"r"}},
                            Thought{{"y"}}, canon::ReasoningSignature{{"s"}}}),
              begin + "text b\nredacted r\nreasoning y\nsignature s\n" + end);
    EXPECT_EQ(read(stream, {Thought{{"x"}, true}}), begin + "reasoning x\n" + end);
  }
  auto out = encoder(true);  // piece by piece where a signature is sure to come
  out->on(Thought{{"x"}, true});
  EXPECT_NE(out->out.find(R"({"type":"thinking_delta","thinking":"x"})"), std::string::npos);
}

TEST(AnthropicReplyEncoder, WhatOnlyTheProviderKnows) {
  for (bool stream : {false, true}) {
    auto out = encoder(stream);
    out->on(canon::Start{{"chatcmpl-1"}, {"gpt"}, 0});
    out->on(canon::ToolCallStart{0, {"functions.get:0"}, {"get"}});
    out->on(canon::Stop{canon::StopReason::unknown, {}, {"odd"}});
    EXPECT_EQ(out->out.find("functions.get:0"), std::string::npos);  // the vendor takes no such ids
    EXPECT_NE(out->out.find(R"("id":"functions_get_0-)"), std::string::npos) << out->out;
    EXPECT_NE(out->out.find(R"("stop_reason":"tool_use","stop_sequence":null,"native_stop_reason":"odd")"),
              std::string::npos);
  }
}

TEST(AnthropicReplyEncoder, AWholeAnswer) {
  auto out = encoder(false);
  out->on(canon::Start{{"chatcmpl-1"}, {"gpt"}, 0});
  out->on(canon::ReasoningDelta{{"hm"}});
  out->on(canon::TextDelta{{"a"}});
  out->on(canon::ToolCallStart{0, {"x"}, {"f"}});
  out->on(canon::ToolCallStart{1, {}, {"g"}});
  out->on(canon::ToolCallDelta{1, {"{\\\"a\\\":"}});
  out->on(canon::ToolCallDelta{0, {" "}});
  EXPECT_EQ(out->out, "");
  out->on(canon::Stop{canon::StopReason::end, {}, {}});
  EXPECT_EQ(
      out->out,
      R"({"id":"msg_req_9","type":"message","role":"assistant","model":"gpt","content":[)"
      R"({"type":"text","text":"a"},)"
      R"({"type":"tool_use","id":"x","name":"f","input":{}},{"type":"tool_use","id":"toolu_req_9_1",)"
      R"("name":"g","input":{"INVALID_JSON":"{\"a\":"}}],"stop_reason":"tool_use","stop_sequence":null,)"
      R"("usage":{"input_tokens":0,"output_tokens":0}})");
}

}  // namespace
}  // namespace hanse::anthropic_messages
