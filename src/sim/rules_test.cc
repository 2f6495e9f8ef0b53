// What the simulated clouds refuse, in whose words.
#include <gtest/gtest.h>

#include "sim/model.h"
#include "sim/vendor.h"

namespace hanse::sim {
namespace {

struct Case {
  std::string_view request;
  std::string_view says;  // a part of the message; empty: is accepted
};

std::string complaint(const Vendor& vendor, std::string_view request) {
  json::Document d;
  auto root = d.parse(request, 64);
  EXPECT_TRUE(root) << request;
  if (!root) return "not JSON";
  auto error = vendor.check_request(*root, false);
  return error ? error->message + " @" + error->param : "";
}

void check(const Vendor& vendor, std::span<const Case> cases) {
  for (const auto& [request, says] : cases) {
    std::string got = complaint(vendor, request);
    if (says.empty())
      EXPECT_EQ(got, "") << request;
    else
      EXPECT_NE(got.find(says), std::string::npos) << request << "\n" << got;
  }
}

constexpr Case kOpenAi[] = {
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", ""},
    {R"({"messages":[]})", "you must provide a model parameter"},
    {R"({"model":7,"messages":[]})",
     "Invalid type for 'model': expected a string, but got a number instead. @model"},
    {R"({"model":"m"})", "Missing required parameter: 'messages'. @messages"},
    {R"({"model":"m","messages":[]})", "empty array"},
    {R"({"model":"m","messages":"hi"})", "expected an array of objects, but got a string instead"},
    {R"({"model":"m","messages":[{"role":"robot","content":"hi"}]})",
     "Invalid value: 'robot'. Supported values are: 'system'"},
    {R"({"model":"m","messages":[{"role":"user"}]})", "expected a string, got null. @messages[0].content"},
    {R"({"model":"m","messages":[{"role":"user","content":[{"type":"blob"}]}]})", "Invalid value: 'blob'"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":0})",
     "integer below minimum value"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":-1})",
     "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead. "
     "@temperature"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"top_k":5})",
     "Unrecognized request argument supplied: top_k"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"tool_choice":"auto"})",
     "only allowed when 'tools' are specified"},
    {R"({"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]})",
     "must be a response to a preceeding message"},
    {R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{}"}}]},
        {"role":"user","content":"and?"}]})",
     "did not have response messages: a @messages[0].role"},
    {R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{}"}}]}]})",
     "did not have response messages: a"},
    {R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"b","content":"x"}]})",
     "'tool_call_id' of 'b' not found"},
    {R"({"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"a",
        "type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":"x"},{"role":"user","content":"and?"}]})",
     ""},
    {R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":{}}}]}]})",
     "expected a string, but got an object"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function",
        "function":{"name":"no spaces"}}]})",
     "does not match pattern"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema"}})",
     "response_format.json_schema"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}})",
     "only allowed when 'stream'"},
};

