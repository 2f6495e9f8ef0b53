#include "dialect/openai_chat/test_support.h"

namespace hanse::openai_chat {
namespace {

using namespace canon;

TEST(OpenAiDecodeRequest, RolesBecomeTurns) {
  auto got =
      decode(with_messages(R"({"role":"system","content":"be brief"},{"role":"developer","content":"x"},
    {"role":"user","content":"hi","name":"bob"},{"role":"assistant","content":null,"tool_calls":[
      {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"42"},{"role":"function","name":"g","content":"7"})"));
  ASSERT_TRUE(got->request) << got->error.message;
  const auto& turns = got->request->turns;
  ASSERT_EQ(turns.size(), 6u);
  EXPECT_EQ(turns[0].role, Role::system);
  EXPECT_EQ(turns[1].role, Role::system);
  EXPECT_EQ(turns[2].name.escaped, "bob");
  EXPECT_EQ(turns[2].parts[0].as<TextPart>()->text.escaped, "hi");
  EXPECT_EQ(turns[3].role, Role::assistant);
  EXPECT_EQ(turns[3].parts[0].as<ToolCallPart>()->arguments.json, R"({"a":1})");
  EXPECT_EQ(turns[4].role, Role::user);
  EXPECT_EQ(turns[4].parts[0].as<ToolResultPart>()->call_id.escaped, "c1");
  EXPECT_EQ(turns[4].parts[0].as<ToolResultPart>()->content[0].as<TextPart>()->text.escaped, "42");
  EXPECT_EQ(turns[5].parts[0].as<ToolResultPart>()->call_id.escaped, "g");
  EXPECT_TRUE(got->request->extras.empty());
}

TEST(OpenAiDecodeRequest, PartsOfEveryKind) {
  auto got = decode(with_messages(R"({"role":"user","content":[{"type":"text","text":"a\nb"},
    {"type":"image_url","image_url":{"url":"data:image\/png;base64,AA\/B","detail":"low"}},
    {"type":"image_url","image_url":{"url":"https://e.example/x.png"}},
    {"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},
    {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},
    {"type":"file","file":{"file_id":"file-1"}}]},
    {"role":"assistant","content":[{"type":"refusal","refusal":"no"}]})"));
  ASSERT_TRUE(got->request) << got->error.message;
  const auto& parts = got->request->turns[0].parts;
  ASSERT_EQ(parts.size(), 6u);
  EXPECT_EQ(parts[0].as<TextPart>()->text.escaped, "a\\nb");
  EXPECT_EQ(parts[1].as<MediaPart>()->media_type.escaped, "image/png");
  EXPECT_EQ(parts[1].as<MediaPart>()->data.escaped, "AA/B");
  EXPECT_EQ(parts[1].as<MediaPart>()->detail.escaped, "low");
  EXPECT_EQ(parts[2].as<MediaPart>()->url.escaped, "https://e.example/x.png");
  EXPECT_EQ(parts[3].as<MediaPart>()->kind, MediaPart::Kind::audio);
  EXPECT_EQ(parts[4].as<MediaPart>()->name.escaped, "a.pdf");
  EXPECT_EQ(parts[5].as<MediaPart>()->file_id.escaped, "file-1");
  EXPECT_EQ(got->request->turns[1].parts[0].as<RefusalPart>()->text.escaped, "no");
}

TEST(OpenAiDecodeRequest, WhatOtherServersAddedToTheLanguage) {
  auto got = decode(with_messages(R"({"role":"user","content":[
    {"type":"video_url","video_url":{"url":"https://e.example/v.mp4"}},
    {"type":"file_url","file_url":{"url":"JVBERi0x"}},
    {"type":"file_url","file_url":{"url":"https://e.example/a.pdf"}}]},
    {"role":"assistant","content":"x","reasoning":"hm"})",
                                  R"(,"thinking":{"type":"enabled","budget_tokens":2048})"));
  ASSERT_TRUE(got->request) << got->error.message;
  const auto& parts = got->request->turns[0].parts;
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].as<MediaPart>()->kind, MediaPart::Kind::video);
  EXPECT_EQ(parts[1].as<MediaPart>()->data.escaped, "JVBERi0x");
  EXPECT_EQ(parts[2].as<MediaPart>()->url.escaped, "https://e.example/a.pdf");
  EXPECT_EQ(got->request->turns[1].parts[0].as<ReasoningPart>()->text.escaped, "hm");
  EXPECT_EQ(got->request->reasoning.budget_tokens, 2048);
  EXPECT_TRUE(got->request->extras.empty());
}

