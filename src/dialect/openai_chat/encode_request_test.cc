#include "dialect/openai_chat/test_support.h"

namespace hanse::openai_chat {
namespace {

using namespace canon;

Part text(std::string_view words) { return {TextPart{{words}, {}, {}}}; }
Part call(std::string_view id) { return {ToolCallPart{{id}, {"f"}, {R"({"a":"\n"})"}, {}}}; }
Part result(std::string_view id, std::vector<Part> content) {
  return {ToolResultPart{{id}, std::move(content), false, {}}};
}
Part image() {
  MediaPart media;
  media.media_type = {"image/png"};
  media.data = {"QUJD"};
  return {media};
}
void add(Request& request, Role role, std::vector<Part> parts) {
  request.turns.push_back({role, std::move(parts), {}});
}
using Paths = std::vector<std::string>;

TEST(OpenAiEncodeRequest, SaysWhatItRead) {
  auto got = decode(with_messages(
      R"({"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"q"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"}},)"
      R"({"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}},)"
      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
      R"("function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"42"})",
      R"(,"temperature":0.5,"stop":["x"],"stream":true,"max_tokens":7,"tool_choice":"required","tools":)"
      R"([{"type":"function","function":{"name":"f","parameters":{"b":1}}}],"response_format":)"
      R"({"type":"json_schema","json_schema":{"schema":{"type":"object"}}})"));
  ASSERT_TRUE(got->request) << got->error.message;
  Encoded out = encode(*got->request);
  EXPECT_EQ(out.losses, Paths{});
  EXPECT_EQ(
      out.body,
      R"({"model":"served","messages":[{"role":"system","content":"s"},{"role":"user","content":[)"
      R"({"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD",)"
      R"("detail":"low"}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}},)"
      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":)"
      R"({"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"42"}],)"
      R"("tools":[{"type":"function","function":{"name":"f","parameters":{"b":1}}}],)"
      R"("tool_choice":"required","response_format":{"type":"json_schema","json_schema":)"
      R"({"name":"response","schema":{"type":"object"}}},"temperature":0.5,"stop":["x"],)"
      R"("max_tokens":7,"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(OpenAiEncodeRequest, ResultsStandBehindTheirCalls) {
  Request request;
  add(request, Role::assistant, {text("let me see"), call("a"), call("b")});
  add(request, Role::user, {text("and?"), result("b", {text("B")}), result("a", {text("A1"), text("A2")})});
  Encoded out = encode(request);
  EXPECT_EQ(
      messages_of(out),
      R"([{"role":"assistant","content":"let me see","tool_calls":[{"id":"a","type":"function","function":)"
      R"({"name":"f","arguments":"{\"a\":\"\\n\"}"}},{"id":"b","type":"function","function":)"
      R"({"name":"f","arguments":"{\"a\":\"\\n\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"a","content":"A1\n\nA2"},{"role":"tool","tool_call_id":"b","content":)"
      R"("B"},{"role":"user","content":"and?"}])");
  EXPECT_EQ(out.losses, Paths{});
}

TEST(OpenAiEncodeRequest, CallsWithoutResultAndResultsWithoutCall) {
  Request request;
  add(request, Role::user, {result("zz", {text("lost")}), text("hi")});
  add(request, Role::assistant, {call("a")});
  add(request, Role::user, {result("b", {text("B")}), text("go on")});
  Encoded out = encode(request);
  EXPECT_EQ(
      messages_of(out),
      R"([{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":)"
      R"("function","function":{"name":"f","arguments":"{\"a\":\"\\n\"}"}}]},{"role":"tool","tool_call_id":"a",)"
      R"("content":"Error: this call was not answered."},{"role":"user","content":"go on"}])");
  EXPECT_EQ(out.losses,
            (Paths{"messages[0].content[0]", "messages[1].content[0]", "messages[2].content[0]"}));
}

TEST(OpenAiEncodeRequest, WhatToolsShowIsShownByTheUser) {
  Request request;
  add(request, Role::assistant, {call("a")});
  add(request, Role::user, {result("a", {image()})});
  request.turns[1].parts[0].as<ToolResultPart>()->is_error = true;
  Encoded out = encode(request);
  EXPECT_NE(out.body.find(
                R"x({"role":"tool","tool_call_id":"a","content":"Error: (attached to the next message)"},)x"
                R"({"role":"user","content":[{"type":"image_url","image_url":{"url":)"
                R"("data:image/png;base64,QUJD"}}]}])"),
            std::string::npos)
      << out.body;
  EXPECT_EQ(out.losses, Paths{});
}

TEST(OpenAiEncodeRequest, LongIdsAreRenamedAlike) {
  std::string id(80, 'x'), twin = std::string(79, 'x') + "y";
  Request request;
  add(request, Role::assistant, {call(id), call(twin)});
  add(request, Role::user, {result(twin, {text("2")}), result(id, {text("1")})});
  json::Document document;
  Encoded out = encode(request);
  auto root = document.parse(out.body, 64);
  json::Value messages = (*root)["messages"];
  std::vector<std::string> ids;
  for (json::Value m : messages) {
    for (json::Value c : m["tool_calls"]) ids.push_back(c["id"].string());
    if (m["tool_call_id"].present()) ids.push_back(m["tool_call_id"].string());
  }
  ASSERT_EQ(ids.size(), 4u);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_EQ(ids[1], ids[3]);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_LE(ids[0].size(), 64u);
}

TEST(OpenAiEncodeRequest, Losses) {
  Request request;
  TextPart marked{{"x"}, {R"({"type":"ephemeral"})"}, {}};
  MediaPart video;
  video.kind = MediaPart::Kind::video;
  video.data = {"QUJD"};
  MediaPart sound;
  sound.kind = MediaPart::Kind::audio;
  sound.data = {"QUJD"};
  sound.media_type = {"audio/flac"};
  add(request, Role::user, {{marked}, {video}, {sound}});
  add(request, Role::assistant, {{ReasoningPart{{"secret"}, {"sig"}, {}}}, text("y")});
  add(request, Role::user, {{video}});
  for (auto word : {"1", "2", "3", "4", "5"}) request.stop.push_back({word});
  request.sampling.top_k = {"5"};
  request.sampling.n = {"1"};
  request.sampling.logprobs = {"true"};
  request.metadata = {"{}"};
  request.tool_choice.kind = ToolChoice::Kind::required;
  request.extras.push_back({"thinking.display", {"1"}});
  Encoded out = encode(request);
  EXPECT_EQ(out.losses,
            (Paths{"messages[0].content[0].cache_control", "messages[0].content[1]", "messages[0].content[2]",
                   "messages[1].content[0]", "messages[2].content[0]", "tool_choice", "top_k", "logprobs",
                   "stop", "metadata", "thinking.display"}));
  EXPECT_EQ(out.body.find("secret"), std::string::npos);
  EXPECT_EQ(messages_of(out), R"([{"role":"user","content":"x"},{"role":"assistant","content":"y"}])");
  EXPECT_NE(out.body.find(R"("stop":["1","2","3","4"])"), std::string::npos);
}

TEST(OpenAiEncodeRequest, NewNamesForTheVendorItself) {
  Request request;
  add(request, Role::user, {text("x")});
  request.output_tokens_max = 3;
  request.reasoning.budget_tokens = 20000;
  Encoded out = encode(request, {.model = "served", .official = true});
  EXPECT_NE(out.body.find(R"("reasoning_effort":"high","max_completion_tokens":3)"), std::string::npos)
      << out.body;
}

}  // namespace
}  // namespace hanse::openai_chat