constexpr Case kAnthropic[] = {
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]})", ""},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", "max_tokens: Field required"},
    {R"({"model":"m","max_tokens":0,"messages":[{"role":"user","content":"hi"}]})",
     "max_tokens: Input should be greater than or equal to 1"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}],"seed":1})",
     "seed: Extra inputs are not permitted"},
    {R"({"model":"m","max_tokens":5,"messages":[]})", "at least one message"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":"hi"}]})",
     "first message must use"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"},{"role":"system",
        "content":"x"}]})",
     "messages.1: role 'system' is not supported"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":""}]})",
     "must have non-empty content"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":""}]}]})",
     "text content blocks must be non-empty"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":" \n"}]})",
     "must contain non-whitespace text"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"user",
        "content":"b"},{"role":"assistant","content":"c"}]})",
     ""},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":"c "}]})",
     "trailing whitespace"},
    {R"({"model":"m","max_tokens":5,"temperature":1.5,"messages":[{"role":"user","content":"a"}]})",
     "temperature: Input should be less than or equal to 1"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"tool_result",
        "tool_use_id":"x","content":"y"}]}]})",
     "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: x"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
        {"role":"user","content":"b"}]})",
     "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"},{"type":"text",
        "text":"b"}]}]})",
     ""},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":[{"type":"tool_use","id":"a:b","name":"f","input":{}}]}]})",
     "tool_use.id: String should match pattern"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":[{"type":"tool_use","id":"t","name":"f","input":"{}"}]}]})",
     "tool_use.input: Input should be a valid dictionary"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image",
        "source":{"type":"base64","media_type":"image/jpg","data":"AA=="}}]}]})",
     "media_type: Input should be 'image/jpeg'"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f"}]})",
     "tools.0.custom.input_schema: Field required"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"auto"}})",
     "only be specified while providing `tools`"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],
        "thinking":{"type":"enabled","budget_tokens":2000}})",
     "must be greater than `thinking.budget_tokens`"},
    {R"({"model":"m","max_tokens":5000,"messages":[{"role":"user","content":"a"}],
        "thinking":{"type":"enabled","budget_tokens":2000},
        "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}})",
     "Thinking may not be enabled when tool_choice forces tool use"},
    {R"({"model":"m","max_tokens":5000,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[
        {"role":"user","content":"a"},
        {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}]})",
     "Expected `thinking` or `redacted_thinking`, but found `tool_use`"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":[{"type":"thinking","thinking":"hm","signature":"made up"},
        {"type":"text","text":"b"}]},{"role":"user","content":"c"}]})",
     "messages.1.content.0: Invalid `signature` in `thinking` block"},
    {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant",
        "content":[{"type":"redacted_thinking","data":"made up"},
        {"type":"text","text":"b"}]},{"role":"user","content":"c"}]})",
     "Invalid `data` in `redacted_thinking` block"},
};

TEST(Rules, OpenAiRefuses) { check(openai(), kOpenAi); }
TEST(Rules, AnthropicRefuses) { check(anthropic(), kAnthropic); }

constexpr Case kCohere[] = {
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", ""},
    {R"({"messages":[{"role":"user","content":"hi"}]})", "model is required"},
    {R"({"model":"m","messages":[]})", "list of messages must not be empty"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"top_p":0.5})",
     "'top_p' is not a valid field"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":1.5})", "between 0 and 1"},
    {R"({"model":"m","messages":[{"role":"robot","content":"hi"}]})", "unknown role 'robot'"},
    {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"tool_choice":"REQUIRED"})",
     "when tools are given"},
    {R"({"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]})", "'a' is not found"},
    {R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function",
        "function":{"name":"f","arguments":"{}"}}]},
        {"role":"user","content":"and?"}]})",
     "tool call id a not found in tool results"},
};

TEST(Rules, Cohere) { check(cohere(), kCohere); }

TEST(Rules, AnthropicKnowsItsOwnSignature) {
  std::string request = fmt::format(
      R"({{"model":"m","max_tokens":5,"messages":[{{"role":"user","content":"a"}},{{"role":"assistant",
        "content":[
    {{"type":"thinking","thinking":"hm","signature":"{}"}},{{"type":"text","text":"b"}}]}},{{"role":"user",
        "content":"c"}}]}})",
      sign_reasoning("hm"));
  EXPECT_EQ(complaint(anthropic(), request), "");
}

constexpr Case kGoogle[] = {
    {R"({"contents":[{"parts":[{"text":"hi"}]}]})", ""},
    {R"({"contents":[]})", "contents is not specified"},
    {R"({"contents":[{"role":"robot","parts":[{"text":"hi"}]}]})", "Please use a valid role: user, model."},
    {R"({"contents":[{"role":"user","parts":[]}]})", "contents.parts must not be empty"},
    {R"({"contents":[{"parts":[{"thought":true}]}]})", "required oneof field 'data'"},
    {R"({"messages":[]})", "Unknown name \"messages\": Cannot find field."},
    {R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"max_tokens":1}})",
     "Unknown name \"max_tokens\" at 'generation_config'"},
    {R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"temperature":3}})", "[0.0, 2.0]"},
    {R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"responseJsonSchema":{}}})",
     "only supported for the application/json"},
    {R"({"contents":[{"parts":[{"text":"hi"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}})",
     "without function_declarations"},
    {R"({"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]})",
     "comes immediately after a function call turn"},
    {R"({"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},
        {"role":"user","parts":[{"text":"and?"}]}]})",
     "is equal to the number of function call parts"},
};

