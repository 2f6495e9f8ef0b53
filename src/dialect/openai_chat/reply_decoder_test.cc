#include "dialect/openai_chat/test_support.h"

namespace hanse::openai_chat {
namespace {

std::string stream(std::initializer_list<std::string> chunks) {
  std::string out;
  for (const auto& each : chunks) out += each;
  return out;
}

constexpr std::string_view kUsage =
    R"("usage":{"prompt_tokens":100,"completion_tokens":30,"total_tokens":130,)"
    R"("prompt_tokens_details":{"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":10}})";

std::string usage_chunk() {
  return R"(data: {"id":"chatcmpl-1","created":7,"model":"m-1","choices":[],)" + std::string(kUsage) +
         "}\n\n";
}

TEST(OpenAiReplyDecoder, TextUsageAndEnd) {
  std::string bytes = stream({delta(R"("role":"assistant","content":"")"), delta(R"("content":"Hel")"),
                              delta(R"("content":"lo\n\"x\"")"), delta(R"("content":"\u00e9")"),
                              delta("\"content\":\"\xC3\xA9\xF0\x9F\x98\x80\""), finish("stop"),
                              usage_chunk(), std::string(kDone)});
  std::string wanted =
      "start chatcmpl-1 m-1 7\ntext Hel\ntext lo\\n\\\"x\\\"\ntext \\u00e9\ntext \xC3\xA9\xF0\x9F\x98\x80\n"
      "usage 60 40 20 10\nstop 0  \n";
  EXPECT_EQ(read_reply(bytes, true), wanted);
  for (size_t cut = 1; cut < 40; ++cut) EXPECT_EQ(read_reply(bytes, true, cut), wanted) << cut;
}

TEST(OpenAiReplyDecoder, LooksWellAtWhatIsLikeTheChunkBefore) {
  // The same bytes around the text, but other things hidden in it, or after it.
  std::string a = delta(R"("content":"a")");
  EXPECT_EQ(
      read_reply(a + delta(R"("content":"b","tool_calls":[{"index":0,"id":"c","function":{"name":"f"}}])") +
                     delta(R"("content":"","refusal":"no")") + finish("stop"),
                 true),
      "start chatcmpl-1 m-1 7\ntext a\ntext b\ncall 0 c f\nrefusal no\nstop 4  \n");
  EXPECT_EQ(read_reply(a + delta("\"content\":\"b\xFF\""), true),
            "start chatcmpl-1 m-1 7\ntext a\nerror malformed_reply\n");
  EXPECT_EQ(read_reply(a + delta("\"content\":\"b\\x\""), true),
            "start chatcmpl-1 m-1 7\ntext a\nerror malformed_reply\n");
  EXPECT_EQ(read_reply(a + delta("\"content\":\"b\\\""), true),
            "start chatcmpl-1 m-1 7\ntext a\nerror malformed_reply\n");
  EXPECT_EQ(read_reply(a + delta("\"content\":\"\xED\xA0\x80\""), true),
            "start chatcmpl-1 m-1 7\ntext a\nerror malformed_reply\n");
}

TEST(OpenAiReplyDecoder, ObfuscatedChunks) {
  auto noisy = [](std::string_view text, std::string_view noise) {
    return chunk("\"delta\":{\"content\":\"" + std::string(text) + "\"},\"finish_reason\":null",
                 ",\"usage\":null,\"obfuscation\":\"" + std::string(noise) + "\"");
  };
  EXPECT_EQ(read_reply(noisy("a", "xyz") + noisy("b", "") + noisy("c", "1234") + finish("length") +
                           std::string(kDone),
                       true),
            "start chatcmpl-1 m-1 7\ntext a\ntext b\ntext c\nstop 2  \n");
}

TEST(OpenAiReplyDecoder, ToolCallsByIndex) {
  auto call = [](std::string_view inside) { return delta("\"tool_calls\":[{" + std::string(inside) + "}]"); };
  std::string bytes =
      stream({call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":""})"),
              call(R"("index":0,"function":{"arguments":"{\"x\""})"),
              call(R"("index":0,"function":{"arguments":":1}"})"),
              call(R"("index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"})"),
              call(R"("index":0,"function":{"arguments":" "})"),
              call(R"("index":1,"function":{"arguments":"}"})"), finish("tool_calls"), std::string(kDone)});
  EXPECT_EQ(
      read_reply(bytes, true),
      "start chatcmpl-1 m-1 7\ncall 0 a f\nargs 0 {\\\"x\\\"\nargs 0 :1}\ncall 1 b g\nargs 1 {\nargs 0  \n"
      "args 1 }\nstop 4  \n");
}

