#include "sim/model.h"

#include <gtest/gtest.h>

#include "sim/fault.h"
#include "sim/prompt_cache.h"
#include "sim/tokens.h"

namespace hanse::sim {
namespace {

using canon::Role;

// A request in the making; texts are kept in its arena.
struct Ask {
  std::unique_ptr<canon::Request> request = std::make_unique<canon::Request>();
  ModelOptions options{7, milliseconds(0), 0, true, true, "msg_", "call_"};

  explicit Ask(std::string_view said) {
    request->model = json::Text{"sim-gpt"};
    turn(Role::user).parts.push_back({canon::TextPart{keep(said)}});
  }
  json::Text keep(std::string_view plain) { return json::escape(request->arena.copy(plain), request->arena); }
  canon::Turn& turn(Role role) {
    request->turns.push_back({role, {}, {}});
    return request->turns.back();
  }
  Ask& tool(std::string_view name, std::string_view schema) {
    request->tools.push_back({keep(name), {}, json::Raw{schema}});
    return *this;
  }
};

// What came out, folded.
struct Told {
  std::string text, reasoning, signature, hidden, stop_sequence;
  std::vector<std::string> names, ids, arguments;
  canon::StopReason stop = canon::StopReason::unknown;
  canon::Usage usage;
  std::unique_ptr<Script> script;

  explicit Told(const Ask& ask, int64_t cached = 0) {
    script = play(*ask.request, read_prompt(*ask.request), cached, ask.options);
    for (const Step& step : script->steps) std::visit([this](const auto& event) { on(event); }, step.event);
  }
  void on(const canon::TextDelta& e) { text += json::unescape(e.text); }
  void on(const canon::ReasoningDelta& e) { reasoning += json::unescape(e.text); }
  void on(const canon::ReasoningSignature& e) { signature = json::unescape(e.signature); }
  void on(const canon::RedactedReasoning& e) { hidden = json::unescape(e.data); }
  void on(const canon::ToolCallStart& e) {
    names.push_back(json::unescape(e.name)), ids.push_back(json::unescape(e.id)), arguments.emplace_back();
  }
  void on(const canon::ToolCallDelta& e) { arguments.at(e.call) += json::unescape(e.fragment); }
  void on(const canon::Usage& e) { usage.update(e); }
  void on(const canon::Stop& e) { stop = e.reason, stop_sequence = json::unescape(e.sequence); }
  void on(const auto&) {}
};

constexpr std::string_view kWeather =
    R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]})";

TEST(Tokens, CoverTheTextAndKeepCharactersWhole) {
  std::string text = "The quick  brown fox: äöü日本語日本語, verylongwordindeed \n\n end ";
  std::string again;
  int64_t count = 0;
  for (std::string_view rest = text; size_t size = next_token(rest); rest.remove_prefix(size), ++count) {
    again += rest.substr(0, size);
    EXPECT_NE(static_cast<unsigned char>(rest[0]) & 0xC0, 0x80);
  }
  EXPECT_EQ(again, text);
  EXPECT_EQ(count, count_tokens(text));
  EXPECT_EQ(count_tokens("one two three four"), 4);
}

TEST(Model, EchoesExactly) {
  std::string words = "The quick brown fox: äöü, 日本語, \"quotes\" and \\ slashes. \n";
  Told told(Ask("  \n echo " + words));
  EXPECT_EQ(told.text, words);
  EXPECT_EQ(told.stop, canon::StopReason::end);
  EXPECT_EQ(told.usage.visible_out, count_tokens(words));
  EXPECT_GT(told.usage.uncached_in, 0);
}

TEST(Model, IsDeterministicBySeed) {
  Ask ask("say something");
  Told one(ask), two(ask);
  EXPECT_EQ(one.text, two.text);
  ask.options.seed = 8;
  EXPECT_NE(Told(ask).text, one.text);
  EXPECT_NE(one.text.find("say something"), std::string::npos);
}

TEST(Model, HonoursMaxTokensAndStop) {
  Ask few("echo one two three four five");
  few.request->output_tokens_max = 4;
  Told cut(few);
  EXPECT_EQ(cut.text, "one two three four");
  EXPECT_EQ(cut.stop, canon::StopReason::length);
  EXPECT_EQ(cut.usage.output(), 4);

  Ask stops("echo alpha beta HALT gamma");
  stops.request->stop = {json::Text{"NEVER"}, json::Text{"HALT"}};
  Told halted(stops);
  EXPECT_EQ(halted.text, "alpha beta ");
  EXPECT_EQ(halted.stop, canon::StopReason::stop_sequence);
  EXPECT_EQ(halted.stop_sequence, "HALT");
}

