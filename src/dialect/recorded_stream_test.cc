// Every recorded stream of a real service, cut everywhere: the events must be those of the stream in one
// piece, and a watcher of the bytes that pass through must count what the decoder counts.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "dialect/frame/sse.h"
#include "dialect/recorded_streams_testing.h"

namespace hanse {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HANSE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HANSE_SANITIZED
#endif
#endif
#ifdef HANSE_SANITIZED
constexpr size_t kFedMax = size_t{2} << 20;
#else
constexpr size_t kFedMax = size_t{24} << 20;
#endif
constexpr size_t kComb = 64;

// Events as text, compared on the way with what is expected.
class Log final : public canon::EventSink {
 public:
  explicit Log(const std::string* expected = nullptr) : expected_(expected) {}

  void on(const canon::Event& event) override {
    size_t from = text_.size();
    std::visit([&](const auto& each) { take(each); }, event);
    text_ += '\n';
    if (!expected_) return;
    std::string_view wanted = *expected_;
    equal_ = equal_ && wanted.substr(at_).starts_with(std::string_view(text_).substr(from));
    at_ += text_.size();
    if (equal_) text_.clear();
  }
  void add(std::string_view line) {
    if (!expected_) return void(text_.append(line));
    equal_ = equal_ && std::string_view(*expected_).substr(at_) == line;
  }
  bool equal() const { return equal_; }
  bool failed() const { return failed_; }
  bool stopped() const { return stopped_; }
  const std::string& text() const { return text_; }
  const canon::Usage& usage() const { return usage_; }

 private:
  void put(char kind, std::initializer_list<std::string_view> pieces) {
    text_ += kind;
    for (std::string_view piece : pieces) text_.append(piece).append(1, '|');
  }
  void take(const canon::Start& e) { put('s', {e.id.escaped, e.model.escaped, std::to_string(e.created)}); }
  void take(const canon::TextDelta& e) { put('t', {e.text.escaped}); }
  void take(const canon::RefusalDelta& e) { put('r', {e.text.escaped}); }
  void take(const canon::ReasoningDelta& e) { put('h', {e.text.escaped}); }
  void take(const canon::ReasoningSignature& e) { put('g', {e.signature.escaped}); }
  void take(const canon::RedactedReasoning& e) { put('d', {e.data.escaped}); }
  void take(const canon::ToolCallStart& e) {
    put('c', {std::to_string(e.call), e.id.escaped, e.name.escaped});
  }
  void take(const canon::ToolCallDelta& e) { put('a', {std::to_string(e.call), e.fragment.escaped}); }
  void take(const canon::Usage& e) {
    usage_.update(e);
    fmt::format_to(std::back_inserter(text_), "u{} {} {} {} {} {} {}", e.uncached_in, e.cache_read,
                   e.cache_write_5m, e.cache_write_1h, e.tool_prompt_in, e.visible_out, e.reasoning_out);
  }
  void take(const canon::Stop& e) {
    stopped_ = true;
    put('e', {std::to_string(static_cast<int>(e.reason)), e.sequence.escaped, e.original.escaped});
  }
  void take(const canon::Failure& e) {
    failed_ = true;
    put('f', {facts(e.error.code).name, e.error.message});
  }

