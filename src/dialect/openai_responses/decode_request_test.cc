// Clients' requests read into the canonical form.
#include <gtest/gtest.h>

#include "dialect/openai_responses/test_support.h"

namespace hanse::openai_responses {
namespace {

using Kind = canon::ToolChoice::Kind;
using Names = std::vector<std::string>;

std::string turns(std::string_view items) {
  auto read = decode(with_input(items));
  return read->request ? shown(*read->request) : "refused " + read->error.field;
}

TEST(OpenAiResponsesRequest, InputIsAStringOrItems) {
  auto read = decode(R"({"instructions":"Be short.","input":"Hi","model":"m"})");
  EXPECT_EQ(shown(*read->request), "system text 'Be short.'\nuser text 'Hi'\n");
  EXPECT_EQ(read->request->path(0), "instructions");
  EXPECT_EQ(read->request->path(1, 0), "input");
  EXPECT_EQ(turns(R"({"role":"user","content":"a\nb"},{"type":"message","role":"assistant","content":[
      {"type":"output_text","text":"x","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"n"}]})"),
            "user text 'a\\nb'\nassistant text 'x' refusal 'n'\n");
}

TEST(OpenAiResponsesRequest, WhatAnAssistantDidInARowIsOneTurn) {
  EXPECT_EQ(
      turns(R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},
      {"role":"assistant","content":"a"},{"type":"function_call","call_id":"1","name":"f","arguments":" "},
      {"role":"assistant","content":"b"},{"type":"function_call","call_id":"2","name":"g","arguments":"{\"a\":1}"},
      {"type":"function_call_output","call_id":"1","output":"x"},
      {"type":"function_call_output","call_id":"2","output":"y"})"),
      "assistant thought '' '' 'openai-responses:rs_1:gA' text 'a' call 1 f {} text 'b' call 2 g {\"a\":1}\n"
      "user result 1 text 'x' result 2 text 'y'\n");
  // What it said twice without calling anything stays apart.
  EXPECT_EQ(turns(R"({"role":"assistant","content":"a"},{"role":"assistant","content":"b"},
      {"type":"function_call","call_id":"1","name":"f","arguments":"{}"})"),
            "assistant text 'a'\nassistant text 'b' call 1 f {}\n");
}

TEST(OpenAiResponsesRequest, ThoughtsCarryTheirProof) {
  EXPECT_EQ(turns(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"A"},
      {"type":"summary_text","text":"B"}],"content":[{"type":"reasoning_text","text":"C"}],"encrypted_content":"gA"})"),
            "assistant thought 'A\\n\\nB' 'openai-responses:rs_1:gA' ''\n");
  EXPECT_EQ(turns(R"({"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"C"}]})"),
            "assistant thought 'C' '' ''\n");
  EXPECT_EQ(turns(R"({"type":"reasoning","summary":[],"encrypted_content":"google-gemini:call:E"})"),
            "assistant thought '' 'google-gemini:call:E' ''\n");
  EXPECT_EQ(
      turns(
          R"({"type":"reasoning","summary":[{"text":"T"}],"encrypted_content":"redacted/anthropic-messages:E"})"),
      "assistant thought '' '' 'E'\n");
  EXPECT_EQ(turns(R"({"role":"user","content":"q"},{"type":"reasoning","id":"rs_1","summary":[]})"),
            "user text 'q'\n");
}