TEST(OpenAiReplyDecoder, ToolCallsOfSloppyServers) {
  // All at index 0; no index; a name that comes late; the end called "stop".
  std::string bytes = stream(
      {delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])"),
       delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{\"k\":1}"}}])"),
       delta(R"("tool_calls":[{"index":1,"id":"c","function":{"arguments":"{"}}])"),
       delta(R"("tool_calls":[{"index":1,"function":{"name":"h","arguments":"}"}}])"), finish("stop")});
  EXPECT_EQ(read_reply(bytes, true),
            "start chatcmpl-1 m-1 7\ncall 0 a f\nargs 0 {}\ncall 1 b f\nargs 1 {\\\"k\\\":1}\n"
            "call 2 c h\nargs 2 {\nargs 2 }\nstop 4  \n");
}

TEST(OpenAiReplyDecoder, CallsFromBeforeThereWereTools) {
  EXPECT_EQ(read_reply(delta(R"("function_call":{"name":"f","arguments":""})") +
                           delta(R"("function_call":{"arguments":"{}"})") + finish("function_call"),
                       true),
            "start chatcmpl-1 m-1 7\ncall 0  f\nargs 0 {}\nstop 4  \n");
  EXPECT_EQ(
      read_reply(delta(R"("content":"a","function_call":{"name":"","arguments":""})") + finish("stop"), true),
      "start chatcmpl-1 m-1 7\ntext a\nstop 0  \n");
}

TEST(OpenAiReplyDecoder, Reasoning) {
  std::string bytes =
      stream({delta(R"("reasoning_content":"let ")"), delta(R"("reasoning_content":"me")"),
              delta(R"("thinking_blocks":[{"type":"thinking","thinking":"let me","signature":"s=="}])"),
              delta(R"("thinking_blocks":[{"type":"redacted_thinking","data":"r"}])"),
              delta(R"("reasoning":"x")"), delta(R"("content":"hi")"), finish("stop")});
  EXPECT_EQ(read_reply(bytes, true),
            "start chatcmpl-1 m-1 7\nreasoning let \nreasoning me\nsignature s==\nredacted r\nreasoning "
            "x\ntext hi\n"
            "stop 0  \n");
}

TEST(OpenAiReplyDecoder, Ends) {
  std::string text = delta(R"("content":"a")"), read = "start chatcmpl-1 m-1 7\ntext a\n";
  EXPECT_EQ(read_reply(text + finish("odd"), true), read + "stop 7  odd\n");
  EXPECT_EQ(read_reply(text + finish("content_filter"), true), read + "stop 5  \n");
  EXPECT_EQ(read_reply(text + chunk(R"("delta":{},"finish_reason":"stop","stop_reason":"END")"), true),
            read + "stop 1 END \n");
  EXPECT_EQ(read_reply(text, true), read + "error malformed_reply\n");
  EXPECT_EQ(read_reply(text + std::string(kDone), true), read + "stop 0  \n");  // Snowflake's
  EXPECT_EQ(read_reply(kDone, true), "error malformed_reply\n");
  EXPECT_EQ(read_reply("<html>down</html>", true), "error malformed_reply\n");
  EXPECT_EQ(read_reply("data: <html>\n\n", true), "error malformed_reply\n");
  EXPECT_EQ(read_reply("data: 5\n\n", true), "error malformed_reply\n");
}

TEST(OpenAiReplyDecoder, FailuresInside) {
  EXPECT_EQ(read_reply(delta(R"("content":"a")") +
                           R"(data: {"error":{"message":"no","type":"server_error"}})" + "\n\n",
                       true),
            "start chatcmpl-1 m-1 7\ntext a\nfailure provider_failed no\n");
  EXPECT_EQ(read_reply(R"(data: {"id":"x","error":{"message":"slow","code":429},"choices":[]})"
                       "\n\n",
                       true),
            "failure rate_limited slow\n");
  EXPECT_EQ(read_reply(R"({"error":{"message":"slow","code":"429"}})", false), "failure rate_limited slow\n");
}