  const std::string* expected_;
  std::string text_;
  size_t at_ = 0;
  bool equal_ = true, failed_ = false, stopped_ = false;
  canon::Usage usage_;
};

// Feeds `stream` cut at first, first + step, ...
void decode(const RecordedStream& stream, size_t first, size_t step, Log& log) {
  auto decoder = stream.dialect->reply_decoder(true);
  std::string_view rest = stream.bytes;
  for (size_t piece = first; !rest.empty(); piece = step) {
    auto good = decoder->feed(rest.substr(0, piece), log);
    if (log.failed()) return log.add("failed");
    if (!good) return log.add(good.error().message);
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  auto good = decoder->finish(log);
  log.add(good ? "whole" : good.error().message);
}

constexpr size_t kRest = SIZE_MAX;

class RecordedStreams : public testing::Test {
 protected:
  // Reads them once for all tests.
  const std::vector<RecordedStream>& streams(const std::filesystem::path& folder) {
    static const std::vector<RecordedStream> all = recorded_streams(folder);
    return all;
  }
};

// How many bytes one stream may be fed with in all, in two pieces each time. HANSE_EVERY_CUT=1: as many as it
// takes (some minutes).
size_t fed_max() { return std::getenv("HANSE_EVERY_CUT") ? SIZE_MAX / 2 : kFedMax; }

struct Counts {
  size_t streams = 0, bytes = 0, pairs = 0, everywhere = 0;
};

void expect_same_at_every_cut(const RecordedStream& stream, Counts& counts) {
  Log whole;
  decode(stream, kRest, kRest, whole);
  const std::string expected = whole.text();
  const size_t size = stream.bytes.size();
  auto expect_same = [&](size_t first, size_t step) {
    Log cut(&expected);
    decode(stream, first, step, cut);
    ASSERT_TRUE(cut.equal()) << stream.name << " cut at " << first << " and each " << step
                             << " from there: " << cut.text() << "\nwhole:\n"
                             << expected;
  };
  const size_t stride = std::max<size_t>(1, (size * size + fed_max() - 1) / fed_max());
  for (size_t first = stride; first < size; first += stride, ++counts.pairs)
    ASSERT_NO_FATAL_FAILURE(expect_same(first, kRest));
  for (size_t first = 1; first <= std::min(kComb, size); ++first)
    ASSERT_NO_FATAL_FAILURE(expect_same(first, kComb));
  expect_same(1, 1);
  ++counts.streams;
  counts.bytes += size;
  counts.everywhere += stride == 1;
}

// Into two pieces at every byte while the stream is small enough for that; a long one at every k-th. And at
// every byte of all of them, with more cuts 64 bytes apart; and byte by byte.
TEST_F(RecordedStreams, GiveTheSameEventsAtEveryCut) {
  HANSE_ORACLES_OR_SKIP(folder, "recordings");
  std::map<std::string_view, Counts> counts;
  for (const RecordedStream& stream : streams(folder)) {
    ASSERT_TRUE(stream.dialect) << stream.name;
    expect_same_at_every_cut(stream, counts[stream.dialect->name()]);
  }
  for (const auto& [name, n] : counts)
    std::cout << fmt::format(
        "counted: {}: {} streams, {} bytes, each cut at every byte; {} in two pieces, {} streams "
        "so at every byte\n",
        name, n.streams, n.bytes, n.pairs, n.everywhere);
  EXPECT_GE(counts["openai-chat"].streams, 169u);
  EXPECT_GE(counts["anthropic-messages"].streams, 81u);
  EXPECT_GE(counts["openai-responses"].streams, 97u);
  EXPECT_GE(counts["google-gemini"].streams, 61u);
  EXPECT_GE(counts["bedrock-converse"].streams, 16u);
  EXPECT_GE(counts["bedrock-invoke"].streams, 3u);
}

// As the gateway does: only whole events are passed to a watcher, the cut tail is held back.
void watch(const RecordedStream& stream, size_t piece, ReplyWatcher& watcher) {
  std::string held;
  for (size_t at = 0; at < stream.bytes.size(); at += std::min(piece, stream.bytes.size() - at)) {
    held.append(stream.bytes, at, piece);
    size_t end = stream.dialect->stream_frame().whole_events(held);
    if (end == 0) continue;
    ASSERT_TRUE(watcher.feed(std::string_view(held).substr(0, end))) << stream.name;
    held.erase(0, end);
  }
  if (held.empty()) return;
  ASSERT_TRUE(watcher.feed(held)) << stream.name;
}

std::string shown(const canon::Usage& usage) {
  Log log;
  log.on(usage);
  return log.text();
}

TEST_F(RecordedStreams, AreCountedAlikeWhetherReadOrPassedThrough) {
  HANSE_ORACLES_OR_SKIP(folder, "recordings");
  for (const RecordedStream& stream : streams(folder)) {
    Log read;
    decode(stream, kRest, kRest, read);
    // What is held back is looked at again with each piece, so the smallest are for streams of usual size.
    const size_t smallest = stream.bytes.size() < 64 * 1024 ? 1 : 61;
    for (size_t piece : {kRest, smallest, size_t{1448}}) {
      auto watcher = stream.dialect->reply_watcher(true);
      watch(stream, piece, *watcher);
      EXPECT_EQ(shown(watcher->usage), shown(read.usage())) << stream.name << " in pieces of " << piece;
      EXPECT_EQ(watcher->ended && !watcher->failed, read.stopped())
          << stream.name << " in pieces of " << piece;
      EXPECT_EQ(watcher->failed, read.failed()) << stream.name << " in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace hanse
