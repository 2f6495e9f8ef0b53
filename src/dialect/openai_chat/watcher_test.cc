#include "dialect/openai_chat/test_support.h"

namespace hanse::openai_chat {
namespace {

struct Seen {
  canon::Usage usage;
  bool content, ended, failed, good;
};

Seen watch(bool stream, std::initializer_list<std::string> feeds) {
  auto watcher = dialect().reply_watcher(stream);
  bool good = true;
  for (const auto& each : feeds) good = good && watcher->feed(each).has_value();
  return {watcher->usage, watcher->content_seen, watcher->ended, watcher->failed, good};
}

std::string usage_chunk(int prompt) {
  return R"(data: {"id":"x","choices":[],"usage":{"prompt_tokens":)" + std::to_string(prompt) +
         R"(,"completion_tokens":5}})"
         "\n\n";
}

TEST(OpenAiWatcher, SeesContentUsageAndEnd) {
  Seen role = watch(true, {delta(R"("role":"assistant","content":"","refusal":null,"tool_calls":[])")});
  EXPECT_TRUE(role.good && !role.content && !role.ended && !role.failed);
  EXPECT_TRUE(watch(true, {delta(R"("content":"a")")}).content);
  EXPECT_TRUE(watch(true, {delta(R"("content": "a")")}).content);
  EXPECT_TRUE(watch(true, {delta(R"("reasoning_content":"a")")}).content);
  EXPECT_TRUE(watch(true, {delta(R"("tool_calls":[{"index":0}])")}).content);
  Seen all = watch(true, {delta(R"("content":"a")") + finish("stop"), usage_chunk(3),
                          usage_chunk(9) + std::string(kDone)});
  EXPECT_TRUE(all.good && all.ended && !all.failed);
  EXPECT_EQ(all.usage.uncached_in, 9);
  EXPECT_EQ(all.usage.visible_out, 5);
  EXPECT_TRUE(watch(true, {finish("stop")}).ended);
  EXPECT_TRUE(watch(true, {chunk(R"("delta": {}, "finish_reason": "stop")")}).ended);
  EXPECT_TRUE(watch(true, {delta(R"("content":"a")"), std::string(kDone)}).ended);
  EXPECT_FALSE(watch(true, {std::string(kDone)}).ended);
  EXPECT_FALSE(watch(true, {delta(R"("content":"a")")}).ended);
}

TEST(OpenAiWatcher, ACutEventIsNone) {
  std::string text = delta(R"("content":"a")"), last = finish("stop");
  for (size_t size = 1; size + 2 < last.size(); ++size)  // without its blank line, which JSON doesn't need
    EXPECT_FALSE(watch(true, {text, last.substr(0, size)}).ended) << last.substr(0, size);
  EXPECT_FALSE(watch(true, {chunk(R"("index":1,"delta":{},"finish_reason":"stop")")}).ended);
}

TEST(OpenAiWatcher, TextIsNotMistakenForMarks) {
  std::string text =
      delta(R"("content":"\"usage\":{\"prompt_tokens\":7},\"finish_reason\":\"stop\",\"error\":{} [DONE]")");
  Seen seen = watch(true, {text, text, delta(R"("content":"data: [DONE]\n\n")"), text});
  EXPECT_TRUE(seen.good && seen.content && !seen.ended && !seen.failed);
  EXPECT_FALSE(seen.usage.known());
}

TEST(OpenAiWatcher, LinesLikeThoseBeforeMayStillMatter) {
  std::string a = delta(R"("content":"a")");
  EXPECT_TRUE(
      watch(true,
            {a, a, chunk(R"("delta":{"content":"b"},"finish_reason":null)", R"(,"error":{"message":"x"})")})
          .failed);
  EXPECT_FALSE(watch(true, {a, a, delta(R"("content":"b","error":"x")")}).failed);  // not at the top
  EXPECT_TRUE(watch(true, {a, a, chunk(R"("delta":{"content":"a"},"finish_reason":"stop")")}).ended);
  EXPECT_EQ(watch(true, {a, a,
                         chunk(R"("delta":{"content":"a"},"finish_reason":null)",
                               R"(,"usage":{"prompt_tokens":4,"completion_tokens":1})")})
                .usage.uncached_in,
            4);
}

TEST(OpenAiWatcher, Failures) {
  EXPECT_TRUE(watch(true, {"data: {\"error\":{\"message\":\"x\"}}\n\n"}).failed);
  EXPECT_TRUE(
      watch(true, {"data: {\"id\":\"1\",\"choices\":[], \"error\": {\"message\":\"x\"}}\n\n"}).failed);
  EXPECT_TRUE(watch(true, {"error: {\"code\":500}\n\n"}).failed);
  EXPECT_TRUE(watch(true, {"data: <html>down</html>\n\n"}).failed);
  EXPECT_TRUE(watch(true, {delta(R"("content":"a")") + "data: <html>down</html>\n\n"}).failed);
  EXPECT_TRUE(watch(true, {"data: [1]\n\n"}).failed);
  EXPECT_TRUE(watch(true, {"data: {\"object\":\"error\",\"message\":\"x\"}\n\n"}).failed);
  EXPECT_FALSE(watch(true, {"data:\n\ndata: \n\n" + delta(R"("content":"a")")}).failed);
  EXPECT_FALSE(watch(true, {"data: {\"error\":\"\",\"choices\":[]}\n\n"}).failed);
  EXPECT_FALSE(watch(true, {"data: {\"error\":null,\"choices\":[]}\n\n"}).failed);
  EXPECT_FALSE(watch(true, {finish("error")}).failed);
  EXPECT_FALSE(watch(true, {"<html>oops</html>"}).good);
  EXPECT_FALSE(watch(true, {"{\"error\":{}}"}).good);
  EXPECT_TRUE(watch(true, {": ping\n\n", "event: x\ndata: {}\n\n", "\n"}).good);
}

TEST(OpenAiWatcher, OtherLineEnds) {
  EXPECT_TRUE(watch(true, {"data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\r\rdata: {}\r\r"}).ended);
  EXPECT_TRUE(watch(true, {"\xEF\xBB\xBF" + delta(R"("content":"a")") + "\r\ndata: [DONE]\r\n\r\n"}).ended);
}

TEST(OpenAiWatcher, BodiesInAnyPieces) {
  std::string body = R"({"choices":[{"message":{"content":"}{\"]"}}],"usage":{"prompt_tokens":2,)"
                     R"("completion_tokens":3}})"
                     "\n";
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    Seen seen = watch(false, {body.substr(0, cut), body.substr(cut)});
    EXPECT_TRUE(seen.ended) << cut;
    EXPECT_EQ(seen.usage.visible_out, 3) << cut;
    if (cut + 1 >= body.size()) continue;
    EXPECT_FALSE(watch(false, {body.substr(0, cut)}).ended) << cut;
  }
  EXPECT_FALSE(watch(false, {"[]"}).ended);
  EXPECT_FALSE(watch(false, {"<html>"}).ended);
  EXPECT_FALSE(watch(false, {"{\"a\":}"}).ended);
  EXPECT_FALSE(watch(false, {body, "more"}).ended);
  EXPECT_FALSE(watch(false, {body}).failed);
}

// Passed on when there is nobody else to ask; never taken for an answer.
TEST(OpenAiWatcher, BodiesOfAnotherKind) {
  for (auto other : {R"({"hello":"world"})", R"({"object":"list","data":[]})", R"({"choices":[]})", "{}",
                     R"({"choices":{}})", R"({"object":"error","message":"x"})", R"({"error":"x"})"})
    EXPECT_TRUE(watch(false, {other}).failed) << other;
  for (auto other : {"[]", "\"text\"", "5", "null", "[{}]"})
    EXPECT_FALSE(watch(false, {other}).ended) << other;
}

TEST(OpenAiWatcher, HugeBodiesAreNotKept) {
  auto watcher = dialect().reply_watcher(false);
  ASSERT_TRUE(watcher->feed(R"({"choices":[{"message":{"content":")"));
  std::string piece(1024 * 1024, 'x');
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(watcher->feed(piece));
  EXPECT_FALSE(watcher->ended);
  ASSERT_TRUE(watcher->feed(R"("}}],"usage":{"prompt_tokens":2,"completion_tokens":3}})"));
  EXPECT_TRUE(watcher->ended);
  EXPECT_EQ(watcher->usage.uncached_in, 2);
}

}  // namespace
}  // namespace hanse::openai_chat
