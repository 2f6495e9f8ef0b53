// What this dialect costs: a request of 2 kB, an event of a stream each way, and one that passes through.
#include <benchmark/benchmark.h>

#include "dialect/bedrock_converse/dialect.h"
#include "dialect/frame/event_stream.h"

namespace hanse::bedrock_converse {
namespace {

constexpr int kEvents = 200;

class Nowhere : public canon::EventSink {
 public:
  void on(const canon::Event& event) override { benchmark::DoNotOptimize(&event); }
};

std::string request_2k() {
  std::string words;
  while (words.size() < 800)
    words += "All the ships that came in with the tide carry salt and \\\"wool\\\".\\n";
  return R"({"system":[{"text":"Be brief and kind."}],"inferenceConfig":{"maxTokens":1024,"temperature":0.7},)"
         R"("messages":[{"role":"user","content":[{"text":")" +
         words +
         R"("}]},{"role":"assistant","content":[{"text":"Let me look."},{"toolUse":{"toolUseId":"tooluse_01",)" +
         R"("name":"look","input":{"at":"harbour","deep":true}}}]},{"role":"user","content":[{"toolResult":)" +
         R"({"toolUseId":"tooluse_01","content":[{"text":"three ships"}]}},{"text":")" +
         words.substr(0, 400) +
         R"("}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"look","description":"looks","inputSchema":{"json":)" +
         R"({"type":"object","properties":{"at":{"type":"string"},"deep":{"type":"boolean"}},"required":["at"]}}}}]}})";
}

void add_event(std::string& out, std::string_view name, std::string_view payload) {
  std::string headers;
  event_stream::append_header(headers, ":event-type", name);
  event_stream::append_header(headers, ":content-type", "application/json");
  event_stream::append_header(headers, ":message-type", "event");
  event_stream::Frame frame(out, headers);
  out += payload;
  frame.end();
}

// Events of about 220 bytes.
std::string stream() {
  std::string out;
  add_event(out, "messageStart", R"({"role":"assistant"})");
  const std::string delta =
      R"({"contentBlockIndex":0,"delta":{"text":")" + std::string(80, 'a') + R"("},"p":"abcdefgh"})";
  for (int i = 0; i < kEvents; ++i) add_event(out, "contentBlockDelta", delta);
  add_event(out, "contentBlockStop", R"({"contentBlockIndex":0})");
  add_event(out, "messageStop", R"({"stopReason":"end_turn"})");
  add_event(out, "metadata", R"({"usage":{"inputTokens":10,"outputTokens":20,"totalTokens":30}})");
  return out;
}

void per_event(benchmark::State& state) {
  state.counters["event"] = benchmark::Counter(static_cast<double>(state.iterations()) * kEvents,
                                               benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BedrockRequest(benchmark::State& state) {
  std::string text = request_2k();
  json::Document document;
  for (auto _ : state) {
    auto root = document.parse(text, 64);
    auto request = dialect().decode_request(*root);
    canon::Losses losses;
    auto body =
        dialect().encode_request(**request, {.model = "anthropic.claude-sonnet-4-5-20250929-v1:0"}, losses);
    benchmark::DoNotOptimize(body);
  }
  state.counters["bytes"] = static_cast<double>(text.size());
}
BENCHMARK(BedrockRequest);

void BedrockRequestDecode(benchmark::State& state) {
  std::string text = request_2k();
  json::Document document;
  auto root = document.parse(text, 64);
  for (auto _ : state) benchmark::DoNotOptimize(dialect().decode_request(*root));
}
BENCHMARK(BedrockRequestDecode);

void BedrockEventDecode(benchmark::State& state) {
  std::string text = stream();
  Nowhere sink;
  for (auto _ : state) {
    auto decoder = dialect().reply_decoder(true);
    benchmark::DoNotOptimize(decoder->feed(text, sink));
  }
  per_event(state);
}
BENCHMARK(BedrockEventDecode);

void BedrockEventEncode(benchmark::State& state) {
  std::string text(90, 'a');
  auto encoder = dialect().reply_encoder({.stream = true, .request_id = "r"});
  encoder->on(canon::Start{{"x"}, {"m"}, 0});
  for (auto _ : state) {
    for (int i = 0; i < kEvents; ++i) encoder->on(canon::TextDelta{{text}});
    encoder->out.clear();
  }
  per_event(state);
}
BENCHMARK(BedrockEventEncode);

void BedrockWatch(benchmark::State& state) {
  std::string text = stream();
  for (auto _ : state) {
    auto watcher = dialect().reply_watcher(true);
    benchmark::DoNotOptimize(watcher->feed(text));
  }
  per_event(state);
}
BENCHMARK(BedrockWatch);

}  // namespace
}  // namespace hanse::bedrock_converse
