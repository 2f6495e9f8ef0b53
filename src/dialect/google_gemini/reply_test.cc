// Answers, beside the golden cases: every cut of both frames, wrong types, and arrays for clients.
#include "base/json_testing.h"
#include "dialect/google_gemini/test_support.h"

namespace hanse::google_gemini {
namespace {

std::vector<std::string> chunks() {
  return {
      chunk(R"({"text": "I \u00fc\n]}","thought": true})", "", 5, 0), chunk(R"({"text": "He\"}]"})"),
      chunk(R"({"functionCall": {"name": "f","args": {"a": "}]"}},"thoughtSignature": "EpID"})", "", 5, 2),
      chunk(R"({"text": ""})", "STOP", 5, 3)};
}

constexpr std::string_view kExpected =
    "start r1 gemini-x\nreasoning I \\u00fc\\n]}\nusage 5 0 0 0 0\ntext He\\\"}]\nusage 5 0 0 1 0\n"
    "signature google-gemini:call:EpID\ncall 0  f\nargs 0 {\\\"a\\\": \\\"}]\\\"}\nusage 5 0 0 2 0\n"
    "usage 5 0 0 3 0\nstop 4 \n";

std::string as_events(const std::vector<std::string>& data) {
  std::string out;
  for (const auto& each : data) out += event(each);
  return out;
}
std::string as_array(const std::vector<std::string>& data) {
  std::string out;
  for (const auto& each : data) out += (out.empty() ? "[" : ",\r\n") + each;
  return out + "\n]\n";
}

TEST(GeminiReplyDecoder, EitherFrameAtEveryCut) {
  for (const std::string& bytes : {as_events(chunks()), as_array(chunks()), "\r\n" + as_array(chunks())}) {
    EXPECT_EQ(read_reply(bytes, true), kExpected);
    EXPECT_EQ(read_reply(bytes, true, 1, 1), kExpected);
    for (size_t first = 1; first < bytes.size(); ++first) {
      ASSERT_EQ(read_reply(bytes, true, first), kExpected) << "cut at " << first;
      ASSERT_EQ(read_reply(bytes, true, first, 37), kExpected) << "cut at " << first << " and each 37";
    }
  }
}

TEST(GeminiReplyDecoder, AnArrayIsAlsoReadWhereABodyWasWanted) {
  EXPECT_EQ(read_reply(as_array(chunks()), false), kExpected);
  const std::string cut = as_array(chunks());
  for (size_t size = 1; size < cut.size() - 2; ++size)
    ASSERT_NE(read_reply(std::string_view(cut).substr(0, size), false).find("error malformed_reply"),
              std::string::npos);
}

TEST(GeminiReplyDecoder, WhatIsCutIsNoAnswer) {
  const std::string events = as_events(chunks()), array = as_array(chunks());
  const size_t last = events.rfind("data:"), end = events.size() - 5;  // at its brace
  for (size_t size = 0; size < end; ++size)
    ASSERT_TRUE(read_reply(std::string_view(events).substr(0, size), true).ends_with("error malformed_reply"))
        << size << " of " << last;
  for (size_t size = 0; size < array.size() - 2; ++size)
    ASSERT_TRUE(read_reply(std::string_view(array).substr(0, size), true).ends_with("error malformed_reply"))
        << size;
}

TEST(GeminiReplyDecoder, WrongTypesAreNoAnswer) {
  for (std::string_view body :
       {R"({"candidates":{}})",
        R"({"candidates":[1]})",
        R"({"candidates":[{"content":"x"}]})",
        R"({"candidates":[{"content":{"parts":{}}}]})",
        R"({"candidates":[{"content":{"parts":["x"]}}]})",
        R"({"candidates":[{"content":{"parts":[{"text":1}]}}]})",
        R"({"candidates":[{"content":{"parts":[{"functionCall":"f"}]}}]})",
        R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":""}}]}}]})",
        R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":[]}}]}}]})",
        R"({"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":1}]}}]})",
        R"({"candidates":[{"finishReason":1}]})",
        R"({"candidates":[],"responseId":1})",
        R"({"candidates":[]})",
        R"({"usageMetadata":{"promptTokenCount":1}})",
        "[]",
        "[1]",
        "{}",
        "null",
        "\"x\"",
        "<html>",
        ""})
    EXPECT_TRUE(read_reply(body, false).ends_with("error malformed_reply")) << body;
}

TEST(GeminiReplyDecoder, CountsThatCannotBeAreNotTaken) {
  auto usage = [](std::string_view wire) {
    Written out;
    auto decoder = dialect().reply_decoder(false);
    EXPECT_TRUE(decoder->feed(
        R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":)" + std::string(wire) + "}", out));
    EXPECT_TRUE(decoder->finish(out));
    const canon::Usage& u = out.usage;
    return fmt::format("{} {} {} {} {}", u.uncached_in, u.cache_read, u.tool_prompt_in, u.visible_out,
                       u.reasoning_out);
  };
  EXPECT_EQ(usage(R"({"promptTokenCount":10,"cachedContentTokenCount":99})"), "0 10 0 0 0");
  EXPECT_EQ(usage(R"({"promptTokenCount":10,"candidatesTokenCount":-4,"thoughtsTokenCount":1e99})"),
            "10 0 0 0 0");
  EXPECT_EQ(usage(R"({"promptTokenCount":10.0,"toolUsePromptTokenCount":3})"), "10 0 3 0 0");
  EXPECT_EQ(usage(R"({"candidatesTokenCount":4})"), "-1 -1 -1 -1 -1");
}

