// Requests of clients, beside the golden cases: each field that is wrong, and what only many requests show.
#include "base/json_testing.h"
#include "dialect/google_gemini/test_support.h"

namespace hanse::google_gemini {
namespace {

TEST(GeminiDecodeRequest, NamesTheFieldThatIsWrong) {
  const std::pair<std::string_view, std::string_view> kWrong[] = {
      {R"({"contents":5})", "contents"},
      {R"({"contents":[]})", "contents"},
      {R"({"contents":[7]})", "contents[0]"},
      {R"({"contents":[{"parts":{}}]})", "contents[0].parts"},
      {R"({"contents":[{"role":1,"parts":[]}]})", "contents[0].role"},
      {R"({"contents":[{"role":"system","parts":[]}]})", "contents[0].role"},
      {R"({"contents":[{"parts":["a"]}]})", "contents[0].parts[0]"},
      {R"({"contents":[{"parts":[{"text":1}]}]})", "contents[0].parts[0].text"},
      {R"({"contents":[{"role":"model","parts":[{"text":"a","thought":1}]}]})",
       "contents[0].parts[0].thought"},
      {R"({"contents":[{"parts":[{"text":"a","thought":true}]}]})", "contents[0].parts[0]"},
      {R"({"contents":[{"parts":[{"text":"a","thoughtSignature":"QQ=="}]}]})", "contents[0].parts[0]"},
      {R"({"contents":[{"role":"model","parts":[{"text":"a","thoughtSignature":7}]}]})",
       "contents[0].parts[0].thoughtSignature"},
      {R"({"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":""}}]}]})",
       "contents[0].parts[0].inlineData.data"},
      {R"({"contents":[{"parts":[{"fileData":{"mimeType":"image/png"}}]}]})",
       "contents[0].parts[0].fileData.fileUri"},
      {R"({"contents":[{"parts":[{"functionCall":{"name":"f"}}]}]})", "contents[0].parts[0].functionCall"},
      {R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":""}}]}]})",
       "contents[0].parts[0].functionCall.name"},
      {R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":"{}"}}]}]})",
       "contents[0].parts[0].functionCall.args"},
      {R"({"contents":[{"role":"model","parts":[{"functionResponse":{"name":"f"}}]}]})",
       "contents[0].parts[0].functionResponse"},
      {R"({"contents":[{"parts":[{"functionResponse":{"name":"f","response":"x"}}]}]})",
       "contents[0].parts[0].functionResponse.response"},
      {R"({"contents":[{"parts":[{"functionResponse":{"name":"f","parts":[{"inlineData":{}}]}}]}]})",
       "contents[0].parts[0].functionResponse.parts[0].inlineData.mimeType"},
  };
  for (auto [body, field] : kWrong) {
    auto it = decode(std::string(body));
    EXPECT_FALSE(it->request) << body;
    EXPECT_EQ(it->error.field, field) << body;
    EXPECT_EQ(it->error.code, Code::bad_request) << body;
  }
}

TEST(GeminiDecodeRequest, NamesTheOptionThatIsWrong) {
  const std::pair<std::string_view, std::string_view> kWrong[] = {
      {R"("systemInstruction":"s")", "systemInstruction"},
      {R"("systemInstruction":{"parts":[{"inlineData":{"mimeType":"image/png","data":"QQ=="}}]})",
       "systemInstruction.parts[0]"},
      {R"("generationConfig":[])", "generationConfig"},
      {R"("generationConfig":{"temperature":"hot"})", "generationConfig.temperature"},
      {R"("generationConfig":{"topK":"01"})", "generationConfig.topK"},
      {R"("generationConfig":{"maxOutputTokens":1.5})", "generationConfig.maxOutputTokens"},
      {R"("generationConfig":{"max_output_tokens":-1})", "generationConfig.max_output_tokens"},
      {R"("generationConfig":{"stopSequences":"x"})", "generationConfig.stopSequences"},
      {R"("generationConfig":{"stopSequences":["x",1]})", "generationConfig.stopSequences[1]"},
      {R"("generationConfig":{"responseLogprobs":1})", "generationConfig.responseLogprobs"},
      {R"("generationConfig":{"responseMimeType":1})", "generationConfig.responseMimeType"},
      {R"("generationConfig":{"responseSchema":1})", "generationConfig.responseSchema"},
      {R"("generationConfig":{"responseSchema":{"type":"OBJECT","minProperties":"x"}})",
       "generationConfig.responseSchema.minProperties"},
      {R"("generationConfig":{"thinkingConfig":1})", "generationConfig.thinkingConfig"},
      {R"("generationConfig":{"thinkingConfig":{"thinkingBudget":"x"}})",
       "generationConfig.thinkingConfig.thinkingBudget"},
      {R"("generationConfig":{"thinkingConfig":{"includeThoughts":1}})",
       "generationConfig.thinkingConfig.includeThoughts"},
      {R"("tools":{})", "tools"},
      {R"("tools":[1])", "tools[0]"},
      {R"("tools":[{"functionDeclarations":{}}])", "tools[0].functionDeclarations"},
      {R"("tools":[{},{"functionDeclarations":[{"name":"f"},{}]}])", "tools[1].functionDeclarations[1].name"},
      {R"("tools":[{"functionDeclarations":[{"name":"f","parameters":[]}]}])",
       "tools[0].functionDeclarations[0].parameters"},
      {R"("tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":"x"}]}])",
       "tools[0].functionDeclarations[0].parametersJsonSchema"},
      {R"("toolConfig":1)", "toolConfig"},
      {R"("toolConfig":{"functionCallingConfig":{"mode":"MAYBE"}})", "toolConfig.functionCallingConfig.mode"},
      {R"("toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":"f"}})",
       "toolConfig.functionCallingConfig.allowedFunctionNames"},
      {R"("serviceTier":1)", "serviceTier"},
  };
  for (auto [option, field] : kWrong) {
    auto it = decode(with_option(option));
    EXPECT_FALSE(it->request) << option;
    EXPECT_EQ(it->error.field, field) << option;
    EXPECT_EQ(it->error.code, Code::bad_request) << option;
  }
}

TEST(GeminiDecodeRequest, NullIsTheDefaultEverywhere) {
  auto it = decode(R"({"contents":[{"role":null,"parts":[{"text":"a","thought":null,"inlineData":null}]}],
    "systemInstruction":null,"tools":null,"toolConfig":null,"generationConfig":{"temperature":null,
    "thinkingConfig":null,"responseSchema":null},"safetySettings":null,"model":null})");
  ASSERT_TRUE(it->request) << it->error.message;
  EXPECT_TRUE(it->request->extras.empty());
  EXPECT_EQ(it->request->turns[0].role, canon::Role::user);
}

TEST(GeminiDecodeRequest, NeitherModelNorStreamAreInTheBody) {
  auto it = decode(with_option(R"("model":"models/gemini-x")"));
  EXPECT_EQ(it->request->model.escaped, "gemini-x");
  EXPECT_TRUE(decode(with_contents(R"({"parts":[{"text":"a"}]})"))->request->model.empty());
}

TEST(GeminiDecodeRequest, ModesOfChoice) {
  using Kind = canon::ToolChoice::Kind;
  struct Row {
    std::string_view config;
    Kind kind;
    std::string_view name;
    size_t extras;
  };
  const Row kRows[] = {
      {R"({})", Kind::unset, "", 0},
      {R"({"mode":"MODE_UNSPECIFIED"})", Kind::unset, "", 0},
      {R"({"mode":"AUTO"})", Kind::automatic, "", 0},
      {R"({"mode":"none"})", Kind::none, "", 0},
      {R"({"mode":"ANY"})", Kind::required, "", 0},
      {R"({"mode":"ANY","allowedFunctionNames":["f"]})", Kind::named, "f", 0},
      {R"({"mode":"ANY","allowed_function_names":["f","g"]})", Kind::required, "", 1},
      {R"({"mode":"VALIDATED"})", Kind::automatic, "", 1},
      {R"({"mode":"AUTO","allowedFunctionNames":["f"]})", Kind::automatic, "", 1},
  };
  for (const Row& row : kRows) {
    auto it =
        decode(with_option("\"toolConfig\":{\"functionCallingConfig\":" + std::string(row.config) + "}"));
    ASSERT_TRUE(it->request) << it->error.message;
    EXPECT_EQ(it->request->tool_choice.kind, row.kind) << row.config;
    EXPECT_EQ(it->request->tool_choice.name.escaped, row.name) << row.config;
    EXPECT_EQ(it->request->extras.size(), row.extras) << row.config;
  }
}

TEST(GeminiDecodeRequest, Thinking) {
  using Mode = canon::ReasoningOptions::Mode;
  auto thinks = [](std::string_view config) {
    auto it = decode(with_option("\"generationConfig\":{\"thinkingConfig\":" + std::string(config) + "}"));
    return it->request->reasoning;
  };
  EXPECT_EQ(thinks(R"({"thinkingBudget":0})").mode, Mode::off);
  EXPECT_EQ(thinks(R"({"thinkingBudget":-1})").mode, Mode::adaptive);
  EXPECT_EQ(thinks(R"({"thinkingBudget":"512"})").budget_tokens, 512);
  EXPECT_EQ(thinks(R"({"thinking_level":"HIGH"})").mode, Mode::unset);
  EXPECT_EQ(thinks(R"({"thinkingBudget":5})").shown, false);
  EXPECT_EQ(thinks(R"({"includeThoughts":true})").shown, true);
}

// The ids that calls and results have in the canonical form.
std::string ids(std::string_view contents) {
  auto it = decode(with_contents(contents));
  EXPECT_TRUE(it->request) << it->error.message;
  std::string out;
  if (!it->request) return out;
  for (const auto& turn : it->request->turns)
    for (const auto& part : turn.parts) {
      if (auto* call = part.as<canon::ToolCallPart>()) out += "call " + std::string(call->id.escaped) + " ";
      if (auto* result = part.as<canon::ToolResultPart>())
        out += "result " + std::string(result->call_id.escaped) + " ";
    }
  return out;
}

TEST(GeminiDecodeRequest, ResultsFindTheirCalls) {
  const std::string calls =
      R"({"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}},)"
      R"({"functionCall":{"name":"f","id":"own"}}]})";
  auto results = [&](std::string_view parts) {
    return ids(calls + ",{\"role\":\"user\",\"parts\":[" + std::string(parts) + "]}");
  };
  auto by_name = [](std::string_view name) {
    return R"({"functionResponse":{"name":")" + std::string(name) + R"("}})";
  };
  const std::string made = "call call_0_0 call call_0_1 call own ";
  EXPECT_EQ(results(by_name("f") + "," + by_name("f") + "," + by_name("g")),
            made + "result call_0_0 result own result call_0_1 ");
  // An id wins, and what has been answered is answered.
  EXPECT_EQ(results(R"({"functionResponse":{"name":"f","id":"own"}},)" + by_name("f") + "," + by_name("f")),
            made + "result own result call_0_0 result call_1_2 ");
  // Ids that nobody gave are no hindrance; names that nobody called have no call.
  EXPECT_EQ(
      results(R"({"functionResponse":{"name":"g","id":"else"}},{"functionResponse":{"name":"h","id":"x"}})"),
      made + "result call_0_1 result x ");
}

