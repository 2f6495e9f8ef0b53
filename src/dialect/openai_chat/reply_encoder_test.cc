#include "dialect/openai_chat/test_support.h"

namespace hanse::openai_chat {
namespace {

using namespace canon;

std::string write(const ReplyShape& shape, std::initializer_list<Event> events) {
  auto encoder = dialect().reply_encoder(shape);
  for (const Event& each : events) encoder->on(each);
  return encoder->out;
}

Usage usage() {
  Usage out;
  out.uncached_in = 60;
  out.cache_read = 40;
  out.visible_out = 20;
  out.reasoning_out = 10;
  return out;
}

constexpr std::string_view kUsage =
    R"("usage":{"prompt_tokens":100,"completion_tokens":30,"total_tokens":130,"prompt_tokens_details":)"
    R"({"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":10}})";
constexpr std::string_view kHead =
    R"(data: {"id":"chatcmpl-msg_1","object":"chat.completion.chunk","created":5,"model":"m","choices":[)";

std::string frame(std::string_view delta, std::string_view end = "null") {
  std::string out(kHead);
  out.append(R"({"index":0,"delta":{)").append(delta).append(R"(},"finish_reason":)").append(end);
  return out + "}]}\n\n";
}
std::string role() { return frame(R"("role":"assistant","content":"","refusal":null)"); }

const ReplyShape kStream{.stream = true, .request_id = "req", .now_unix = 5};
const ReplyShape kWhole{.request_id = "req", .now_unix = 5};

TEST(OpenAiReplyEncoder, StreamsText) {
  EXPECT_EQ(write(kStream, {Start{{"msg_1"}, {"m"}}, TextDelta{{"a\\n"}}, usage(), Stop{StopReason::length}}),
            role() + frame(R"("content":"a\n")") + frame("", R"("length")") + std::string(kDone));
}

TEST(OpenAiReplyEncoder, UsageWhenAsked) {
  ReplyShape shape = kStream;
  shape.stream_usage = true;
  std::string out = write(shape, {Start{{"msg_1"}, {"m"}}, TextDelta{{"a"}}, usage(), Stop{}});
  EXPECT_NE(out.find(R"("finish_reason":"stop"}],"usage":null})"), std::string::npos);
  EXPECT_TRUE(out.ends_with(std::string(kHead) + "]," + std::string(kUsage) + "}\n\n" + std::string(kDone)))
      << out;
  std::string unknown = write(shape, {Start{}, Stop{}});
  EXPECT_EQ(unknown.find("prompt_tokens"), std::string::npos);
  Usage few;
  few.uncached_in = 3;
  few.visible_out = 2;
  std::string some = write(shape, {Start{}, few, Stop{}});
  EXPECT_NE(some.find(R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})"),
            std::string::npos);
}

TEST(OpenAiReplyEncoder, StreamsToolCalls) {
  EXPECT_EQ(
      write(kStream, {Start{{"msg_1"}, {"m"}}, ToolCallStart{0, {"a"}, {"f"}}, ToolCallStart{1, {}, {"g"}},
                      ToolCallDelta{1, {"{\\\"x\\\":1}"}}, Stop{StopReason::tool_calls}}),
      role() +
          frame(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":)"
                R"({"name":"f","arguments":""}}])") +
          frame(R"("tool_calls":[{"index":1,"id":"call_req_1","type":"function","function":)"
                R"({"name":"g","arguments":""}}])") +
          frame(R"("tool_calls":[{"index":1,"function":{"arguments":"{\"x\":1}"}}])") +
          frame(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])") +
          frame("", R"("tool_calls")") + std::string(kDone));
}