TEST(OpenAiResponsesRequest, ToolsOfEveryKind) {
  auto read =
      decode(with_option(R"("tools":[{"type":"web_search"},{"type":"function","name":"f","description":"d",
      "parameters":{"b":1,"a":2},"strict":false,"defer_loading":true},
      {"type":"custom","name":"c","format":{"type":"text"}},
      {"type":"namespace","name":"n","description":"about","tools":[
      {"type":"function","name":"x"},{"type":"custom","name":"y"}]},
      {"type":"namespace","name":"mcp__","description":"","tools":[{"type":"function","name":"z"}]}])"));
  ASSERT_TRUE(read->request) << read->error.message;
  const auto& tools = read->request->tools;
  Names names, paths;
  for (const auto& tool : tools) {
    names.emplace_back(tool.name.escaped);
    paths.push_back(read->request->path(tool));
  }
  EXPECT_EQ(names, (Names{"f", "c", "n__x", "n__y", "mcp__z"}));
  EXPECT_EQ(paths,
            (Names{"tools[1]", "tools[2]", "tools[3].tools[0]", "tools[3].tools[1]", "tools[4].tools[0]"}));
  EXPECT_EQ(tools[0].schema.json, R"({"b":1,"a":2})");
  EXPECT_EQ(tools[0].strict, false);
  EXPECT_FALSE(tools[0].custom);
  EXPECT_TRUE(tools[1].custom);
  EXPECT_EQ(tools[1].schema.json, tools[3].schema.json);
  EXPECT_NE(tools[1].schema.json.find("\"input\""), std::string::npos);
  EXPECT_EQ(tools[2].space.escaped, "n");
  EXPECT_EQ(tools[2].space_about.escaped, "about");
  EXPECT_EQ(extras_of(*read->request), (Names{"tools[0]", "tools[3].description"}));
}

TEST(OpenAiResponsesRequest, ToolChoices) {
  auto choice = [](std::string_view value) {
    auto read = decode(with_option("\"tool_choice\":" + std::string(value)));
    if (!read->request) return "refused " + read->error.field;
    std::string out = std::to_string(static_cast<int>(read->request->tool_choice.kind));
    return out.append(" ").append(read->request->tool_choice.name.escaped).append(" ") +
           std::to_string(read->request->extras.size());
  };
  EXPECT_EQ(choice(R"("auto")"), "1  0");
  EXPECT_EQ(choice(R"("none")"), "2  0");
  EXPECT_EQ(choice(R"("required")"), "3  0");
  EXPECT_EQ(choice(R"({"type":"function","name":"f"})"), "4 f 0");
  EXPECT_EQ(choice(R"({"type":"custom","name":"c"})"), "4 c 0");
  EXPECT_EQ(choice(R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]})"),
            "4 f 0");
  EXPECT_EQ(choice(R"({"type":"allowed_tools","mode":"required","tools":[{"name":"f"},{"name":"g"}]})"),
            "3  1");
  EXPECT_EQ(choice(R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]})"),
            "1  1");
  EXPECT_EQ(choice(R"({"type":"web_search_preview"})"), "1  1");
  EXPECT_EQ(choice(R"("maybe")"), "refused tool_choice");
  EXPECT_EQ(choice(R"({"type":"allowed_tools","mode":"none","tools":[]})"), "refused tool_choice.mode");
  EXPECT_EQ(choice(R"({"type":"function"})"), "refused tool_choice.name");
}

TEST(OpenAiResponsesRequest, TextsThatCustomToolsTakeAreInAnObject) {
  EXPECT_EQ(
      turns(R"({"type":"custom_tool_call","call_id":"1","name":"c","input":"a \"b\""},
      {"type":"custom_tool_call_output","call_id":"1","output":[{"type":"input_text","text":"ok"}]},
      {"type":"function_call","call_id":"2","namespace":"n","name":"x","arguments":"{}"})"),
      "assistant call 1 c {\"input\":\"a \\\"b\\\"\"}\nuser result 1 text 'ok'\nassistant call 2 n__x {}\n");
}

TEST(OpenAiResponsesRequest, MediaOfEveryKind) {
  EXPECT_EQ(
      turns(
          R"({"role":"user","content":[{"type":"input_image","image_url":"https://i.example/a.png","detail":"high"},
      {"type":"input_image","file_id":"file_1"},{"type":"input_image","image_url":"data:image/png;base64,QUJD"},
      {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="},
      {"type":"input_file","file_url":"https://i.example/a.pdf"},{"type":"input_file","file_data":"JVBERi0x"},
      {"type":"input_file","file_data":"data:image/gif;base64,QQ=="}]})"),
      "user media 0 ||https://i.example/a.png|||high media 0 |||file_1|| media 0 image/png|QUJD|||| "
      "media 2 application/pdf|QQ==|||a.pdf| media 2 ||https://i.example/a.pdf||| "
      "media 2 application/pdf|JVBERi0x|||| media 0 image/gif|QQ==||||\n");
}

