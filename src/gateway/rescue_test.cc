#include "gateway/rescue.h"

#include <gtest/gtest.h>

#include "dialect/dialect.h"

namespace hanse::gateway {
namespace {

using canon::Event;
using canon::Usage;

struct Seen final : canon::EventSink {
  std::string text;
  Usage usage;
  int starts = 0, stops = 0, thoughts = 0, failures = 0;
  void on(const Event& event) override {
    if (auto* delta = std::get_if<canon::TextDelta>(&event)) text += delta->text.escaped;
    if (auto* count = std::get_if<Usage>(&event)) usage = *count;
    starts += std::holds_alternative<canon::Start>(event);
    stops += std::holds_alternative<canon::Stop>(event);
    thoughts += std::holds_alternative<canon::ReasoningDelta>(event);
    failures += std::holds_alternative<canon::Failure>(event);
  }
};

TEST(Told, OnlyTextCanBeCarriedOn) {
  Told told(1000);
  told.on(canon::Start{});
  EXPECT_TRUE(told.can_go_on()) << "nothing was said";
  told.on(canon::TextDelta{{"one "}});
  told.on(canon::TextDelta{{"t\\u0077o"}});
  EXPECT_EQ(told.text(), "one t\\u0077o");
  EXPECT_TRUE(told.can_go_on());
  told.on(canon::ToolCallStart{0, {"c1"}, {"get"}});
  EXPECT_FALSE(told.can_go_on());
}

TEST(Told, WhatWasThoughtMustHaveEnded) {
  Told told(1000);
  told.on(canon::ReasoningDelta{{"hm"}});
  EXPECT_FALSE(told.can_go_on());
  told.on(canon::TextDelta{{"so"}});
  EXPECT_TRUE(told.can_go_on());
  told.on(canon::ReasoningDelta{{"hm again"}});
  EXPECT_FALSE(told.can_go_on());
}

TEST(Told, NoMoreIsKeptThanAllowed) {
  const Dialect* chat = find_dialect("openai-chat");
  Told told(10);
  told.add("12345", *chat);
  EXPECT_EQ(told.bytes(), "12345");
  told.add("123456", *chat);
  EXPECT_FALSE(told.can_go_on());
  EXPECT_EQ(told.bytes(), "");
  Told text(10);
  text.on(canon::TextDelta{{"12345678901"}});
  EXPECT_FALSE(text.can_go_on());
}

TEST(Told, CountsThePiecesThatSaidSomething) {
  Told told(100);
  for (std::string_view piece : {"", "1", ".", " One"}) told.on(canon::TextDelta{{piece}});
  EXPECT_EQ(told.pieces(), 3);
  EXPECT_EQ(told.text(), "1. One");
}

TEST(Splice, OneAnswerOfTwo) {
  Rescue rescue;
  rescue.told = "The quick \"brown\" fox";
  rescue.before.uncached_in = 10;
  rescue.before.visible_out = 4;
  rescue.before.estimated = true;
  rescue.asked = route::Seam::Asked::again;
  Seen seen;
  Splice splice(rescue, seen);
  splice.on(canon::Start{});
  splice.on(canon::ReasoningDelta{{"thinking"}});
  splice.on(canon::TextDelta{{"The quick \\\"bro"}});
  EXPECT_EQ(seen.text, "");
  splice.on(canon::TextDelta{{"wn\\\" fox\\njumps"}});
  Usage usage;
  usage.uncached_in = 10, usage.visible_out = 6;
  splice.on(usage);
  splice.on(canon::Stop{});
  EXPECT_EQ(seen.text, "\\njumps");
  EXPECT_EQ(seen.starts, 0);
  EXPECT_EQ(seen.thoughts, 0);
  EXPECT_EQ(seen.stops, 1);
  EXPECT_EQ(seen.usage.input(), 20);
  EXPECT_EQ(seen.usage.output(), 10);
  EXPECT_TRUE(seen.usage.estimated);
}

TEST(Splice, OtherWordsAreAFailureAndNothingOfThemIsShown) {
  Rescue rescue;
  rescue.told = "The quick brown fox";
  Seen seen;
  Splice splice(rescue, seen);
  splice.on(canon::TextDelta{{"The quick red"}});
  splice.on(canon::TextDelta{{" fox"}});
  splice.on(canon::Stop{});
  EXPECT_EQ(seen.text, "");
  EXPECT_EQ(seen.failures, 1);
  EXPECT_EQ(seen.stops, 0);
}

TEST(RescueTurns, AreTakenOffAgain) {
  canon::Request request;
  canon::Turn user;
  user.parts.push_back({canon::TextPart{{"Tell"}, {}, {}}});
  request.turns.push_back(std::move(user));
  request.output_tokens_max = 100;
  Rescue rescue;
  rescue.turn = "Once";
  rescue.wish = "Go on";
  rescue.before.visible_out = 30;
  rescue.asked = route::Seam::Asked::by_word;
  {
    Rescue::Turns turns(request, &rescue);
    ASSERT_EQ(request.turns.size(), 3u);
    EXPECT_EQ(request.turns[1].role, canon::Role::assistant);
    EXPECT_EQ(request.turns[2].role, canon::Role::user);
    EXPECT_EQ(request.output_tokens_max, 70);
  }
  EXPECT_EQ(request.turns.size(), 1u);
  EXPECT_EQ(request.output_tokens_max, 100);
  rescue.asked = route::Seam::Asked::to_go_on;
  {
    Rescue::Turns turns(request, &rescue);
    EXPECT_EQ(request.turns.size(), 2u);
  }
  rescue.asked = route::Seam::Asked::again;
  Rescue::Turns turns(request, &rescue);
  EXPECT_EQ(request.turns.size(), 1u);
}

}  // namespace
}  // namespace hanse::gateway
