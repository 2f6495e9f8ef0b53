// Requests for providers, beside the golden cases.
#include "base/json_testing.h"
#include "dialect/google_gemini/schema.h"
#include "dialect/google_gemini/test_support.h"

namespace hanse::google_gemini {
namespace {

struct Schema {
  std::string text;
  std::vector<std::string> losses;
};

Schema written(std::string_view schema) {
  canon::Losses losses;
  std::string out;
  write_schema(json::Raw{schema}, "s", out, losses);
  return {out, losses.paths()};
}

using Paths = std::vector<std::string>;

TEST(GeminiEncodeRequest, SchemasThatAreHeededGoVerbatim) {
  for (
      std::string_view schema :
      {R"({ "type" : "object", "properties" : { "z" : {"type":["string","null"]} , "a" : {"$ref":"#/$defs/x"} },
           "$defs":{"x":{"anyOf":[{"type":"integer","minimum":0},{"oneOf":[{"enum":[1,2.50]}]}]}},
           "additionalProperties":{"prefixItems":[{"pattern":"^a$"}]},"required":["z"] })",
       R"({"properties":{"const":{"type":"string"},"not":{"type":"string"}}})", "true", "{}", "[1]",
       "{broken"}) {
    Schema it = written(schema);
    EXPECT_EQ(it.text, schema);
    EXPECT_TRUE(it.losses.empty()) << schema;
  }
}

TEST(GeminiEncodeRequest, SchemasAreSaidWithWhatIsHeeded) {
  auto expect = [](std::string_view schema, std::string_view text, const Paths& losses = {}) {
    Schema it = written(schema);
    EXPECT_EQ(it.text, text);
    EXPECT_EQ(it.losses, losses) << schema;
  };
  expect(R"({"const":{"a":1},"description":"d"})", R"({"enum":[{"a":1}],"description":"d"})");
  expect(R"({"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10})",
         R"({"type":"integer","minimum":1,"maximum":9})");
  expect(R"({"type":"integer","exclusiveMinimum":0.5})", R"({"type":"integer","minimum":0.5})");
  expect(R"({"type":"number","exclusiveMinimum":0})", R"({"type":"number","minimum":0})",
         {"s.exclusiveMinimum"});
  // What can't be said beside what is there stays, and is told.
  expect(R"({"minimum":0,"exclusiveMinimum":true})", R"({"minimum":0,"exclusiveMinimum":true})",
         {"s.exclusiveMinimum"});
  expect(R"({"enum":[1],"const":1})", R"({"enum":[1],"const":1})", {"s.const"});
  expect(R"({"anyOf":[{},{"items":{"not":{}}}],"allOf":[{}]})",
         R"({"anyOf":[{},{"items":{"not":{}}}],"allOf":[{}]})", {"s.anyOf[1].items.not", "s.allOf"});
  expect(R"({"properties":{"if":{"if":true}},"x-order":1})",
         R"({"properties":{"if":{"if":true}},"x-order":1})", {"s.properties.if.if"});
}

TEST(GeminiEncodeRequest, ItsOwnRequestsComeBackTheSame) {
  const std::string body =
      R"({"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"q"},)"
      R"({"inlineData":{"mimeType":"image/png","data":"QUJD"}},)"
      R"({"fileData":{"mimeType":"video/mp4","fileUri":"gs://b/v"}}]},)"
      R"({"role":"model","parts":[{"text":"t","thought":true},{"text":"a","thoughtSignature":"QQ=="},)"
      R"({"functionCall":{"id":"1","name":"f.g:h","args":{"z":1.50,"a":"\u00e9"}},"thoughtSignature":"EpID"},)"
      R"({"functionCall":{"id":"2","name":"f.g:h","args":{}}}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"id":"1","name":"f.g:h","response":{"output":"x"}}},)"
      R"({"functionResponse":{"id":"2","name":"f.g:h","response":{"error":"no"}}},{"text":"go"}]},)"
      R"({"role":"model","parts":[{"text":"b"},{"text":"","thoughtSignature":"QUI="}]}],)"
      R"("tools":[{"functionDeclarations":[{"name":"f.g:h","description":"d",)"
      R"("parametersJsonSchema":{"type":"object"}}]}],)"
      R"("toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f.g:h"]}},)"
      R"("generationConfig":{"temperature":0.70,"topK":3,"seed":-5,"maxOutputTokens":9,"stopSequences":["x"],)"
      R"("responseMimeType":"application/json","responseJsonSchema":{"type":"object"},)"
      R"("thinkingConfig":{"thinkingBudget":512,"includeThoughts":true}},"serviceTier":"flex"})";
  auto it = decode(body);
  ASSERT_TRUE(it->request) << it->error.message;
  Encoded again = encode(*it->request);
  // A text and the signature behind it are one part.
  EXPECT_EQ(again.body, [&] {
    std::string merged = body;
    const std::string apart = R"({"text":"b"},{"text":"","thoughtSignature":"QUI="})";
    return merged.replace(merged.find(apart), apart.size(), R"({"text":"b","thoughtSignature":"QUI="})");
  }());
  EXPECT_EQ(again.losses, Paths{});
}

// Whatever is between the results of a request and their texts.
TEST(GeminiEncodeRequest, ResultsAreObjects) {
  auto result = [](std::string_view response) {
    auto it = decode(
        with_contents(R"({"parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},
      {"parts":[{"functionResponse":{"name":"f","response":)" +
                      std::string(response) + "}}]}"));
    std::string body = encode(*it->request).body;
    const std::string mark = R"("response":)";
    size_t at = body.find(mark) + mark.size();
    return body.substr(at, body.find("}}]}", at) - at);
  };
  EXPECT_EQ(result(R"({"output":"x \"y\""})"), R"({"output":"x \"y\""})");
  EXPECT_EQ(result(R"({"result":"x"})"), R"({"output":"x"})");
  EXPECT_EQ(result(R"({"error":"x"})"), R"({"error":"x"})");
  EXPECT_EQ(result(R"({"a":{"b":[1,2.50,"\u00e9"]}})"), R"({"a":{"b":[1,2.50,"\u00e9"]}})");
  EXPECT_EQ(result(R"({"output":"{broken"})"), R"({"output":"{broken"})");
  EXPECT_EQ(result(R"({"output":["a"]})"), R"({"output":["a"]})");
  EXPECT_EQ(result(R"({})"), R"({"output":""})");
}

}  // namespace
}  // namespace hanse::google_gemini