TEST(OpenAiResponsesRequest, Options) {
  auto read =
      decode(with_option(R"("max_output_tokens":7,"temperature":0.50,"top_p":1,"top_logprobs":2,"stream":true,
      "parallel_tool_calls":false,"reasoning":{"effort":"high","summary":"auto"},"safety_identifier":"u",
      "service_tier":"flex",
      "metadata":{"a":"b"},"text":{"format":{"type":"json_schema","name":"n","schema":{"b":1,"a":2},"strict":true}},
      "include":["reasoning.encrypted_content"],"store":false,"truncation":"disabled","background":false,
      "stream_options":{"include_obfuscation":false},"previous_response_id":"resp_0","user":null)"));
  ASSERT_TRUE(read->request) << read->error.message;
  const canon::Request& request = *read->request;
  EXPECT_EQ(request.output_tokens_max, 7);
  EXPECT_EQ(request.sampling.temperature.json, "0.50");
  EXPECT_EQ(request.sampling.top_logprobs.json, "2");
  EXPECT_TRUE(request.stream && request.stream_usage);
  EXPECT_EQ(request.tool_choice.parallel, false);
  EXPECT_EQ(request.reasoning.effort.escaped, "high");
  EXPECT_EQ(request.reasoning.shown, true);
  EXPECT_EQ(request.user.escaped, "u");
  EXPECT_EQ(request.service_tier.escaped, "flex");
  EXPECT_EQ(request.metadata.json, R"({"a":"b"})");
  EXPECT_EQ(request.output.schema.json, R"({"b":1,"a":2})");
  EXPECT_EQ(request.output.strict, true);
  EXPECT_EQ(request.continues.escaped, "resp_0");
  EXPECT_EQ(extras_of(request), Names{});
  EXPECT_EQ(decode(with_option(R"("reasoning":{"effort":"none"})"))->request->reasoning.mode,
            canon::ReasoningOptions::Mode::off);
}

TEST(OpenAiResponsesRequest, WhatHasNoHomeIsAnExtra) {
  auto read =
      decode(R"({"model":"m","truncation":"auto","max_tool_calls":3,"prompt_cache_key":"k","invented":1,
      "text":{"verbosity":"low"},"reasoning":{"context":"all_turns"},"include":["web_search_call.results"],
      "input":[{"role":"user","content":[{"type":"input_text","text":"q","invented":1}]},
      {"type":"web_search_call","id":"ws_1"},{"role":"assistant","phase":"commentary","content":[{"type":"output_text",
      "text":"a","annotations":[{"type":"url_citation"}]}]}]})");
  ASSERT_TRUE(read->request) << read->error.message;
  EXPECT_EQ(extras_of(*read->request),
            (Names{"truncation", "max_tool_calls", "prompt_cache_key", "invented", "text.verbosity",
                   "reasoning.context", "include[0]", "input[0].content[0].invented", "input[1]",
                   "input[2].phase", "input[2].content[0].annotations"}));
}

TEST(OpenAiResponsesRequest, AnAnswerMayBeGoneOnFrom) {
  auto read = decode(R"({"model":"m","previous_response_id":"resp_1"})");
  ASSERT_TRUE(read->request) << read->error.message;
  EXPECT_EQ(read->request->continues.escaped, "resp_1");
  EXPECT_TRUE(read->request->turns.empty());
  EXPECT_TRUE(decode(R"({"model":"m","input":[],"previous_response_id":"resp_1"})")->request);
}

struct Wrong {
  std::string body, field;
};
class OpenAiResponsesWrongRequest : public testing::TestWithParam<Wrong> {};

TEST_P(OpenAiResponsesWrongRequest, IsRefusedWithItsField) {
  auto read = decode(GetParam().body);
  ASSERT_FALSE(read->request) << GetParam().body;
  EXPECT_EQ(read->error.code, Code::bad_request);
  EXPECT_EQ(read->error.field, GetParam().field) << GetParam().body;
  EXPECT_TRUE(read->error.message.starts_with(GetParam().field)) << read->error.message;
}