// Never stepped over: what came before would look like all of it.
TEST(OpenAiReplyDecoder, WrongTypesAreNoAnswer) {
  auto error_of = [](const std::string& lines) {
    size_t at = lines.rfind('\n', lines.size() - 2);
    return at == std::string::npos ? lines : lines.substr(at + 1);
  };
  std::string before = delta(R"("content":"a")"), behind = finish("stop") + std::string(kDone);
  for (auto bad :
       {R"("content":5)", R"("content":{"text":"a"})", R"("content":[5])", R"("content":[{"text":5}])",
        R"("refusal":true)", R"("reasoning_content":[])", R"("tool_calls":{})", R"("tool_calls":[5])",
        R"("tool_calls":[{"index":"0","id":"a","function":{"name":"f"}}])",
        R"("tool_calls":[{"index":-1,"id":"a","function":{"name":"f"}}])",
        R"("tool_calls":[{"index":1.5,"id":"a","function":{"name":"f"}}])",
        R"("tool_calls":[{"index":0,"id":5,"function":{"name":"f"}}])",
        R"("tool_calls":[{"index":0,"id":"a","function":"f"}])",
        R"("tool_calls":[{"index":0,"id":"a","function":{"name":5}}])",
        R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":5}}])",
        R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":[]}}])"})
    EXPECT_EQ(error_of(read_reply(before + delta(bad) + behind, true)), "error malformed_reply\n") << bad;
  for (auto bad : {R"("delta":5)", R"("delta":[])", R"("delta":{},"finish_reason":5)"})
    EXPECT_EQ(error_of(read_reply(before + chunk(bad) + behind, true)), "error malformed_reply\n") << bad;
  for (auto bad : {R"({"hello":"world"})", R"({"choices":5})", R"({"choices":{}})", R"({"choices":[5]})",
                   R"([])", R"("text")", "<html>", "{}", R"({"choices":null})"})
    EXPECT_EQ(error_of(read_reply(before + "data: " + bad + "\n\n" + behind, true)),
              "error malformed_reply\n")
        << bad;
  EXPECT_EQ(read_reply("data: {\"id\":5,\"model\":\"m\",\"choices\":[{\"delta\":{}}]}\n\n", true),
            "error malformed_reply\n");
  for (auto bad : {R"({"hello":"world"})", R"({"object":"list","data":[]})", R"("text")", "5", "null",
                   R"({"choices":{"message":{}}})", R"({"choices":[{"message":"hi"}]})",
                   R"({"choices":[{"message":"hi","finish_reason":"stop"}]})",
                   R"({"choices":[{"message":{"content":5}}]})",
                   R"({"choices":[{"message":{"content":"a"},"finish_reason":5}]})"})
    EXPECT_EQ(error_of(read_reply(bad, false)), "error malformed_reply\n") << bad;
}

TEST(OpenAiReplyDecoder, CallsWithoutAnIndex) {
  std::string bytes =
      stream({delta(R"("tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}])"),
              delta(R"("tool_calls":[{"function":{"arguments":"}"}}])"),
              delta(R"("tool_calls":[{"id":"b","function":{"arguments":""}}])"),
              delta(R"("tool_calls":[{"function":{"name":"g"}}])"),
              delta(R"("tool_calls":[{"id":"b","function":{"arguments":"{}"}}])"), finish("stop")});
  EXPECT_EQ(read_reply(bytes, true),
            "start chatcmpl-1 m-1 7\ncall 0 a f\nargs 0 {\nargs 0 }\ncall 1 b g\nargs 1 {}\nstop 4  \n");
  EXPECT_EQ(read_reply(delta(R"("tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}])") +
                           finish("tool_calls"),
                       true),
            "start chatcmpl-1 m-1 7\nerror malformed_reply\n");
}

TEST(OpenAiReplyDecoder, CallsOfAWholeAnswerWithTheSameId) {
  EXPECT_EQ(read_reply(R"({"id":"i","model":"m","choices":[{"message":{"tool_calls":[
      {"id":"c","function":{"name":"f","arguments":"{}"}},{"id":"c","function":{"name":"f","arguments":"{}"}}]}}]})",
                       false),
            "start i m 0\ncall 0 c f\nargs 0 {}\ncall 1 c f\nargs 1 {}\nstop 4  \n");
}

TEST(OpenAiReplyDecoder, AzureStartsWithoutChoices) {
  EXPECT_EQ(read_reply(R"(data: {"choices":[],"created":0,"id":"","model":"","prompt_filter_results":[]})"
                       "\n\n" +
                           delta(R"("content":"a")") + finish("stop"),
                       true),
            "start chatcmpl-1 m-1 7\ntext a\nstop 0  \n");
}