TEST(GeminiDecodeRequest, MintedIdsStayTheSameInLaterRequests) {
  const std::string turn =
      R"({"parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},)"
      R"({"parts":[{"functionResponse":{"name":"f","response":{}}}]})";
  const std::string first = ids(turn);
  EXPECT_EQ(first, "call call_1_0 result call_1_0 ");
  EXPECT_EQ(ids(turn + "," + turn), first + "call call_4_0 result call_4_0 ");
}

TEST(GeminiDecodeRequest, ManyCallsCostNoMoreEach) {
  std::string calls, results;
  constexpr int kMany = 50000;
  for (int i = 0; i < kMany; ++i) {
    calls += std::string(i ? "," : "") + R"({"functionCall":{"name":"f"}})";
    results += std::string(i ? "," : "") + R"({"functionResponse":{"name":"f"}})";
  }
  auto it =
      decode(with_contents(R"({"role":"model","parts":[)" + calls + R"(]},{"parts":[)" + results + "]}"));
  ASSERT_TRUE(it->request);
  EXPECT_EQ(it->request->turns[1].parts.back().as<canon::ToolResultPart>()->call_id.escaped, "call_0_49999");
}

TEST(GeminiDecodeRequest, ThoughtsThatAStreamCutAreOne) {
  std::string contents;
  for (std::string_view piece : {"a", "b\\n", "c"})
    contents += R"({"role":"model","parts":[{"text":")" + std::string(piece) + R"(","thought":true}]},)";
  auto it = decode(with_contents(contents + R"({"role":"model","parts":[{"text":"x"}]})"));
  ASSERT_TRUE(it->request) << it->error.message;
  EXPECT_EQ(it->request->turns[0].parts[0].as<canon::ReasoningPart>()->text.escaped, "ab\\nc");
  EXPECT_TRUE(it->request->turns[1].parts.empty());
  EXPECT_TRUE(it->request->turns[3].parts[0].as<canon::TextPart>());
}