TEST(Rules, Google) { check(google(), kGoogle); }

constexpr Case kBedrock[] = {
    {R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})", ""},
    {R"({"messages":[]})", "must start with a user message"},
    {R"({"messages":[{"role":"assistant","content":[{"text":"hi"}]}]})", "must start with a user message"},
    {R"({"messages":[{"role":"system","content":[{"text":"hi"}]}]})", "enum value set: [user, assistant]"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]})",
     "must alternate"},
    {R"({"messages":[{"role":"user","content":[]}]})", "messages.0 is empty"},
    {R"({"messages":[{"role":"user","content":[{"text":" "}]}]})", "messages.0.content.0 is blank"},
    {R"({"messages":[{"role":"user","content":[{"text":"a","image":{}}]}]})", "exactly one of its keys"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"temperature":1.5}})",
     "inferenceConfig.temperature"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"maxTokens":0}})",
     "greater than or equal to 1"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]}],"toolConfig":{"tools":[]}})",
     "toolConfig.tools"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"a b","inputSchema":{"json":{}}}}]}})",
     "toolSpec.name"},
    {R"({"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"x","content":[]}}]}]})",
     "exceeds the number of toolUse blocks"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]},
        {"role":"assistant","content":[{"toolUse":{"toolUseId":"x","name":"f","input":{}}}]},
        {"role":"user","content":[{"text":"b"}]}]})",
     "Expected toolResult blocks at messages.2.content for the following Ids: x"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]},
        {"role":"assistant","content":[{"toolUse":{"toolUseId":"x","name":"f","input":{}}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"x","content":[]}}]}]})",
     "toolConfig field must be defined"},
};

TEST(Rules, Bedrock) { check(bedrock(), kBedrock); }

TEST(Rules, BedrocksPathsAndProof) {
  PathAsk ask = bedrock().read_path("/model/arn%3Aaws%2Fsim/converse-stream");
  EXPECT_EQ(ask.model, "arn%3Aaws%2Fsim");
  EXPECT_TRUE(ask.streams);
  for (const char* path : {"/model//converse", "/model/sim", "/model/sim/invoke", "/converse", ""})
    EXPECT_EQ(bedrock().read_path(path).what, PathAsk::What::nothing) << path;
  http::RequestHead head;
  ASSERT_TRUE(
      http::parse_request_head("POST / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n\r\n", {}, head));
  EXPECT_FALSE(bedrock().check_proof(head, "", "k"));
  EXPECT_EQ(bedrock().check_proof(head, "", "other")->type, "AccessDeniedException");
  ASSERT_TRUE(http::parse_request_head("POST / HTTP/1.1\r\nhost: x\r\n\r\n", {}, head));
  EXPECT_EQ(bedrock().check_proof(head, "", "k")->type, "MissingAuthenticationTokenException");
  EXPECT_FALSE(bedrock().check_proof(head, "", "")) << "no key is wanted";
}

TEST(Rules, GooglesKeyAndPaths) {
  http::RequestHead head;
  ASSERT_TRUE(http::parse_request_head("GET /v1beta/models?key=k HTTP/1.1\r\nhost: x\r\n\r\n", {}, head));
  EXPECT_FALSE(google().check_key(head, "k"));
  EXPECT_EQ(google().check_key(head, "other")->status, 400);
  ASSERT_TRUE(http::parse_request_head("GET / HTTP/1.1\r\nhost: x\r\n\r\n", {}, head));
  EXPECT_EQ(google().check_key(head, "other")->status, 403);
  PathAsk ask = google().read_path("/v1/models/sim-x:streamGenerateContent");
  EXPECT_EQ(ask.model, "sim-x");
  EXPECT_TRUE(ask.streams);
  for (const char* path : {"/v1beta/models/", "/v1beta/modelsx", "/v1beta/models/m:embed", "/v2/chat", ""})
    EXPECT_EQ(google().read_path(path).what, PathAsk::What::nothing) << path;
}

}  // namespace
}  // namespace hanse::sim
