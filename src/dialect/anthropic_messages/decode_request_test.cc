#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

std::string with(std::string_view members) {
  return R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":"hi"}])" +
         std::string(members) + "}";
}
std::string saying(std::string_view content, std::string_view role = "user") {
  return R"({"model":"m","max_tokens":10,"messages":[{"role":")" + std::string(role) + R"(","content":)" +
         std::string(content) + "}]}";
}
// "field: message" of a refusal, or "accepted".
std::string refusal(const std::string& body) {
  Decoded decoded(body);
  if (decoded.request) return "accepted";
  EXPECT_EQ(decoded.request.error().code, Code::bad_request);
  return decoded.request.error().field;
}

TEST(AnthropicDecodeRequest, ReadsTheOptions) {
  Decoded it(with(R"(,"system":"be brief","stream":true,"temperature":0.50,"top_p":1,"top_k":5,
    "stop_sequences":["a","b\n"],"service_tier":"auto","metadata":{"user_id":"u1"},
    "thinking":{"type":"enabled","budget_tokens":2000},
    "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},
    "tools":[{"name":"get","description":"reads","input_schema":{"type":"object"},"strict":true}],
    "tool_choice":{"type":"tool","name":"get","disable_parallel_tool_use":true})"));
  ASSERT_TRUE(it.request) << it.request.error().message;
  EXPECT_EQ(it->model.escaped, "m");
  EXPECT_EQ(it->output_tokens_max, 10);
  EXPECT_TRUE(it->stream);
  ASSERT_EQ(it->turns.size(), 2u);
  EXPECT_EQ(it->turns[0].role, canon::Role::system);
  EXPECT_EQ(it->sampling.temperature.json, "0.50");
  EXPECT_EQ(it->sampling.top_k.json, "5");
  ASSERT_EQ(it->stop.size(), 2u);
  EXPECT_EQ(it->stop[1].escaped, "b\\n");
  EXPECT_EQ(it->user.escaped, "u1");
  EXPECT_EQ(it->reasoning.mode, canon::ReasoningOptions::Mode::budget);
  EXPECT_EQ(it->reasoning.budget_tokens, 2000);
  EXPECT_EQ(it->reasoning.effort.escaped, "high");
  EXPECT_EQ(it->output.kind, canon::OutputFormat::Kind::json_schema);
  ASSERT_EQ(it->tools.size(), 1u);
  EXPECT_EQ(it->tools[0].strict, true);
  EXPECT_EQ(it->tool_choice.kind, canon::ToolChoice::Kind::named);
  EXPECT_EQ(it->tool_choice.parallel, false);
  EXPECT_TRUE(it->extras.empty());
}

TEST(AnthropicDecodeRequest, ReadsEveryBlock) {
  Decoded it(R"({"model":"m","max_tokens":10,"messages":[
    {"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
      {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},
      {"type":"image","source":{"type":"url","url":"https://x/y.png"}},
      {"type":"document","title":"t","source":{"type":"text","media_type":"text/plain","data":"plain"}}]},
    {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
      {"type":"redacted_thinking","data":"r"},{"type":"tool_use","id":"t1","name":"get","input":{"b":1, "a":2}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,
      "content":[{"type":"text","text":"no"}]}]}]})");
  ASSERT_TRUE(it.request) << it.request.error().message;
  ASSERT_EQ(it->turns.size(), 3u);
  const auto& first = it->turns[0].parts;
  ASSERT_EQ(first.size(), 4u);
  EXPECT_EQ(first[0].as<canon::TextPart>()->cache_control.json, R"({"type":"ephemeral"})");
  EXPECT_EQ(first[1].as<canon::MediaPart>()->data.escaped, "AA==");
  EXPECT_EQ(first[2].as<canon::MediaPart>()->url.escaped, "https://x/y.png");
  EXPECT_EQ(first[3].as<canon::MediaPart>()->plain.escaped, "plain");
  const auto& second = it->turns[1].parts;
  EXPECT_EQ(second[0].as<canon::ReasoningPart>()->signature.escaped, "s");
  EXPECT_EQ(second[1].as<canon::ReasoningPart>()->redacted.escaped, "r");
  EXPECT_EQ(second[2].as<canon::ToolCallPart>()->arguments.json, R"({"b":1, "a":2})");
  const auto* result = it->turns[2].parts[0].as<canon::ToolResultPart>();
  EXPECT_TRUE(result->is_error);
  EXPECT_EQ(result->content[0].as<canon::TextPart>()->text.escaped, "no");
}

