#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

using canon::Role;

// A request put together part by part, as a decoder of any dialect leaves it.
struct Asked {
  canon::Request request;
  canon::Losses losses;

  Asked() { request.model = {"ignored"}; }
  Asked& say(Role role, std::vector<canon::Part> parts) {
    request.turns.push_back({role, std::move(parts), {}});
    return *this;
  }
  Asked& say(Role role, std::string_view text) { return say(role, {{canon::TextPart{{text}, {}, {}}}}); }
  Asked& call(std::string_view id, std::string_view arguments = "{}") {
    return say(Role::assistant, {{canon::ToolCallPart{{id}, {"get"}, {arguments}, {}}}});
  }
  Asked& result(std::string_view id, std::string_view text) {
    canon::ToolResultPart part;
    part.call_id = {id};
    part.content.push_back({canon::TextPart{{text}, {}, {}}});
    return say(Role::user, {{part}});
  }
  Asked& tool() {
    request.tools.push_back({{"get"}, {}, {R"({"type":"object"})"}, {}, {}});
    return *this;
  }
  std::string body() {
    auto out =
        dialect().encode_request(request, {.model = "claude", .output_tokens_max_default = 4096}, losses);
    EXPECT_TRUE(out);
    json::Document document;
    EXPECT_TRUE(document.parse(*out, 64)) << *out;
    return *out;
  }
  // One member of the body, verbatim.
  std::string member(std::string_view name) {
    std::string text = body();
    json::Document document;
    return std::string((*document.parse(text, 64))[name].raw().json);
  }
  std::string lost() {
    body();
    std::string out;
    for (const auto& path : losses.paths()) out += (out.empty() ? "" : " ") + path;
    return out;
  }
};

TEST(AnthropicEncodeRequest, TheLeastRequest) {
  EXPECT_EQ(Asked().say(Role::user, "hi").body(),
            R"({"model":"claude","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})");
}

TEST(AnthropicEncodeRequest, HoistsSystemAndMergesTurns) {
  Asked it;
  it.say(Role::system, "one").say(Role::user, "a").say(Role::user, "  \\n").say(Role::system, "two");
  it.say(Role::user, "b").say(Role::assistant, "c");
  EXPECT_EQ(it.member("system"), R"([{"type":"text","text":"one"},{"type":"text","text":"two"}])");
  EXPECT_EQ(it.member("messages"),
            R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
            R"({"role":"assistant","content":"c"}])");
  EXPECT_EQ(it.lost(), "");
}

TEST(AnthropicEncodeRequest, AUserComesFirst) {
  Asked it;
  it.say(Role::assistant, "hello").say(Role::user, "hi");
  EXPECT_EQ(it.member("messages").substr(0, 32), R"([{"role":"user","content":"."},{)");
  EXPECT_EQ(it.lost(), "messages[0].role");
}

TEST(AnthropicEncodeRequest, ResultsOfOneTurnAreOneTurnInFront) {
  Asked it;
  it.say(Role::user, "q");
  it.say(Role::assistant, {{canon::ToolCallPart{{"a"}, {"get"}, {}, {}}},
                           {canon::ToolCallPart{{"b"}, {"get"}, {R"({"x":1})"}, {}}}});
  it.result("a", "1").say(Role::user, "and").result("b", "");
  EXPECT_EQ(it.member("messages"),
            R"([{"role":"user","content":"q"},{"role":"assistant","content":[)"
            R"({"type":"tool_use","id":"a","name":"get","input":{}},)"
            R"({"type":"tool_use","id":"b","name":"get","input":{"x":1}}]},{"role":"user","content":[)"
            R"({"type":"tool_result","tool_use_id":"a","content":"1"},)"
            R"({"type":"tool_result","tool_use_id":"b"},{"type":"text","text":"and"}]}])");
}

