// Streams as frames: what is broken, cut or too large is a clear failure, and whoever watches them as they
// pass sees what whoever reads them sees.
#include "dialect/bedrock_converse/dialect.h"
#include "dialect/bedrock_converse/wire.h"
#include "dialect/frame/event_stream_testing.h"

namespace hanse::bedrock_converse {
namespace {

using event_stream::framed_event;

struct Seen final : canon::EventSink {
  std::string text;
  bool stopped = false;
  std::optional<Error> failure;
  canon::Usage usage;

  void on(const canon::Event& event) override {
    if (auto* delta = std::get_if<canon::TextDelta>(&event)) text += delta->text.escaped;
    if (auto* count = std::get_if<canon::Usage>(&event)) usage.update(*count);
    if (auto* failed = std::get_if<canon::Failure>(&event)) failure = failed->error;
    stopped = stopped || std::holds_alternative<canon::Stop>(event);
  }
};

const std::string kStart = framed_event("messageStart", R"({"role":"assistant"})");
const std::string kText =
    framed_event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hello"}})");
const std::string kStop = framed_event("messageStop", R"({"stopReason":"end_turn"})");
const std::string kMetadata = framed_event(
    "metadata", R"({"usage":{"inputTokens":7,"outputTokens":2,"totalTokens":9},"metrics":{"latencyMs":1}})");

Result<void> read(std::string_view bytes, Seen& seen) {
  auto decoder = dialect().reply_decoder(true);
  TRY_VOID(decoder->feed(bytes, seen));
  if (seen.failure) return {};
  return decoder->finish(seen);
}

TEST(BedrockStream, IsWholeWithAndWithoutItsMetadata) {
  for (const std::string& end : {kMetadata, std::string()}) {
    Seen seen;
    ASSERT_TRUE(read(kStart + kText + kStop + end, seen));
    EXPECT_EQ(seen.text, "Hello");
    EXPECT_TRUE(seen.stopped);
    EXPECT_EQ(seen.usage.uncached_in, end.empty() ? -1 : 7);
  }
}

TEST(BedrockStream, NoBitIsBelievedThatItsSumDenies) {
  const std::string good = kStart + kText + kStop + kMetadata;
  for (size_t at = 0; at < kStart.size() + kText.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    Seen seen;
    auto result = read(bad, seen);
    ASSERT_FALSE(result) << "byte " << at;
    EXPECT_EQ(result.error().code, Code::malformed_reply);
    EXPECT_FALSE(seen.stopped) << "byte " << at;
    auto watcher = dialect().reply_watcher(true);
    EXPECT_FALSE(watcher->feed(bad) && watcher->ended) << "byte " << at;
  }
}

TEST(BedrockStream, CutAnywhereIsNoAnswer) {
  const std::string good = kStart + kText + kStop;
  for (size_t size = 0; size < good.size(); ++size) {
    Seen seen;
    auto result = read(std::string_view(good).substr(0, size), seen);
    ASSERT_FALSE(result) << size;
    EXPECT_FALSE(seen.stopped);
    auto watcher = dialect().reply_watcher(true);
    EXPECT_FALSE(watcher->feed(std::string_view(good).substr(0, size)) && watcher->ended) << size;
  }
}

TEST(BedrockStream, AFrameOverTheLimitIsSaidToBeSo) {
  std::string headers, frame;
  event_stream::append_header(headers, ":event-type", "contentBlockDelta");
  event_stream::Frame big(frame, headers);
  frame.append(size_t{25} << 20, 'a');
  big.end();
  Seen seen;
  auto result = read(frame, seen);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::malformed_reply);
  auto watcher = dialect().reply_watcher(true);
  EXPECT_FALSE(watcher->feed(frame));
}

TEST(BedrockStream, ExceptionsAreFailuresOfTheirKind) {
  const std::pair<std::string_view, Code> rows[] = {{"throttlingException", Code::rate_limited},
                                                    {"validationException", Code::bad_request},
                                                    {"internalServerException", Code::provider_failed},
                                                    {"modelStreamErrorException", Code::provider_failed},
                                                    {"serviceUnavailableException", Code::overloaded},
                                                    {"newestException", Code::provider_failed}};
  for (const auto& [name, code] : rows) {
    const std::string wire =
        kStart + kText + framed_event("exception " + std::string(name), R"({"message":"why"})");
    Seen seen;
    ASSERT_TRUE(read(wire, seen)) << name;
    ASSERT_TRUE(seen.failure) << name;
    EXPECT_EQ(seen.failure->code, code) << name;
    EXPECT_EQ(seen.failure->message, "why");
    EXPECT_FALSE(seen.stopped);
    auto watcher = dialect().reply_watcher(true);
    ASSERT_TRUE(watcher->feed(wire));
    EXPECT_TRUE(watcher->failed && !watcher->ended) << name;
  }
}

TEST(BedrockStream, AnErrorThatIsNoExceptionIsOneToo) {
  std::string headers, wire = kStart;
  event_stream::append_header(headers, ":error-code", "InternalFailure");
  event_stream::append_header(headers, ":error-message", "it broke");
  event_stream::append_header(headers, ":message-type", "error");
  event_stream::Frame(wire, headers).end();
  Seen seen;
  ASSERT_TRUE(read(wire, seen));
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->message, "it broke");
  EXPECT_EQ(seen.failure->provider_type, "InternalFailure");
}

TEST(BedrockStream, WhatIsUnknownIsSteppedOverAndCounted) {
  const std::string wire =
      kStart + framed_event("heartbeat", "{}") + kText + framed_event("x", "no JSON") + kStop + kMetadata;
  Seen seen;
  auto decoder = dialect().reply_decoder(true);
  ASSERT_TRUE(decoder->feed(wire, seen) && decoder->finish(seen));
  EXPECT_EQ(decoder->unknown_events, 2u);
  EXPECT_EQ(seen.text, "Hello");
  auto watcher = dialect().reply_watcher(true);
  ASSERT_TRUE(watcher->feed(wire));
  EXPECT_EQ(watcher->unknown_events, 2u);
  EXPECT_TRUE(watcher->ended);
  EXPECT_EQ(watcher->usage.visible_out, 2);
}

TEST(BedrockStream, WhatIsWrittenIsReadAgain) {
  auto encoder = dialect().reply_encoder({.stream = true, .request_id = "r"});
  encoder->elapsed_ms = 12;
  encoder->on(canon::Start{{"x"}, {"m"}, 0});
  encoder->on(canon::TextDelta{{"Hel"}});
  encoder->on(canon::TextDelta{{"lo"}});
  encoder->on(canon::Stop{});
  Seen seen;
  ASSERT_TRUE(read(encoder->out, seen));
  EXPECT_EQ(seen.text, "Hello");
  auto events = event_stream::events_of(encoder->out);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().first, "metadata");
  EXPECT_NE(events.back().second.find(R"("latencyMs":12)"), std::string::npos) << events.back().second;
}

}  // namespace
}  // namespace hanse::bedrock_converse