TEST(GeminiReplyDecoder, NothingFollowsAFailure) {
  const std::string bytes =
      event(chunks()[1]) + event(R"({"error":{"code":503,"status":"UNAVAILABLE"}})") + event(chunks()[3]);
  const std::string read = read_reply(bytes, true);
  EXPECT_TRUE(read.ends_with("failure overloaded the provider failed in the middle of its answer\n")) << read;
  EXPECT_EQ(read_reply(bytes, true, 1, 1), read);
  EXPECT_EQ(read_reply(as_array({chunks()[1], R"({"error":{"code":503,"status":"UNAVAILABLE"}})"}), true),
            read);
}

// What a client reads of `events` as one array, in as many pieces as there are events.
std::string array_for_client(const std::vector<canon::Event>& events) {
  auto encoder = dialect().reply_encoder({.stream = true, .request_id = "q"});
  std::string out;
  for (const canon::Event& each : events) {
    encoder->on(each);
    out += std::exchange(encoder->out, {});
  }
  return out;
}

TEST(GeminiReplyEncoder, AnArrayForClientsThatWantNoEvents) {
  const std::string bytes =
      array_for_client({canon::Start{{}, {"m"}, 0}, canon::TextDelta{{"a"}}, canon::ReasoningDelta{{"t"}},
                        canon::ToolCallStart{0, {}, {"f"}}, canon::ToolCallDelta{0, {"{\\\"a\\\":1}"}},
                        canon::Usage{.uncached_in = 1, .visible_out = 2}, canon::Stop{}});
  json::Document document;
  auto root = document.parse(bytes, 64);
  ASSERT_TRUE(root) << bytes;
  EXPECT_EQ(root->size(), 4u);
  EXPECT_EQ(
      read_reply(bytes, true),
      "start q m\ntext a\nreasoning t\ncall 0 call_q_0 f\nargs 0 {\\\"a\\\":1}\nusage 1 0 0 2 0\nstop 4 \n");
}

TEST(GeminiReplyEncoder, AnArrayEndsWithItsFailure) {
  const canon::Failure failure{Error(Code::overloaded, "no \"room\"")};
  const std::string alone = array_for_client({failure});
  EXPECT_EQ(alone,
            "[{\"error\":{\"code\":503,\"message\":\"no \\\"room\\\"\",\"status\":\"UNAVAILABLE\"}}\n]\n");
  const std::string bytes = array_for_client({canon::Start{{}, {"m"}, 0}, canon::TextDelta{{"a"}}, failure});
  EXPECT_EQ(read_reply(bytes, true), "start q m\ntext a\nfailure overloaded no \"room\"\n");
}

TEST(GeminiReplyEncoder, CallsWaitUntilTheyAreWhole) {
  const std::string bytes = array_for_client(
      {canon::Start{{}, {"m"}, 0}, canon::ToolCallStart{0, {"1"}, {"f"}},
       canon::ToolCallDelta{0, {"{\\\"a\\\""}}, canon::TextDelta{{"early"}}, canon::ToolCallDelta{0, {":1}"}},
       canon::ToolCallStart{1, {"2"}, {"g"}}, canon::TextDelta{{"late"}}, canon::ToolCallDelta{1, {"{}"}},
       canon::TextDelta{{"last"}}, canon::Stop{}});
  EXPECT_EQ(
      read_reply(bytes, true),
      "start q m\ntext early\ncall 0 1 f\nargs 0 {\\\"a\\\":1}\ntext late\ncall 1 2 g\nargs 1 {}\ntext last\n"
      "stop 4 \n");
}

TEST(GeminiReplyEncoder, SignaturesComeBackAsTheyWere) {
  // From another maker to a client of this dialect, and back in its next request.
  const std::string bytes =
      array_for_client({canon::Start{{}, {"m"}, 0}, canon::ReasoningDelta{{"a\\n"}, true},
                        canon::ReasoningDelta{{"b"}, true}, canon::ReasoningSignature{{"S\\u00e9\\/=="}},
                        canon::RedactedReasoning{{"R"}}, canon::TextDelta{{"x"}}, canon::Stop{}});
  json::Document document;
  std::string contents;
  for (json::Value each : *document.parse(bytes, 64))
    contents +=
        (contents.empty() ? "" : ",") + std::string((*each["candidates"].begin())["content"].raw().json);
  auto it = decode(with_contents(contents));
  ASSERT_TRUE(it->request) << it->error.message;
  const auto* thought = it->request->turns[0].parts[0].as<canon::ReasoningPart>();
  ASSERT_TRUE(thought);
  EXPECT_EQ(thought->text.escaped, "a\\nb");
  EXPECT_EQ(json::unescape(thought->signature), "S\xC3\xA9/==");
  EXPECT_EQ(it->request->turns[3].parts[0].as<canon::ReasoningPart>()->redacted.escaped, "R");
}

TEST(GeminiModels, InTheVendorsShape) {
  const ModelInfo model{.id = "gemini-x", .owner = "o", .created = 1};
  EXPECT_EQ(dialect().encode_model(model),
            R"({"name":"models/gemini-x","baseModelId":"gemini-x","version":"001","displayName":"gemini-x",)"
            R"("supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens"]})");
  EXPECT_EQ(dialect().encode_models({&model, 1}), "{\"models\":[" + dialect().encode_model(model) + "]}");
  EXPECT_EQ(dialect().encode_token_count(7), R"({"totalTokens":7})");
}

}  // namespace
}  // namespace hanse::google_gemini