TEST(AnthropicEncodeRequest, OrphansGoAndOpenCallsAreAnswered) {
  Asked it;
  it.say(Role::user, "q").result("nobody", "1").call("a").say(Role::assistant, "then").call("b");
  it.result("b", "2").result("b", "again");
  std::string messages = it.member("messages");
  EXPECT_EQ(messages.find("nobody"), std::string::npos);
  EXPECT_EQ(messages.find("again"), std::string::npos);
  EXPECT_NE(messages.find(R"({"type":"tool_result","tool_use_id":"a","is_error":true,"content":"The tool)"),
            std::string::npos);
  EXPECT_EQ(it.lost(), "messages[1].content[0] messages[6].content[0]");

  Asked open;
  open.say(Role::user, "q").call("a");
  EXPECT_NE(
      open.member("messages").find(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a")"),
      std::string::npos);
}

TEST(AnthropicEncodeRequest, IdsBecomeLegalAlike) {
  Asked it;
  it.say(Role::user, "q").call("functions.get:0").result("functions.get:0", "1");
  std::string body = it.body();
  EXPECT_EQ(body.find("functions.get:0"), std::string::npos);
  auto id_at = [&](std::string_view key) {
    size_t at = body.find(key) + key.size();
    return body.substr(at, body.find('"', at) - at);
  };
  std::string id = id_at(R"("id":")");
  EXPECT_TRUE(id.starts_with("functions_get_0-")) << id;
  EXPECT_EQ(id, id_at(R"("tool_use_id":")"));
}

TEST(AnthropicEncodeRequest, ThinkingIsReplayedFirstAndOnlySigned) {
  Asked it;
  it.say(Role::user, "q");
  it.say(Role::assistant, {{canon::TextPart{{"said"}, {}, {}}},
                           {canon::ReasoningPart{{"hm"}, {"sig"}, {}}},
                           {canon::ReasoningPart{{"unsigned"}, {}, {}}},
                           {canon::ReasoningPart{{}, {}, {"red"}}}});
  it.say(Role::user, "r");
  EXPECT_NE(it.body().find(R"("content":[{"type":"thinking","thinking":"hm","signature":"sig"},)"
                           R"({"type":"redacted_thinking","data":"red"},{"type":"text","text":"said"}])"),
            std::string::npos);
  EXPECT_EQ(it.lost(), "messages[1].content[2]");
}

TEST(AnthropicEncodeRequest, Media) {
  using Kind = canon::MediaPart::Kind;
  auto media = [](Kind kind, std::string_view type, std::string_view data, std::string_view url) {
    canon::MediaPart part;
    part.kind = kind;
    part.media_type = {type};
    part.data = {data};
    part.url = {url};
    return canon::Part{part};
  };
  Asked it;
  it.say(Role::user,
         {media(Kind::image, "image/jpg", "AA==", ""), media(Kind::image, "", "", "https://x/y"),
          media(Kind::image, "image/tiff", "AA==", ""), media(Kind::audio, "audio/wav", "AA==", ""),
          media(Kind::document, "application/pdf", "BA==", "")});
  EXPECT_NE(
      it.body().find(R"("content":[{"type":"image","source":{"type":"base64","media_type":"image/jpeg",)"
                     R"("data":"AA=="}},{"type":"image","source":{"type":"url","url":"https://x/y"}},)"
                     R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
                     R"("data":"BA=="}}])"),
      std::string::npos);
  EXPECT_EQ(it.lost(), "messages[0].content[2] messages[0].content[3]");
}

TEST(AnthropicEncodeRequest, ToolsAndTheirChoice) {
  Asked it;
  it.say(Role::user, "q");
  it.request.tools = {{{"a"}, {"does a"}, {R"({"properties":{"x":{"type":"object"}}})"}, true, {}},
                      {{"b"}, {}, {}, {}, {R"({"type":"ephemeral"})"}}};
  it.request.tool_choice.parallel = false;
  EXPECT_EQ(
      it.member("tools"),
      R"([{"name":"a","description":"does a","input_schema":{"type":"object","properties":{"x":{"type":)"
      R"("object"}}},"strict":true},{"name":"b","input_schema":{"type":"object","properties":{}},)"
      R"("cache_control":{"type":"ephemeral"}}])");
  EXPECT_EQ(it.member("tool_choice"), R"({"type":"auto","disable_parallel_tool_use":true})");
  it.request.tool_choice = {canon::ToolChoice::Kind::named, {"a"}, {}};
  EXPECT_EQ(it.member("tool_choice"), R"({"type":"tool","name":"a"})");
  it.request.tool_choice = {canon::ToolChoice::Kind::none, {}, false};
  EXPECT_EQ(it.member("tool_choice"), R"({"type":"none"})");
  it.request.tools.clear();
  it.request.tool_choice = {canon::ToolChoice::Kind::required, {}, {}};
  EXPECT_EQ(it.member("tool_choice"), "");
  EXPECT_EQ(it.lost(), "tool_choice");
}

TEST(AnthropicEncodeRequest, EffortBecomesABudgetThatLeavesRoom) {
  Asked it;
  it.say(Role::user, "q");
  it.request.reasoning.effort = {"medium"};
  EXPECT_EQ(it.member("thinking"), R"({"type":"enabled","budget_tokens":8192})");
  EXPECT_EQ(it.member("max_tokens"), "12288");
  it.request.output_tokens_max = 2100;
  EXPECT_EQ(it.member("thinking"), R"({"type":"enabled","budget_tokens":1050})");
  EXPECT_EQ(it.member("max_tokens"), "2100");
  it.request.sampling.temperature = {"0.5"};
  it.request.sampling.top_p = {"0.97"};
  EXPECT_EQ(it.member("temperature"), "");
  EXPECT_EQ(it.member("top_p"), "0.97");
  EXPECT_EQ(it.lost(), "temperature");
  it.request.output_tokens_max = 2047;
  EXPECT_EQ(it.member("thinking"), "");
  EXPECT_EQ(it.lost(), "temperature reasoning_effort");
  it.request.reasoning.effort = {"none"};
  EXPECT_EQ(it.member("thinking"), R"({"type":"disabled"})");
}

TEST(AnthropicEncodeRequest, ABudgetOfTheClientsOwnStands) {
  auto budget = [](int64_t asked, int64_t max) {
    Asked it;
    it.say(Role::user, "q");
    it.request.reasoning.mode = canon::ReasoningOptions::Mode::budget;
    it.request.reasoning.budget_tokens = asked;
    it.request.output_tokens_max = max;
    return it.member("thinking") + " " + it.lost();
  };
  EXPECT_EQ(budget(1999, 2000), R"({"type":"enabled","budget_tokens":1999} )");
  EXPECT_EQ(budget(2000, 2000), R"({"type":"enabled","budget_tokens":1999} thinking.budget_tokens)");
  EXPECT_EQ(budget(500, 2000), R"({"type":"enabled","budget_tokens":1024} thinking.budget_tokens)");
  EXPECT_EQ(budget(2000, 1024), " thinking");
}

TEST(AnthropicEncodeRequest, AForcedCallLeavesMaxTokensAlone) {
  Asked it;
  it.say(Role::user, "q").tool();
  it.request.reasoning.effort = {"high"};
  it.request.tool_choice.kind = canon::ToolChoice::Kind::required;
  EXPECT_EQ(it.member("max_tokens"), "4096");
}

TEST(AnthropicEncodeRequest, AdaptiveThinkingKeepsItsEffort) {
  Asked it;
  it.say(Role::user, "q");
  it.request.reasoning.mode = canon::ReasoningOptions::Mode::adaptive;
  it.request.reasoning.effort = {"max"};
  EXPECT_EQ(it.member("thinking"), R"({"type":"adaptive"})");
  EXPECT_EQ(it.member("output_config"), R"({"effort":"max"})");
}

TEST(AnthropicEncodeRequest, ThinkingGivesWay) {
  auto lost = [](auto change) {
    Asked it;
    it.tool().say(Role::user, "q");
    it.request.reasoning.effort = {"low"};
    change(it);
    EXPECT_EQ(it.member("thinking"), "");
    return it.lost();
  };
  EXPECT_EQ(lost([](Asked& it) { it.request.tool_choice.kind = canon::ToolChoice::Kind::required; }),
            "reasoning_effort");
  EXPECT_EQ(lost([](Asked& it) { it.say(Role::assistant, "begun"); }), "reasoning_effort");
  EXPECT_EQ(lost([](Asked& it) { it.call("a").result("a", "1"); }), "reasoning_effort");
  EXPECT_EQ(lost([](Asked& it) { it.request.reasoning.effort = {"utmost"}; }), "reasoning_effort");
}

TEST(AnthropicEncodeRequest, SaysWhatItCannotSay) {
  Asked it;
  it.say(Role::user, "q");
  auto& s = it.request.sampling;
  s.temperature = {"1.5"}, s.seed = {"1"}, s.n = {"2"}, s.logit_bias = {"{}"}, s.presence_penalty = {"0"};
  s.frequency_penalty = {"0.1"}, s.logprobs = {"true"}, s.top_logprobs = {"2"};
  it.request.output.kind = canon::OutputFormat::Kind::json_object;
  it.request.service_tier = {"flex"};
  it.request.extras.push_back({"logit_bias2", {"1"}});
  it.request.stop = {{" "}, {"x"}};
  EXPECT_EQ(it.member("temperature"), "1");
  EXPECT_EQ(it.member("stop_sequences"), R"(["x"])");
  EXPECT_EQ(it.lost(),
            "temperature stop service_tier seed logit_bias frequency_penalty n logprobs top_logprobs "
            "response_format logit_bias2");
}

TEST(AnthropicEncodeRequest, ThinkingThatAnotherMakerSignedIsLeftOut) {
  Decoded it(
      R"({"model":"m","max_tokens":7,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[
      {"type":"thinking","thinking":"t","signature":"google-gemini:call:QQ=="},
      {"type":"redacted_thinking","data":"openai-responses:x"},
      {"type":"thinking","thinking":"own","signature":"EpID"},{"type":"text","text":"a"}]}]})");
  ASSERT_TRUE(it.request) << it.request.error().message;
  canon::Losses losses;
  auto body = dialect().encode_request(*it, {.model = "claude"}, losses);
  ASSERT_TRUE(body);
  EXPECT_NE(body->find(R"([{"type":"thinking","thinking":"own","signature":"EpID"},{"type":"text")"),
            body->npos);
  EXPECT_EQ(losses.paths(), (std::vector<std::string>{"messages[1].content[0]", "messages[1].content[1]"}));
}