TEST(GeminiDecodeRequest, SchemasInTheOwnTerms) {
  auto converted = [](std::string_view schema) {
    auto it = decode(with_option(R"("tools":[{"functionDeclarations":[{"name":"f","parameters":)" +
                                 std::string(schema) + "}]}]"));
    EXPECT_TRUE(it->request) << it->error.message;
    return it->request ? std::string(it->request->tools[0].schema.json) : it->error.field;
  };
  EXPECT_EQ(
      converted(R"({"type":"OBJECT","properties":{"type":{"type":"STRING"},"nullable":{"type":"BOOLEAN"}}})"),
      R"({"type":"object","properties":{"type":{"type":"string"},"nullable":{"type":"boolean"}}})");
  EXPECT_EQ(
      converted(R"({"type":"object","any_of":[{"type":"NULL"},{"min_length":"2","format":"date-time"}]})"),
      R"({"type":"object","anyOf":[{"type":"null"},{"minLength":2,"format":"date-time"}]})");
  EXPECT_EQ(converted(R"({"type":"TYPE_UNSPECIFIED","nullable":true,"default":{"type":"STRING"}})"),
            R"({"default":{"type":"STRING"}})");
  EXPECT_EQ(converted(R"({"properties":{"c":{},"a":{},"b":true},"propertyOrdering":["b","gone","a"]})"),
            R"({"properties":{"b":true,"a":{},"c":{}}})");
  EXPECT_EQ(converted(R"({"type":"ARRAY","items":{"type":"STRING"},"max_items":"3","minItems":1})"),
            R"({"type":"array","items":{"type":"string"},"maxItems":3,"minItems":1})");
}

}  // namespace
}  // namespace hanse::google_gemini
