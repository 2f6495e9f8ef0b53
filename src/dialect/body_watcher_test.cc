#include "dialect/body_watcher.h"

#include <gtest/gtest.h>

namespace hanse {
namespace {

class Watcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    if (root["usage"].is_object()) read_usage(root["usage"]);
    return root["answer"].present();
  }
  std::string_view usage_key() const override { return "usage"; }
  void read_usage(json::Value wire) override { usage.visible_out = wire["out"].integer().value_or(-1); }
};

TEST(BodyWatcher, EveryCutPointSeesTheSame) {
  const std::string body = R"({"answer":"a}\"{","usage":{"out":7}} )";
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    Watcher watcher;
    ASSERT_TRUE(watcher.feed(std::string_view(body).substr(0, cut)));
    ASSERT_TRUE(watcher.feed(std::string_view(body).substr(cut)));
    EXPECT_TRUE(watcher.ended) << cut;
    EXPECT_EQ(watcher.usage.visible_out, 7) << cut;
  }
}

TEST(BodyWatcher, WhatIsCutOrOfAnotherKindHasNotEnded) {
  for (const char* body : {"", "{", R"({"answer":1)", R"({"hello":"world"})", "[]", "\"text\"", "<html>",
                           R"({"answer":1}{"answer":2})", R"({"answer":1} x)"}) {
    Watcher watcher;
    for (const char* c = body; *c; ++c) ASSERT_TRUE(watcher.feed({c, 1}));
    EXPECT_FALSE(watcher.ended) << body;
  }
}

TEST(BodyWatcher, OfAHugeBodyTheUsageAtItsEndIsRead) {
  const std::string piece(1 << 20, 'x');
  Watcher watcher;
  ASSERT_TRUE(watcher.feed(R"({"answer":")"));
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(watcher.feed(piece));
  EXPECT_FALSE(watcher.ended);
  ASSERT_TRUE(watcher.feed(R"(","usage":{"out":9}})"));
  EXPECT_TRUE(watcher.ended);
  EXPECT_EQ(watcher.usage.visible_out, 9);
}

}  // namespace
}  // namespace hanse