TEST(AnthropicEncodeRequest, ABegunAnswerEndsWithoutWhiteSpace) {
  auto last = [](std::string_view text) {
    std::string messages = Asked().say(Role::user, "q").say(Role::assistant, text).member("messages");
    size_t at = messages.rfind(R"("content":")") + 11;
    return messages.substr(at, messages.size() - 3 - at);
  };
  EXPECT_EQ(last("a \\n "), "a");
  EXPECT_EQ(last("a\\\\n"), "a\\\\n");  // a backslash and the letter n
  EXPECT_EQ(last("a\\\\\\n"), "a\\\\");
}

TEST(AnthropicEncodeRequest, ItsOwnRequestsComeBackTheSame) {
  Decoded it(
      R"({"model":"claude","max_tokens":7,"stream":true,"system":[{"type":"text","text":"s","cache_control":{"type":)"
      R"("ephemeral"}}],"messages":[{"role":"user","content":[{"type":"document","source":{"type":"url","url":)"
      R"("https://x"},"title":"t","citations":{"enabled":true}}]},{"role":"assistant","content":"a"},)"
      R"({"role":"user","content":"\u00e9\ud800"}],"tools":[{"name":"n","input_schema":{"type":"object"}}],)"
      R"("tool_choice":{"type":"any"},"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},)"
      R"("temperature":0.70,"top_k":3,"stop_sequences":["x"],"metadata":{"user_id":"u"}})");
  ASSERT_TRUE(it.request) << it.request.error().message;
  canon::Losses losses;
  auto body = dialect().encode_request(*it, {.model = "claude"}, losses);
  EXPECT_EQ(*body, it.text);
  EXPECT_TRUE(losses.empty());
}

}  // namespace
}  // namespace hanse::anthropic_messages