TEST(AnthropicDecodeRequest, WhatHasNoHomeIsNamed) {
  Decoded it(R"({"model":"m","max_tokens":10,"container":"c","inference_geo":null,
    "tools":[{"type":"web_search_20250305","name":"web_search"},{"name":"a","input_schema":{},"defer_loading":true}],
    "thinking":{"type":"adaptive","display":"omitted"},
    "messages":[{"role":"user","content":[{"type":"container_upload","file_id":"f"},
       {"type":"text","text":"a","novel":1}]}]})");
  ASSERT_TRUE(it.request) << it.request.error().message;
  std::vector<std::string> paths;
  for (const auto& extra : it->extras) paths.push_back(extra.path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{"container", "tools[0]", "tools[1].defer_loading", "thinking.display",
                                      "messages[0].content[0]", "messages[0].content[1].novel"}));
}

TEST(AnthropicDecodeRequest, RefusesWithTheField) {
  EXPECT_EQ(refusal("[]"), "");
  EXPECT_EQ(refusal(R"({"max_tokens":1,"messages":[]})"), "model");
  EXPECT_EQ(refusal(R"({"model":"m","messages":[{"role":"user","content":"a"}]})"), "max_tokens");
  EXPECT_EQ(refusal(R"({"model":"m","max_tokens":"x","messages":[]})"), "max_tokens");
  EXPECT_EQ(refusal(R"({"model":"m","max_tokens":0,"messages":[]})"), "max_tokens");
  EXPECT_EQ(refusal(R"({"model":"m","max_tokens":1,"messages":[]})"), "messages");
  EXPECT_EQ(refusal(R"({"model":"m","max_tokens":1,"messages":{}})"), "messages");
  EXPECT_EQ(refusal(saying(R"("a")", "tool")), "messages[0].role");
  EXPECT_EQ(refusal(saying("5")), "messages[0].content");
  EXPECT_EQ(refusal(saying("[5]")), "messages[0].content[0]");
  EXPECT_EQ(refusal(saying(R"([{"text":"a"}])")), "messages[0].content[0].type");
  EXPECT_EQ(refusal(saying(R"([{"type":"text","text":1}])")), "messages[0].content[0].text");
  EXPECT_EQ(refusal(saying(R"([{"type":"image","source":{"type":"base64","data":"A"}}])")),
            "messages[0].content[0].source.media_type");
  EXPECT_EQ(refusal(saying(R"([{"type":"tool_use","id":"a","name":"b","input":{}}])")),
            "messages[0].content[0].type");
  EXPECT_EQ(refusal(saying(R"([{"type":"tool_use","id":"a","name":"b","input":"{}"}])", "assistant")),
            "messages[0].content[0].input");
  EXPECT_EQ(refusal(saying(R"([{"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_result",
            "tool_use_id":"b"}]}])")),
            "messages[0].content[0].content");
  EXPECT_EQ(refusal(with(R"(,"system":[{"type":"image"}])")), "system[0].type");
  EXPECT_EQ(refusal(saying(R"([{"type":"tool_addition"}])", "system")), "accepted");
  EXPECT_EQ(refusal(saying(R"([{"type":"image"}])", "system")), "messages[0].content[0].type");
  EXPECT_EQ(refusal(with(R"(,"temperature":"hot")")), "temperature");
  EXPECT_EQ(refusal(with(R"(,"stop_sequences":["a",1])")), "stop_sequences[1]");
  EXPECT_EQ(refusal(with(R"(,"tools":[{"name":"a"}])")), "tools[0].input_schema");
  EXPECT_EQ(refusal(with(R"(,"tool_choice":{"type":"maybe"})")), "tool_choice.type");
  EXPECT_EQ(refusal(with(R"(,"thinking":{"type":"enabled"})")), "thinking.budget_tokens");
  EXPECT_EQ(refusal(with(R"(,"thinking":{"type":"enabled","budget_tokens":-1})")), "thinking.budget_tokens");
  EXPECT_EQ(refusal(with(R"(,"metadata":{"user_id":5})")), "metadata.user_id");
}

}  // namespace
}  // namespace hanse::anthropic_messages