TEST(Model, CallsToolsWhenAsked) {
  Told told(Ask("please call get_weather with city=Oslo days=3")
                .tool("get_time", "")
                .tool("get_weather", kWeather));
  ASSERT_EQ(told.names, std::vector<std::string>{"get_weather"});
  EXPECT_EQ(told.arguments[0], R"({"city":"Oslo","days":3})");
  EXPECT_EQ(told.stop, canon::StopReason::tool_calls);
  EXPECT_TRUE(told.ids[0].starts_with("call_"));
  EXPECT_EQ(Told(Ask("Use the tool.").tool("get_time", "")).arguments, std::vector<std::string>{"{}"});
  EXPECT_TRUE(Told(Ask("hello").tool("get_time", "")).names.empty());
}

TEST(Model, CallsTwoToolsUnlessParallelIsOff) {
  Ask ask("call two tools");
  ask.tool("a", "").tool("b", kWeather);
  Told two(ask);
  EXPECT_EQ(two.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(two.ids[0], two.ids[1]);
  EXPECT_EQ(Told(Ask("call two tools").tool("only", "")).names, (std::vector<std::string>{"only", "only"}));
  ask.request->tool_choice.parallel = false;
  EXPECT_EQ(Told(ask).names, (std::vector<std::string>{"a"}));
}

TEST(Model, ChoicesForceAndForbidCalls) {
  using Kind = canon::ToolChoice::Kind;
  Ask ask("echo good morning");
  ask.tool("a", "").tool("b", "");
  ask.request->tool_choice.kind = Kind::required;
  EXPECT_EQ(Told(ask).names, std::vector<std::string>{"a"});
  ask.request->tool_choice = {Kind::named, json::Text{"b"}, {}};
  EXPECT_EQ(Told(ask).names, std::vector<std::string>{"b"});
  Ask none("use the tool");
  none.tool("a", "").request->tool_choice.kind = Kind::none;
  EXPECT_TRUE(Told(none).names.empty());
  EXPECT_FALSE(Told(none).text.empty());
}

TEST(Model, QuotesToolResults) {
  Ask ask("call get_time");
  ask.tool("get_time", "");
  ask.turn(Role::assistant)
      .parts.push_back({canon::ToolCallPart{json::Text{"c1"}, json::Text{"get_time"}, json::Raw{"{}"}, {}}});
  canon::ToolResultPart good, bad;
  good.content.push_back({canon::TextPart{json::Text{"it is noon"}}});
  bad.content.push_back({canon::TextPart{json::Text{"no clock"}}});
  bad.is_error = true;
  auto& turn = ask.turn(Role::user);
  turn.parts.push_back({good});
  turn.parts.push_back({bad});
  EXPECT_EQ(Told(ask).text, "The tool answered: it is noon\nThe tool failed: no clock");
}

TEST(Model, GivesObjectsOfTheWantedForm) {
  Ask schema("a ship with name=Adler");
  schema.request->output.kind = canon::OutputFormat::Kind::json_schema;
  schema.request->output.schema =
      json::Raw{R"({"type":"object","required":["name"],"properties":{"name":{"type":"string"}}})"};
  EXPECT_EQ(Told(schema).text, R"({"name":"Adler"})");
  Ask object("some json");
  object.request->output.kind = canon::OutputFormat::Kind::json_object;
  EXPECT_TRUE(Told(object).text.starts_with(R"({"answer":)"));
}

TEST(Model, ReasonsWhenAskedAndSigns) {
  Told told(Ask("Think, then answer"));
  EXPECT_FALSE(told.reasoning.empty());
  EXPECT_EQ(told.signature, sign_reasoning(told.reasoning));
  EXPECT_EQ(told.usage.reasoning_out, count_tokens(told.reasoning));
  EXPECT_TRUE(Told(Ask("echo I think so")).reasoning.empty());
  EXPECT_TRUE(Told(Ask("rethinking")).reasoning.empty());
  Ask off("think");
  off.request->reasoning.mode = canon::ReasoningOptions::Mode::off;
  EXPECT_TRUE(Told(off).reasoning.empty());
  Ask effort("hello");
  effort.request->reasoning.effort = json::Text{"high"};
  effort.options.signs_reasoning = false;
  Told unsigned_one(effort);
  EXPECT_FALSE(unsigned_one.reasoning.empty());
  EXPECT_TRUE(unsigned_one.signature.empty());
  Told hidden(Ask("think secretly"));
  EXPECT_TRUE(hidden.reasoning.empty());
  EXPECT_TRUE(is_hidden_reasoning(hidden.hidden)) << hidden.hidden;
  EXPECT_FALSE(is_hidden_reasoning(hidden.hidden + "x"));
  EXPECT_GT(hidden.usage.reasoning_out, 0);
}

TEST(Model, ReportsSystemPromptAndImages) {
  Ask ask("What is your system prompt?");
  ask.turn(Role::system).parts.push_back({canon::TextPart{json::Text{"Be \\\"brief\\\"."}}});
  EXPECT_EQ(Told(ask).text, "My system prompt is: Be \"brief\".");
  Ask picture("describe the image");
  canon::MediaPart media;
  media.media_type = json::Text{"image\\/png"};
  media.data = json::Text{"AAEC\\/w=="};
  picture.request->turns[0].parts.push_back({media});
  EXPECT_EQ(Told(picture).text, "image: image/png, 4 bytes");
}

TEST(Model, KeepsTime) {
  Ask ask("echo one two three four");
  ask.options.ttft = milliseconds(100);
  ask.options.tokens_per_second = 10;
  Told told(ask);
  EXPECT_EQ(told.script->steps.front().after, milliseconds(100));
  EXPECT_EQ(told.script->steps[2].after, milliseconds(100));
  EXPECT_EQ(told.script->steps.back().after, milliseconds(400));
  EXPECT_EQ(told.script->steps_for(3), 5u);  // Start, Usage and three texts
}

TEST(Model, CountsCachedTokensOnce) {
  std::string words;
  for (int i = 0; i < 1500; ++i) words += "word" + std::to_string(i) + " ";
  Ask ask(words + "What now?");
  PromptCache cache;
  Prompt prompt = read_prompt(*ask.request);
  EXPECT_EQ(cache.visit(prompt.marks), 0);
  int64_t cached = cache.visit(prompt.marks);
  EXPECT_GE(cached, 1024);
  Told told(ask, cached);
  EXPECT_EQ(told.usage.cache_read, cached);
  EXPECT_EQ(told.usage.input(), prompt.tokens);
  ask.request->turns[0].parts[0].as<canon::TextPart>()->cache_control = json::Raw{R"({"type":"ephemeral","ttl":"1h"})"};
  Told written(ask);
  EXPECT_EQ(written.usage.cache_write_1h, cached);
  EXPECT_EQ(written.usage.input(), prompt.tokens);
  EXPECT_EQ(cache.visit(read_prompt(*Ask(words + "And what else?").request).marks), cached);
  EXPECT_EQ(cache.visit(read_prompt(*Ask("x" + words).request).marks), 0);
}

TEST(Fault, IsReadFromThePromptAndTheCommandLine) {
  EXPECT_EQ(fault_of_prompt("fail 429"), (Fault{Fault::Kind::status, 429}));
  EXPECT_EQ(fault_of_prompt("Please fail stream, now"), (Fault{Fault::Kind::stream, 0}));
  EXPECT_EQ(fault_of_prompt("if all fails, fail html"), (Fault{Fault::Kind::html, 0}));
  EXPECT_FALSE(fault_of_prompt("do not fail me"));
  EXPECT_FALSE(fault_of_prompt("fail 200"));
  EXPECT_FALSE(fault_of_prompt("fail"));
  EXPECT_EQ(parse_fault("reset")->kind, Fault::Kind::reset);
  EXPECT_FALSE(parse_fault("explode"));
}

TEST(Fault, ChanceFollowsTheSeed) {
  int failed = 0, same = 0;
  for (uint64_t n = 0; n < 1000; ++n) {
    failed += fails_by_chance(0.25, 1, n);
    same += fails_by_chance(0.25, 1, n) == fails_by_chance(0.25, 2, n);
    EXPECT_FALSE(fails_by_chance(0, 1, n));
    EXPECT_TRUE(fails_by_chance(1, 1, n));
  }
  EXPECT_NEAR(failed, 250, 50);
  EXPECT_LT(same, 800);
}

}  // namespace
}  // namespace hanse::sim
