// Answers that pass through untouched.
#include "dialect/google_gemini/test_support.h"

namespace hanse::google_gemini {
namespace {

struct Seen {
  bool good = true, ended = false, failed = false, content = false;
  int64_t in = -1, out = -1;
};

Seen watch(std::initializer_list<std::string_view> pieces, bool stream = true) {
  auto watcher = dialect().reply_watcher(stream);
  Seen seen;
  for (std::string_view piece : pieces) seen.good = seen.good && watcher->feed(piece).has_value();
  seen.ended = watcher->ended;
  seen.failed = watcher->failed;
  seen.content = watcher->content_seen;
  seen.in = watcher->usage.uncached_in;
  seen.out = watcher->usage.visible_out;
  return seen;
}

TEST(GeminiWatcher, AStreamEndsWithAReason) {
  const std::string first = event(chunk(R"({"text": "a"})")),
                    last = event(chunk(R"({"text": ""})", "STOP", 5, 9));
  Seen cut = watch({first});
  EXPECT_TRUE(cut.content && !cut.ended && !cut.failed);
  EXPECT_EQ(cut.out, 1);
  for (Seen whole : {watch({first, last}), watch({first + last})}) {
    EXPECT_TRUE(whole.good && whole.ended && !whole.failed);
    EXPECT_EQ(whole.in, 5);
    EXPECT_EQ(whole.out, 9);
  }
}

TEST(GeminiWatcher, WhatAModelWritesIsNoMark) {
  // In a text every quote has a backslash; in arguments it has none.
  Seen text = watch({event(chunk(R"({"text": "\"finishReason\": \"STOP\", \"error\": {\"code\": 1}"})"))});
  EXPECT_TRUE(text.good && !text.ended && !text.failed);
  Seen args = watch(
      {event(chunk(R"({"functionCall": {"name": "f","args": {"finishReason": "STOP","error": {"code": 1},)"
                   R"("usageMetadata": {"promptTokenCount": 77}}}})"))});
  EXPECT_TRUE(args.good && !args.ended && !args.failed && args.content);
  EXPECT_EQ(args.in, 5);
}

TEST(GeminiWatcher, AnOtherCandidatesEndIsNone) {
  EXPECT_FALSE(watch({event(R"({"candidates":[{"index":1,"finishReason":"STOP"}]})")}).ended);
  EXPECT_FALSE(watch({event(R"({"candidates":[{"finishReason":"FINISH_REASON_UNSPECIFIED"}]})")}).ended);
  EXPECT_FALSE(watch({event(R"({"candidates":[{"finishReason":null}]})")}).ended);
}

TEST(GeminiWatcher, ErrorsAndRefusedPrompts) {
  Seen failed = watch({event(chunk(R"({"text": "a"})")), event(R"({"error": {"code": 503}})")});
  EXPECT_TRUE(failed.failed && !failed.ended);
  Seen blocked = watch(
      {event(R"({"promptFeedback": {"blockReason": "SAFETY"},"usageMetadata": {"promptTokenCount": 4}})")});
  EXPECT_TRUE(blocked.ended && !blocked.failed && !blocked.content);
  EXPECT_EQ(blocked.in, 4);
  EXPECT_FALSE(watch({"<html>nothing"}).good);
}

TEST(GeminiWatcher, ArraysInAnyPieces) {
  const std::string array =
      "[" + chunk(R"({"text": "]}"})") + ",\r\n" + chunk(R"({"text": ""})", "STOP", 5, 9) + "\n]\n";
  for (bool stream : {true, false})
    for (size_t cut = 0; cut <= array.size(); ++cut) {
      std::string_view bytes = array;
      Seen seen = watch({bytes.substr(0, cut), bytes.substr(cut)}, stream);
      ASSERT_TRUE(seen.good && seen.ended && !seen.failed && seen.content) << cut;
      ASSERT_EQ(seen.out, 9) << cut;
    }
  EXPECT_TRUE(watch({"[{\"error\":{\"code\":429}}]"}, false).failed);
  EXPECT_FALSE(watch({"[1,2]"}, false).good);
}

TEST(GeminiWatcher, WholeAnswers) {
  const std::string body = chunk(R"({"text": "a"})", "STOP", 5, 9);
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    std::string_view bytes = body;
    Seen seen = watch({bytes.substr(0, cut), bytes.substr(cut)}, false);
    ASSERT_TRUE(seen.good && seen.ended && !seen.failed) << cut;
    ASSERT_EQ(seen.out, 9) << cut;
  }
  EXPECT_TRUE(watch({R"({"error":{"code":503}})"}, false).failed);
  EXPECT_TRUE(watch({R"({"hello":1})"}, false).failed);
  EXPECT_TRUE(watch({R"({"candidates":[]})"}, false).failed);
  EXPECT_FALSE(watch({R"({"promptFeedback":{"blockReason":"OTHER"}})"}, false).failed);
  EXPECT_FALSE(watch({R"({"candidates":[)"}, false).ended);
}

}  // namespace
}  // namespace hanse::google_gemini