TEST(OpenAiReplyDecoder, WholeAnswers) {
  std::string body =
      R"({"id":"chatcmpl-2","created":9,"model":"m-2","choices":[{"index":0,"message":{"role":)"
      R"("assistant","content":"hi","reasoning_content":"ab","thinking_blocks":[{"type":"thinking",)"
      R"("thinking":"a","signature":"1"},{"type":"thinking","thinking":"b","signature":"2"}],)"
      R"("tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{}"}},)"
      R"({"id":"y","type":"function","function":{"name":"g","arguments":{"a":"b"}}}]},)"
      R"("finish_reason":"tool_calls"}],)" +
      std::string(kUsage) + "}";
  std::string wanted =
      "start chatcmpl-2 m-2 9\nreasoning a\nsignature 1\nreasoning b\nsignature 2\ntext hi\ncall 0 x f\nargs "
      "0 {}\n"
      "call 1 y g\nargs 1 {\\\"a\\\":\\\"b\\\"}\nusage 60 40 20 10\nstop 4  \n";
  EXPECT_EQ(read_reply(body, false), wanted);
  EXPECT_EQ(read_reply(body, false, 7), wanted);
  EXPECT_EQ(read_reply(R"({"id":"i","model":"m","choices":[{"finish_reason":"content_filter"}]})", false),
            "start i m 0\nstop 5  \n");
  for (auto bad : {"{", "<html>", "[]", "{}", R"({"choices":[]})", R"({"choices":[{}]})"})
    EXPECT_EQ(read_reply(bad, false), "error malformed_reply\n") << bad;
}

TEST(OpenAiReplyDecoder, PartsOfUsageStayWithinTheirWhole) {
  auto usage = [](std::string_view inside) {
    return read_reply(
        R"({"id":"i","model":"m","created":1,"choices":[{"message":{"content":"x"}}],"usage":{)" +
            std::string(inside) + "}}",
        false);
  };
  std::string head = "start i m 1\ntext x\n", tail = "stop 0  \n";
  EXPECT_EQ(usage(R"("prompt_tokens":3,"completion_tokens":2)"), head + "usage 3 -1 2 -1\n" + tail);
  EXPECT_EQ(usage(R"("prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":9},"completion_tokens":2,)"
                  R"("completion_tokens_details":{"reasoning_tokens":5})"),
            head + "usage 0 3 0 2\n" + tail);
  EXPECT_EQ(usage(R"("prompt_tokens":-3,"completion_tokens":"2")"), head + "usage -1 -1 -1 -1\n" + tail);
  EXPECT_EQ(usage(R"("prompt_tokens":3.0,"completion_tokens":2.5)"), head + "usage 3 -1 -1 -1\n" + tail);
  EXPECT_EQ(usage(R"("prompt_tokens":9223372036854775807,"completion_tokens":1e300)"),
            head + "usage -1 -1 -1 -1\n" + tail);
  EXPECT_EQ(usage(R"("prompt_tokens":99999999999999999999,"completion_tokens":null)"),
            head + "usage -1 -1 -1 -1\n" + tail);
}

// Reports follow each other in some streams, and the later ones may leave out the parts.
TEST(OpenAiReplyDecoder, NothingIsCountedTwice) {
  auto report = [](std::string_view inside) {
    return chunk(R"("delta":{})", ",\"usage\":{" + std::string(inside) + "}");
  };
  EXPECT_EQ(read_reply(report(R"("prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":4},)"
                              R"("completion_tokens":1)") +
                           report(R"("prompt_tokens":10,"completion_tokens":7)") + finish("stop"),
                       true),
            "start chatcmpl-1 m-1 7\nusage 6 4 1 -1\nusage 6 4 7 -1\nstop 0  \n");
}

TEST(OpenAiReplyDecoder, TheEndIsToldWhenItComes) {
  for (auto end : {finish("stop") + std::string(kDone), std::string(kDone)}) {
    Written out;
    auto decoder = dialect().reply_decoder(true);
    ASSERT_TRUE(decoder->feed(delta(R"("content":"a")") + end, out));
    EXPECT_TRUE(out.lines.ends_with("stop 0  \n")) << out.lines;
    ASSERT_TRUE(decoder->feed("data: {\"late\":1}\n\n", out));
    ASSERT_TRUE(decoder->finish(out));
    EXPECT_TRUE(out.lines.ends_with("text a\nstop 0  \n")) << out.lines;
  }
  EXPECT_EQ(read_reply(delta(R"("content":"a")") + finish("length"), true),  // no [DONE] ever comes
            "start chatcmpl-1 m-1 7\ntext a\nstop 2  \n");
  EXPECT_EQ(read_reply(delta(R"("role":"assistant","content":"")") + std::string(kDone), true),
            "start chatcmpl-1 m-1 7\nerror malformed_reply\n");
}

}  // namespace
}  // namespace hanse::openai_chat