TEST(OpenAiDecodeRequest, Options) {
  auto got = decode(with_option(R"("max_completion_tokens":9,"max_tokens":5,"temperature":0.50,"top_p":1,
    "seed":12345678901234567890,"stop":["a","b"],"stream":true,"stream_options":{"include_usage":true},
    "parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},"user":"u",
    "tools":[{"type":"function","function":{"name":"f","parameters":{"z":1,"a":2},"strict":true}}],
    "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}},
    "reasoning_effort":"high","logprobs":false,"n":1,"store":false,"modalities":["text"],
    "metadata":{"k":"v"},"logit_bias":{"1":2})"));
  ASSERT_TRUE(got->request) << got->error.message;
  const Request& r = *got->request;
  EXPECT_EQ(r.output_tokens_max, 9);
  EXPECT_EQ(r.sampling.temperature.json, "0.50");
  EXPECT_EQ(r.sampling.seed.json, "12345678901234567890");
  EXPECT_TRUE(r.sampling.logprobs.empty());
  EXPECT_EQ(r.sampling.logit_bias.json, R"({"1":2})");
  EXPECT_EQ(r.stop.size(), 2u);
  EXPECT_TRUE(r.stream && r.stream_usage);
  EXPECT_EQ(r.tool_choice.parallel, false);
  EXPECT_EQ(r.tool_choice.name.escaped, "f");
  EXPECT_EQ(r.tools[0].schema.json, R"({"z":1,"a":2})");
  EXPECT_EQ(r.output.schema.json, R"({"type":"object"})");
  EXPECT_EQ(r.reasoning.effort.escaped, "high");
  EXPECT_EQ(r.metadata.json, R"({"k":"v"})");
  EXPECT_TRUE(r.extras.empty());
}

TEST(OpenAiDecodeRequest, WhatHasNoHomeIsKeptByItsPath) {
  auto got = decode(with_messages(R"({"role":"user","content":[{"type":"text","text":"x","odd":1}],"why":"y"},
    {"role":"assistant","content":"ok","refusal":null,"annotations":[],"audio":{"id":"a"}})",
                                  R"(,"tools":[{"type":"custom","custom":{"name":"c"}}],"store":true,
    "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[]}})"));
  ASSERT_TRUE(got->request) << got->error.message;
  std::vector<std::string> paths;
  for (const auto& extra : got->request->extras) paths.push_back(extra.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"messages[0].why", "messages[0].content[0].odd",
                                             "messages[1].audio", "tools[0]", "store", "tool_choice"}));
  EXPECT_EQ(got->request->tool_choice.kind, ToolChoice::Kind::required);
}

TEST(OpenAiDecodeRequest, ThoughtsComeFirst) {
  auto got = decode(with_messages(R"({"role":"assistant","content":"hi","reasoning_content":"hm",
    "thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"sig"},
      {"type":"redacted_thinking","data":"xx"}]},{"role":"assistant","content":"b","reasoning_content":"solo"})"));
  ASSERT_TRUE(got->request) << got->error.message;
  const auto& parts = got->request->turns[0].parts;
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].as<ReasoningPart>()->signature.escaped, "sig");
  EXPECT_EQ(parts[1].as<ReasoningPart>()->redacted.escaped, "xx");
  EXPECT_EQ(got->request->turns[1].parts[0].as<ReasoningPart>()->text.escaped, "solo");
}

