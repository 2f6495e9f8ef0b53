#include <gtest/gtest.h>

#include "dialect/anthropic_messages/test_support.h"

namespace hanse::anthropic_messages {
namespace {

TEST(AnthropicReplyWatcher, SeesUsageContentAndTheEnd) {
  auto watcher = dialect().reply_watcher(true);
  size_t delta = kStream.find("event: content_block_delta"), stop = kStream.find("event: message_stop");
  ASSERT_TRUE(watcher->feed(kStream.substr(0, delta)));
  EXPECT_FALSE(watcher->content_seen);
  EXPECT_EQ(watcher->usage.uncached_in, 10);
  ASSERT_TRUE(watcher->feed(kStream.substr(delta, stop - delta)));
  EXPECT_TRUE(watcher->content_seen);
  EXPECT_FALSE(watcher->ended);
  ASSERT_TRUE(watcher->feed(kStream.substr(stop)));
  EXPECT_TRUE(watcher->ended);
  EXPECT_FALSE(watcher->failed);
  EXPECT_EQ(watcher->usage.visible_out, 16);
}

TEST(AnthropicReplyWatcher, OtherSpellings) {
  std::string crlf = "\xEF\xBB\xBF: hello\r\n\r\n";
  for (char c : kStream) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  auto watcher = dialect().reply_watcher(true);
  ASSERT_TRUE(watcher->feed(crlf));
  EXPECT_TRUE(watcher->ended && watcher->content_seen);
  EXPECT_EQ(watcher->usage.reasoning_out, 4);
  EXPECT_FALSE(dialect().reply_watcher(true)->feed("<html>no</html>\n\n"));
  watcher = dialect().reply_watcher(true);
  ASSERT_TRUE(watcher->feed("event: error\ndata: {}\n\n"));
  EXPECT_TRUE(watcher->failed);
  EXPECT_FALSE(watcher->ended);
}

TEST(AnthropicReplyWatcher, WhatIsNoStreamOfMessagesHasNotEnded) {
  struct Seen {
    bool good, ended, content;
  };
  auto watch = [](const std::string& bytes) {
    auto watcher = dialect().reply_watcher(true);
    bool good = watcher->feed(bytes).has_value();
    return Seen{good, watcher->ended && !watcher->failed, watcher->content_seen};
  };
  auto named = [](std::string_view name, std::string_view data) {
    return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
  };
  const std::string begin = streamed({}), end = "data: " + kReason + "\n\ndata: " + kStop + "\n\n";
  EXPECT_TRUE(watch(begin + end).ended);
  EXPECT_FALSE(watch(end).ended);
  EXPECT_FALSE(watch(begin + "data: " + kStop + "\n\n").ended);
  EXPECT_FALSE(watch(begin + "data: " + kReason + "\n\n").ended);
  EXPECT_FALSE(watch(named("message_stop", kStop)).ended);
  EXPECT_FALSE(watch(begin + named("content_block_delta", "<html>") + end).good);
  EXPECT_FALSE(watch(begin + named("content_block_start", "[]") + end).good);
  EXPECT_FALSE(watch(begin + named("novel", "5") + end).good);
  EXPECT_FALSE(watch(begin + "data: down\n\n" + end).good);
  EXPECT_FALSE(watch(begin + "data: {\"error\":{\"message\":\"x\"}}\n\n" + end).ended);
  EXPECT_TRUE(watch(begin + "data: " + delta(R"("type":"text_delta","text":"a")") + "\n\n").content);
  for (size_t size = 1; size < kStop.size(); ++size)
    EXPECT_FALSE(
        watch(begin + named("message_delta", kReason) + "event: message_stop\ndata: " + kStop.substr(0, size))
            .ended)
        << size;
}

// Passed on when there is nobody else to ask; never taken for an answer.
TEST(AnthropicReplyWatcher, BodiesOfAnotherKind) {
  auto watch = [](std::string_view body) {
    auto watcher = dialect().reply_watcher(false);
    EXPECT_TRUE(watcher->feed(body));
    return watcher->ended && !watcher->failed;
  };
  EXPECT_TRUE(watch(R"({"type":"message","content":[]})"));
  for (auto other : {R"({"hello":"world"})", R"({"object":"list"})", R"({"type":"list","content":[]})", "{}",
                     R"({"type":"error","error":{}})", R"({"error":{"message":"x"},"content":[]})", "[]", "5",
                     "null", "\"text\""})
    EXPECT_FALSE(watch(other)) << other;
}

TEST(AnthropicReplyWatcher, WholeBodiesInPieces) {
  std::string_view body = R"({"type":"message","content":[{"text":"a}\"}"}],"usage":{"input_tokens":5}} )";
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    auto watcher = dialect().reply_watcher(false);
    ASSERT_TRUE(watcher->feed(body.substr(0, cut)));
    EXPECT_EQ(watcher->ended, cut >= body.size() - 1) << cut;
    ASSERT_TRUE(watcher->feed(body.substr(cut)));
    EXPECT_TRUE(watcher->ended) << cut;
    EXPECT_EQ(watcher->usage.uncached_in, 5);
  }
  auto watcher = dialect().reply_watcher(false);
  ASSERT_TRUE(watcher->feed("<html></html>"));
  EXPECT_FALSE(watcher->ended);
}

}  // namespace
}  // namespace hanse::anthropic_messages