Wrong item(std::string_view item, std::string_view field) {
  return {with_input(item), "input[0]" + std::string(field)};
}
Wrong part(std::string_view value, std::string_view field) {
  return item(R"({"role":"user","content":[)" + std::string(value) + "]}",
              ".content[0]" + std::string(field));
}
Wrong option(std::string_view value, std::string_view field) {
  return {with_option(value), std::string(field)};
}

INSTANTIATE_TEST_SUITE_P(
    Fields, OpenAiResponsesWrongRequest,
    testing::Values(
        Wrong{"[]", "body"}, Wrong{R"({"input":"x"})", "model"}, Wrong{R"({"model":"m"})", "input"},
        Wrong{R"({"model":"m","input":7})", "input"}, Wrong{R"({"model":"m","input":[]})", "input"},
        Wrong{R"({"model":"m","input":""})", "input"}, option(R"("instructions":7)", "instructions"),
        item("7", ""), item("{}", ".role"), item(R"({"role":"tool","content":"x"})", ".role"),
        item(R"({"role":"user"})", ".content"), item(R"({"role":"user","content":7})", ".content"),
        item(R"({"type":"item_reference","id":"x"})", ""), item(R"({"id":"x"})", ""),
        item(R"({"type":"compaction","encrypted_content":"x"})", ""), item(R"({"type":"invented"})", ".type"),
        item(R"({"type":"function_call","name":"f","arguments":"{}"})", ".call_id"),
        item(R"({"type":"function_call","call_id":"1","arguments":"{}"})", ".name"),
        item(R"({"type":"function_call","call_id":"1","name":"f","arguments":"{"})", ".arguments"),
        item(R"({"type":"function_call","call_id":"1","name":"f","arguments":"[]"})", ".arguments"),
        item(R"({"type":"custom_tool_call","call_id":"1","name":"f","input":{}})", ".input"),
        item(R"({"type":"function_call_output","output":"x"})", ".call_id"),
        item(R"({"type":"function_call_output","call_id":"1","output":7})", ".output"),
        item(R"({"type":"reasoning","summary":"x"})", ".summary"),
        item(R"({"type":"reasoning","summary":[{}]})", ".summary[0].text"),
        item(R"({"type":"additional_tools","role":"developer"})", ".tools"), part("7", ""),
        part("{}", ".type"), part(R"({"type":"input_audio"})", ".type"),
        part(R"({"type":"input_text"})", ".text"), part(R"({"type":"input_image"})", ""),
        part(R"({"type":"input_image","image_url":"ftp://x"})", ".image_url"),
        part(R"({"type":"input_image","image_url":"data:image/png,x"})", ".image_url"),
        part(R"({"type":"input_file","file_data":"x"})", ".file_data"),
        part(R"({"type":"input_file","file_url":"file:///x"})", ".file_url"),
        part(R"({"type":"input_file","filename":"x"})", ""), option(R"("stream":1)", "stream"),
        option(R"("store":"yes")", "store"), option(R"("background":true)", "background"),
        option(R"("conversation":"c")", "conversation"), option(R"("prompt":{"id":"p"})", "prompt"),
        option(R"("temperature":"hot")", "temperature"),
        option(R"("max_output_tokens":0)", "max_output_tokens"), option(R"("include":"x")", "include"),
        option(R"("include":[1])", "include[0]"), option(R"("reasoning":"high")", "reasoning"),
        option(R"("reasoning":{"effort":1})", "reasoning.effort"), option(R"("text":7)", "text"),
        option(R"("text":{"format":{"type":"xml"}})", "text.format.type"),
        option(R"("text":{"format":{"type":"json_schema","name":"n"}})", "text.format.schema"),
        option(R"("tools":{})", "tools"), option(R"("tools":[{}])", "tools[0].type"),
        option(R"("tools":[{"type":"function"}])", "tools[0].name"),
        option(R"("tools":[{"type":"function","name":""}])", "tools[0].name"),
        option(R"("tools":[{"type":"function","name":"f","parameters":7}])", "tools[0].parameters"),
        option(R"("tools":[{"type":"namespace","name":"n"}])", "tools[0].tools"),
        option(R"("tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}])",
               "tools[0].tools[0].name"),
        option(R"("metadata":[])", "metadata"),
        option(R"("previous_response_id":1)", "previous_response_id")));

}  // namespace
}  // namespace hanse::openai_responses