TEST(OpenAiDecodeRequest, ArgumentsAreAnObject) {
  auto call = [](std::string_view arguments) {
    return with_messages(
        R"({"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f")" +
        std::string(arguments) + "}}]}");
  };
  auto of = [&](std::string_view arguments) {
    auto got = decode(call(arguments));
    return got->request ? std::string(got->request->turns[0].parts[0].as<ToolCallPart>()->arguments.json)
                        : got->error.field;
  };
  EXPECT_EQ(of(""), "{}");
  EXPECT_EQ(of(R"(,"arguments":"")"), "{}");
  EXPECT_EQ(of(R"(,"arguments":" \n ")"), "{}");
  EXPECT_EQ(of(R"(,"arguments":{"a":1})"), R"({"a":1})");
  EXPECT_EQ(of(R"(,"arguments":"{\"s\":\"\\ud800\"}")"), R"({"s":"\ud800"})");
  std::string field = "messages[0].tool_calls[0].function.arguments";
  for (auto bad : {R"(,"arguments":"{")", R"(,"arguments":"[1]")", R"(,"arguments":"{\"a\":\"\\x\"}")",
                   R"(,"arguments":3)"})
    EXPECT_EQ(of(bad), field) << bad;
}

struct Wrong {
  const char* body;
  const char* field;
};

class OpenAiWrongRequest : public testing::TestWithParam<Wrong> {};

TEST_P(OpenAiWrongRequest, NamesItsField) {
  auto got = decode(GetParam().body);
  ASSERT_FALSE(got->request) << GetParam().body;
  EXPECT_EQ(got->error.code, Code::bad_request);
  EXPECT_EQ(got->error.field, GetParam().field) << got->error.message;
  EXPECT_NE(got->error.message.find(GetParam().field), std::string::npos);
}

#define USER R"("model":"m","messages":[{"role":"user","content":"x"}])"
INSTANTIATE_TEST_SUITE_P(
    Fields, OpenAiWrongRequest,
    testing::Values(
        Wrong{"[]", "body"}, Wrong{R"({"model":"m"})", "messages"},
        Wrong{R"({"model":"m","messages":[]})", "messages"},
        Wrong{R"({"model":"m","messages":{}})", "messages"},
        Wrong{R"({"model":"m","messages":[3]})", "messages[0]"},
        Wrong{R"({"model":7,"messages":[]})", "model"},
        Wrong{R"({"model":"m","messages":[{"role":"robot","content":"x"}]})", "messages[0].role"},
        Wrong{R"({"model":"m","messages":[{"content":"x"}]})", "messages[0].role"},
        Wrong{R"({"model":"m","messages":[{"role":"user"}]})", "messages[0].content"},
        Wrong{R"({"model":"m","messages":[{"role":"user","content":5}]})", "messages[0].content"},
        Wrong{R"({"model":"m","messages":[{"role":"user","content":[{"type":"x"}]}]})",
              "messages[0].content[0].type"},
        Wrong{
            R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]})",
            "messages[0].content[0].image_url.url"},
        Wrong{R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":
              {"url":"data:image/png;base64,a\"b"}}]}]})",
              "messages[0].content[0].image_url.url"},
        Wrong{R"({"model":"m","messages":[{"role":"tool","content":"x"}]})", "messages[0].tool_call_id"},
        Wrong{R"({"model":"m","messages":[{"role":"assistant","tool_calls":{}}]})", "messages[0].tool_calls"},
        Wrong{"{" USER R"(,"temperature":"hot"})", "temperature"},
        Wrong{"{" USER R"(,"stream":1})", "stream"}, Wrong{"{" USER R"(,"max_tokens":1.5})", "max_tokens"},
        Wrong{"{" USER R"(,"max_tokens":0})", "max_tokens"}, Wrong{"{" USER R"(,"stop":[1]})", "stop[0]"},
        Wrong{"{" USER R"(,"tools":[{"type":"function"}]})", "tools[0].function"},
        Wrong{"{" USER R"(,"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]})",
              "tools[0].function.parameters"},
        Wrong{"{" USER R"(,"tool_choice":"maybe"})", "tool_choice"},
        Wrong{"{" USER R"(,"response_format":{"type":"xml"}})", "response_format.type"},
        Wrong{"{" USER R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n"}}})",
              "response_format.json_schema.schema"}));

TEST(OpenAiDecodeRequest, TheModelMayStandInTheAddress) {
  for (std::string_view model : {R"("model":null,)", ""}) {
    auto got = decode(fmt::format(R"({{{}"messages":[{{"role":"user","content":"x"}}]}})", model));
    ASSERT_TRUE(got->request) << got->error.message;
    EXPECT_TRUE(got->request->model.empty());
  }
}

TEST(OpenAiDecodeRequest, PeekReadsTheTop) {
  json::Document document;
  auto root = document.parse(
      R"({"model":"a","stream":true,"stream_options":{"include_usage":true},"messages":1})", 8);
  Peek peek = dialect().peek(*root);
  EXPECT_EQ(peek.model.string(), "a");
  EXPECT_TRUE(peek.stream && peek.stream_usage);
}

}  // namespace
}  // namespace hanse::openai_chat
