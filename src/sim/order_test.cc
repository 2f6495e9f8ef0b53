#include "sim/order.h"

#include <gtest/gtest.h>

#include "sim/model.h"

namespace hanse::sim {
namespace {

using canon::Role;

constexpr std::string_view kRun =
    R"({"type":"object","properties":{"command":{"type":"string"},"cwd":{"type":"string"}},"required":["command"]})";

// A conversation that grows by what the model says and what its tools answer.
struct Talk {
  canon::Request request;

  Talk() { request.tools.push_back({json::Text{"run"}, {}, json::Raw{kRun}}); }
  json::Text keep(std::string_view plain) { return json::escape(request.arena.copy(plain), request.arena); }
  canon::Turn& turn(Role role) {
    request.turns.push_back({role, {}, {}});
    return request.turns.back();
  }
  void user(std::string_view text) { turn(Role::user).parts.push_back({canon::TextPart{keep(text)}}); }

  struct Told {
    std::string text, arguments;
    canon::StopReason stop = canon::StopReason::unknown;
  };
  Told ask() {
    Told told;
    ModelOptions options;
    auto script = play(request, read_prompt(request), 0, options);
    for (const Step& step : script->steps) {
      if (auto* words = std::get_if<canon::TextDelta>(&step.event)) told.text += json::unescape(words->text);
      if (auto* part = std::get_if<canon::ToolCallDelta>(&step.event))
        told.arguments += json::unescape(part->fragment);
      if (auto* stop = std::get_if<canon::Stop>(&step.event)) told.stop = stop->reason;
    }
    return told;
  }
  void called_and_answered(std::string_view answer) {
    turn(Role::assistant).parts.push_back({canon::ToolCallPart{keep("call_1"), json::Text{"run"}, {}}});
    canon::ToolResultPart result;
    result.call_id = keep("call_1");
    result.content.push_back({canon::TextPart{keep(answer)}});
    turn(Role::user).parts.push_back({result});
  }
};

TEST(Order, IsWorkedOffCallByCall) {
  Talk talk;
  talk.user(
      "<note>call run</note>\nNow one call at a time: run command=\"echo a; date\"; run command=ls "
      "cwd=/tmp\nThanks.");
  EXPECT_EQ(talk.ask().arguments, R"({"command":"echo a; date"})");
  talk.called_and_answered("a");
  auto second = talk.ask();
  EXPECT_EQ(second.arguments, R"({"command":"ls","cwd":"/tmp"})");
  EXPECT_EQ(second.stop, canon::StopReason::tool_calls);
  talk.called_and_answered("b");
  talk.user("<note>a client's own words behind a result</note>");
  auto last = talk.ask();
  EXPECT_EQ(last.text, "The tool answered: a\nThe tool answered: b");
  EXPECT_EQ(last.stop, canon::StopReason::end);
  talk.turn(Role::assistant).parts.push_back({canon::TextPart{talk.keep(last.text)}});
  talk.user("echo free again");
  EXPECT_EQ(talk.ask().text, "free again");
}

TEST(Order, NamesAToolThatIsNotThere) {
  Talk talk;
  talk.user("one call at a time: walk to=Rome");
  EXPECT_EQ(talk.ask().text, "There is no tool walk.");
}

TEST(Order, GivesWayToTheToolChoice) {
  Talk talk;
  talk.user("one call at a time: run command=ls");
  talk.request.tool_choice.kind = canon::ToolChoice::Kind::none;
  EXPECT_EQ(talk.ask().stop, canon::StopReason::end);
}

TEST(Order, NeedsTheWholePhraseAndAStep) {
  for (std::string_view text : {"one call at a time: ; ;", "one call at a time", "one call at a timer: run",
                                "one call at a time run"}) {
    Talk talk;
    talk.user(text);
    EXPECT_TRUE(read_order(talk.request).calls.empty()) << text;
  }
}

}  // namespace
}  // namespace hanse::sim
