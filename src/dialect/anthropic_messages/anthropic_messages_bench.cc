// What this dialect costs: a request of 2 kB, an event of a stream each way, and one that passes through.
#include <benchmark/benchmark.h>

#include "dialect/anthropic_messages/dialect.h"

namespace hanse::anthropic_messages {
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
  return R"({"model":"claude","max_tokens":1024,"stream":true,"temperature":0.7,"system":"Be brief and kind.",)"
         R"("messages":[{"role":"user","content":")" +
         words +
         R"("},{"role":"assistant","content":[{"type":"text","text":"Let me look."},{"type":"tool_use",)" +
         R"("id":"toolu_01","name":"look","input":{"at":"harbour","deep":true}}]},{"role":"user","content":[)" +
         R"({"type":"tool_result","tool_use_id":"toolu_01","content":"three ships"},{"type":"text","text":")" +
         words.substr(0, 400) +
         R"("}]}],"tools":[{"name":"look","description":"looks","input_schema":{"type":)" +
         R"("object","properties":{"at":{"type":"string"},"deep":{"type":"boolean"}},"required":["at"]}}]})";
}

// Events of about 220 bytes.
std::string stream() {
  std::string out =
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\","
      "\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n"
      "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
      "{\"type\":\"text\",\"text\":\"\"}}\n\n";
  for (int i = 0; i < kEvents; ++i)
    out +=
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
        "{\"type\":\"text_delta\",\"text\":\"" +
        std::string(90, 'a') + "\"}}\n\n";
  return out +
         "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
         "\"usage\":{\"output_tokens\":20}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

void per_event(benchmark::State& state) {
  state.counters["event"] = benchmark::Counter(static_cast<double>(state.iterations()) * kEvents,
                                               benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void AnthropicRequest(benchmark::State& state) {
  std::string text = request_2k();
  json::Document document;
  for (auto _ : state) {
    auto root = document.parse(text, 64);
    auto request = dialect().decode_request(*root);
    canon::Losses losses;
    auto body = dialect().encode_request(**request, {.model = "claude"}, losses);
    benchmark::DoNotOptimize(body);
  }
  state.counters["bytes"] = static_cast<double>(text.size());
}
BENCHMARK(AnthropicRequest);

void AnthropicRequestDecode(benchmark::State& state) {
  std::string text = request_2k();
  json::Document document;
  auto root = document.parse(text, 64);
  for (auto _ : state) benchmark::DoNotOptimize(dialect().decode_request(*root));
}
BENCHMARK(AnthropicRequestDecode);

void AnthropicEventDecode(benchmark::State& state) {
  std::string text = stream();
  Nowhere sink;
  for (auto _ : state) {
    auto decoder = dialect().reply_decoder(true);
    benchmark::DoNotOptimize(decoder->feed(text, sink));
  }
  per_event(state);
}
BENCHMARK(AnthropicEventDecode);

void AnthropicEventEncode(benchmark::State& state) {
  std::string text(90, 'a');
  auto encoder = dialect().reply_encoder({.stream = true, .request_id = "r"});
  encoder->on(canon::Start{{"x"}, {"m"}, 0});
  for (auto _ : state) {
    for (int i = 0; i < kEvents; ++i) encoder->on(canon::TextDelta{{text}});
    encoder->out.clear();
  }
  per_event(state);
}
BENCHMARK(AnthropicEventEncode);

void AnthropicWatch(benchmark::State& state) {
  std::string text = stream();
  for (auto _ : state) {
    auto watcher = dialect().reply_watcher(true);
    benchmark::DoNotOptimize(watcher->feed(text));
  }
  per_event(state);
}
BENCHMARK(AnthropicWatch);

}  // namespace
}  // namespace hanse::anthropic_messages