TEST(OpenAiReplyEncoder, StreamsReasoning) {
  auto events = {Event(Start{{"msg_1"}, {"m"}}), Event(ReasoningDelta{{"le"}}), Event(ReasoningDelta{{"t"}}),
                 Event(ReasoningSignature{{"s="}}), Event(RedactedReasoning{{"r"}})};
  EXPECT_EQ(
      write(kStream, events),
      role() + frame(R"("reasoning_content":"le")") + frame(R"("reasoning_content":"t")") +
          frame(R"("thinking_blocks":[{"index":0,"type":"thinking","thinking":"let","signature":"s="}])") +
          frame(R"("thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"r"}])"));
  ReplyShape silent = kStream;
  silent.echo_reasoning = false;
  EXPECT_EQ(write(silent, events), role());
}

TEST(OpenAiReplyEncoder, ASignatureStandsForItsOwnThoughtOnly) {
  for (const ReplyShape& shape : {kStream, kWhole}) {
    std::string out = write(shape, {Start{{"msg_1"}, {"m"}}, ReasoningDelta{{"old"}}, TextDelta{{"a"}},
                                    ReasoningDelta{{"new"}}, ReasoningSignature{{"s"}}, Stop{}});
    EXPECT_NE(out.find(R"("thinking":"new","signature":"s")"), std::string::npos) << out;
  }
}

TEST(OpenAiReplyEncoder, FailuresNeverEndLikeAnswers) {
  Failure failure{Error(Code::provider_failed, "gone")};
  std::string out = write(kStream, {Start{{"msg_1"}, {"m"}}, TextDelta{{"a"}}, failure});
  EXPECT_TRUE(out.ends_with(R"(data: {"error":{"message":"gone","type":"server_error","param":null,)"
                            R"("code":"provider_failed"}})"
                            "\n\n"))
      << out;
  EXPECT_EQ(out.find("[DONE]"), std::string::npos);
}

TEST(OpenAiReplyEncoder, UnknownEndsAreStop) {
  EXPECT_NE(write(kStream, {Start{}, Stop{StopReason::unknown, {}, {"odd"}}})
                .find(R"("finish_reason":"stop","native_finish_reason":"odd")"),
            std::string::npos);
}

TEST(OpenAiReplyEncoder, Whole) {
  EXPECT_EQ(
      write(kWhole, {Start{{"msg_1"}, {"m"}, 9}, ReasoningDelta{{"th"}}, ReasoningSignature{{"s"}},
                     ReasoningDelta{{"in"}}, ReasoningSignature{{"t"}}, TextDelta{{"a"}}, TextDelta{{"b"}},
                     ToolCallStart{0, {"c"}, {"f"}}, usage(), Stop{StopReason::tool_calls}}),
      R"({"id":"chatcmpl-msg_1","object":"chat.completion","created":9,"model":"m","choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":"ab","refusal":null,"reasoning_content":"thin",)"
      R"("thinking_blocks":[{"type":"thinking","thinking":"th","signature":"s"},)"
      R"({"type":"thinking","thinking":"in","signature":"t"}],"tool_calls":[{"id":"c","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],)" +
          std::string(kUsage) + "}");
  EXPECT_NE(write(kWhole, {Start{}, Stop{}}).find(R"({"id":"chatcmpl-req")"), std::string::npos);
}

TEST(OpenAiReplyEncoder, ReadsBackWhatItWrote) {
  std::initializer_list<Event> events = {Start{{"chatcmpl-9"}, {"m"}, 5},
                                         ReasoningDelta{{"x"}},
                                         ReasoningSignature{{"s"}},
                                         TextDelta{{"a"}},
                                         ToolCallStart{0, {"c"}, {"f"}},
                                         ToolCallDelta{0, {"{}"}},
                                         usage(),
                                         Stop{StopReason::tool_calls}};
  std::string wanted =
      "start chatcmpl-9 m 5\nreasoning x\nsignature s\ntext a\ncall 0 c f\nargs 0 {}\nusage 60 40 20 "
      "10\nstop 4  \n";
  ReplyShape shape = kStream;
  shape.stream_usage = true;
  EXPECT_EQ(read_reply(write(shape, events), true), wanted);
  EXPECT_EQ(read_reply(write(kWhole, events), false), wanted);
}

}  // namespace
}  // namespace hanse::openai_chat
