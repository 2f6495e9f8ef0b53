// What a target can't say or take is named by its path in the client's own request, in every direction.
#include <gtest/gtest.h>

#include "dialect/dialect.h"

namespace hanse {
namespace {

struct Told {
  std::vector<std::string> losses;
  Error error;
  std::string body;
};

Told translate(std::string_view from, std::string_view to, std::string body) {
  Told out;
  json::Document document;
  auto root = document.parse(body, 64);
  EXPECT_TRUE(root) << root.error().message;
  auto request = find_dialect(from)->decode_request(*root);
  EXPECT_TRUE(request) << request.error().message;
  canon::Losses losses;
  auto encoded = find_dialect(to)->encode_request(**request, {.model = "served"}, losses);
  if (encoded)
    out.body = *encoded;
  else
    out.error = encoded.error();
  out.losses = losses.paths();
  return out;
}
Told from_chat(std::string_view members) {
  return translate("openai-chat", "anthropic-messages", R"({"model":"m",)" + std::string(members) + "}");
}
Told from_anthropic(std::string_view members) {
  return translate("anthropic-messages", "openai-chat",
                   R"({"model":"m","max_tokens":9,)" + std::string(members) + "}");
}
using Paths = std::vector<std::string>;

TEST(Places, OfAnAnthropicClient) {
  // The system prompt is no message, and what was left out before a block still counts.
  auto told =
      from_anthropic(R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{}}],
    "messages":[{"role":"user","content":[{"type":"container_upload","file_id":"f"},
        {"type":"text","text":"q","cache_control":{"type":"ephemeral"}}]},
      {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
        {"type":"text","text":"a","citations":[{}]},
        {"type":"tool_use","id":"1","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"text","text":"x"},{"type":"tool_result","tool_use_id":"1","content":
        [{"type":"text","text":"r"},{"type":"document","source":{"type":"url","url":"https://d.example"}}]},
        {"type":"tool_result","tool_use_id":"nobody","content":"r"}]}],
    "tools":[{"type":"web_search_20250305","name":"web_search"},
      {"name":"f","input_schema":{},"cache_control":{"type":"ephemeral"}}])");
  EXPECT_EQ(told.losses, (Paths{"system[1].cache_control", "messages[0].content[1].cache_control",
                                "messages[1].content[0]", "messages[1].content[1].citations",
                                "messages[2].content[2]", "messages[2].content[1].content[1]",
                                "tools[1].cache_control", "tools[0]", "messages[0].content[0]"}));
  EXPECT_EQ(
      from_anthropic(R"("messages":[{"role":"system","content":[{"type":"text","text":"a","cache_control":
      {"type":"ephemeral"}}]},{"role":"user","content":"q"}])")
          .losses,
      (Paths{"messages[0].content[0].cache_control"}));
}

TEST(Places, OfAChatClient) {
  auto told = from_chat(R"("messages":[{"role":"system","content":"s","name":"n"},{"role":"user","content":
      [{"type":"text","text":""},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}},
       {"type":"image_url","image_url":{"url":"https://i.example","detail":"low"}}]},
      {"role":"assistant","content":"a","reasoning_content":"t"},
      {"role":"assistant","content":"a","thinking_blocks":[{"type":"redacted_thinking","data":"r"},
        {"type":"thinking","thinking":"t"}],"tool_calls":[{"id":"1","type":"function","function":{"name":"f"}}]},
      {"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"x"},
        {"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]},
      {"role":"tool","tool_call_id":"nobody","content":"x"},{"role":"user","content":"q"}])");
  EXPECT_EQ(told.losses, (Paths{"messages[0].name", "messages[1].content[1]",
                                "messages[1].content[2].image_url.detail", "messages[2].reasoning_content",
                                "messages[3].thinking_blocks[1]", "messages[5]", "messages[4].content[1]"}));
  EXPECT_EQ(
      from_chat(R"("messages":[{"role":"system","content":"s"},{"role":"assistant","content":"a"}])").losses,
      (Paths{"messages[1].role"}));
}

TEST(Places, OfNamesThatTheTargetRefuses) {
  const std::string user = R"("messages":[{"role":"user","content":"q"}],)", name(65, 'n'), longer(129, 'n');
  auto chat = [&](std::string_view called) {
    return from_chat(user + R"("tools":[{"type":"custom"},{"type":"function","function":{"name":")" +
                     std::string(called) + R"("}}])");
  };
  auto anthropic = [&](std::string_view called) {
    return from_anthropic(user + R"("tools":[{"type":"web_search_1","name":"w"},{"name":")" +
                          std::string(called) + R"(","input_schema":{}}])");
  };
  EXPECT_NE(chat(name).body, "");
  EXPECT_EQ(chat(longer).error.field, "tools[1].function.name");
  EXPECT_EQ(chat("a.b").error.field, "tools[1].function.name");
  EXPECT_EQ(chat("a\\u002eb").error.field, "tools[1].function.name");
  EXPECT_NE(chat("a\\u002db").body, "");
  EXPECT_EQ(anthropic(name).error.field, "tools[1].name");
  EXPECT_EQ(anthropic(name).error.code, Code::unsupported);
  EXPECT_EQ(anthropic(name).error.http_status(), 400);
  EXPECT_NE(anthropic(name.substr(1)).body, "");
  auto history = from_chat(R"("messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":
      [{"id":"1","type":"function","function":{"name":"a b"}}]},{"role":"tool","tool_call_id":"1","content":"x"}])");
  EXPECT_EQ(history.error.field, "messages[1].tool_calls[0].function.name");
}

TEST(Places, StrictIsNotMadeUp) {
  const std::string user = R"("messages":[{"role":"user","content":"q"}],)";
  for (auto schema : {R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})",
                      R"("tools":[{"name":"f","input_schema":{"type":"object"}}])"})
    EXPECT_EQ(from_anthropic(user + schema).body.find("strict"), std::string::npos);
  EXPECT_EQ(from_chat(user + R"("tools":[{"type":"function","function":{"name":"f"}}])").body.find("strict"),
            std::string::npos);
  auto said = from_chat(user + R"("tools":[{"type":"function","function":{"name":"f","strict":false}}])");
  EXPECT_NE(said.body.find(R"("strict":false)"), std::string::npos);
}

}  // namespace
}  // namespace hanse
