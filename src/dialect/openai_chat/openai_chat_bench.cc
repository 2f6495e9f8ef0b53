// Chat Completions, each way: a request of 2 kB, and events of about 220 bytes.
#include <benchmark/benchmark.h>

#include "dialect/openai_chat/dialect.h"

namespace hanse::openai_chat {
namespace {

constexpr int kEvents = 200;

std::string request_2k() {
  std::string body = R"({"model":"gpt-5-mini","messages":[{"role":"system","content":"You are helpful."})";
  for (int i = 0; i < 4; ++i) {
    body += R"(,{"role":"user","content":")" + std::string(180, 'a') + "\\n" +
            R"("},{"role":"assistant","content":")";
    body += std::string(150, 'b') + R"("})";
  }
  body += R"(,{"role":"user","content":"go"}],"temperature":0.7,"max_tokens":512,"stream":true,"tools":[)";
  body +=
      R"({"type":"function","function":{"name":"get_weather","description":"Weather at a place","parameters":)";
  body += R"({"type":"object","properties":{"city":{"type":"string"},"unit":{"type":"string"}}}}}]})";
  return body;
}

std::string chunk(std::string_view inside) {
  std::string out =
      R"(data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion.chunk",)";
  out += R"("created":1741570283,"model":"gpt-5-mini-2025-08-07","service_tier":"default",)";
  out += R"("system_fingerprint":"fp_0123456789","choices":[)";
  return out.append(inside) + "]}\n\n";
}

std::string stream() {
  std::string out = chunk(R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})");
  for (int i = 0; i < kEvents; ++i)
    out +=
        chunk(R"({"index":0,"delta":{"content":" token)" + std::to_string(i) + R"("},"finish_reason":null})");
  out += chunk(R"({"index":0,"delta":{},"finish_reason":"stop"})");
  return out + "data: [DONE]\n\n";
}

struct Ignore final : canon::EventSink {
  void on(const canon::Event& event) override { benchmark::DoNotOptimize(&event); }
};

void decode_2k(benchmark::State& state) {
  std::string body = request_2k();
  json::Document document;
  auto root = document.parse(body, 64);
  for (auto _ : state) benchmark::DoNotOptimize(dialect().decode_request(*root));
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}
BENCHMARK(decode_2k);

void parse_2k(benchmark::State& state) {
  std::string body = request_2k();
  json::Document document;
  for (auto _ : state) benchmark::DoNotOptimize(document.parse(body, 64));
}
BENCHMARK(parse_2k);

void encode_2k(benchmark::State& state, const Dialect& target) {
  std::string body = request_2k();
  json::Document document;
  auto request = dialect().decode_request(*document.parse(body, 64));
  for (auto _ : state) {
    canon::Losses losses;
    benchmark::DoNotOptimize(target.encode_request(**request, {.model = "served"}, losses));
  }
}
BENCHMARK_CAPTURE(encode_2k, to_openai, dialect());
BENCHMARK_CAPTURE(encode_2k, to_anthropic, *find_dialect("anthropic-messages"));

void per_event(benchmark::State& state) {
  state.counters["ns/event"] = benchmark::Counter(static_cast<double>(state.iterations()) * kEvents,
                                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void decode_events(benchmark::State& state) {
  std::string bytes = stream();
  Ignore ignore;
  for (auto _ : state) {
    auto decoder = dialect().reply_decoder(true);
    (void)decoder->feed(bytes, ignore);
    (void)decoder->finish(ignore);
  }
  per_event(state);
}
BENCHMARK(decode_events);

void decode_and_encode_events(benchmark::State& state, const Dialect& client) {
  std::string bytes = stream();
  for (auto _ : state) {
    auto decoder = dialect().reply_decoder(true);
    auto encoder = client.reply_encoder({.stream = true});
    (void)decoder->feed(bytes, *encoder);
    benchmark::DoNotOptimize(encoder->out.data());
  }
  per_event(state);
}
BENCHMARK_CAPTURE(decode_and_encode_events, to_openai, dialect());
BENCHMARK_CAPTURE(decode_and_encode_events, to_anthropic, *find_dialect("anthropic-messages"));

void encode_events(benchmark::State& state) {
  for (auto _ : state) {
    auto encoder = dialect().reply_encoder({.stream = true});
    encoder->on(canon::Start{{"x"}, {"model-that-answers"}, 1});
    for (int i = 0; i < kEvents; ++i) encoder->on(canon::TextDelta{{" token"}});
    benchmark::DoNotOptimize(encoder->out.data());
  }
  per_event(state);
}
BENCHMARK(encode_events);

// The argument: how many events a feed.
void watch_events(benchmark::State& state) {
  std::string one = chunk(R"({"index":0,"delta":{"content":" token"},"finish_reason":null})"), bytes;
  for (int i = 0; i < state.range(0); ++i) bytes += one;
  auto watcher = dialect().reply_watcher(true);
  for (auto _ : state) (void)watcher->feed(bytes);
  state.counters["ns/event"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(watch_events)->Arg(1)->Arg(200);

}  // namespace
}  // namespace hanse::openai_chat
