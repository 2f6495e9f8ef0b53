// generateContent, each way: a request of 2 kB, and events of about 300 bytes.
#include <benchmark/benchmark.h>

#include "dialect/google_gemini/dialect.h"

namespace hanse::google_gemini {
namespace {

constexpr int kEvents = 200;

std::string request_2k() {
  std::string body = R"({"systemInstruction":{"parts":[{"text":"You are helpful."}]},"contents":[)";
  for (int i = 0; i < 4; ++i) {
    body += R"({"role":"user","parts":[{"text":")" + std::string(180, 'a') + "\\n" +
            R"("}]},{"role":"model","parts":[{"text":")";
    body += std::string(150, 'b') + R"("}]},)";
  }
  body +=
      R"({"role":"user","parts":[{"text":"go"}]}],"tools":[{"functionDeclarations":[{"name":"get_weather",)";
  body += R"("description":"Weather at a place","parametersJsonSchema":{"type":"object","properties":)";
  body +=
      R"({"city":{"type":"string"},"unit":{"type":"string"}}}}]}],"generationConfig":{"temperature":0.7,)";
  body += R"("maxOutputTokens":512}})";
  return body;
}

std::string chunk(std::string_view text, int made, std::string_view more = {}) {
  std::string out = R"(data: {"candidates": [{"content": {"parts": [{"text": ")" + std::string(text);
  out += R"("}],"role": "model"},)" + std::string(more) +
         R"("index": 0}],"usageMetadata": {"promptTokenCount": 13,)";
  out += R"("candidatesTokenCount": )" + std::to_string(made) + R"(,"totalTokenCount": )" +
         std::to_string(made + 13);
  out += R"(,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 13}],"thoughtsTokenCount": 137},)";
  return out + R"("modelVersion": "gemini-2.5-flash","responseId": "Bb-Fapr3DvG_nsEPhfTU6Ag"})" + "\r\n\r\n";
}

std::string stream() {
  std::string out;
  for (int i = 0; i < kEvents; ++i) out += chunk(" token" + std::to_string(i), i);
  return out + chunk("", kEvents, R"("finishReason": "STOP",)");
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

void encode_2k(benchmark::State& state, const Dialect& target) {
  std::string body = request_2k();
  json::Document document;
  auto request = dialect().decode_request(*document.parse(body, 64));
  for (auto _ : state) {
    canon::Losses losses;
    benchmark::DoNotOptimize(target.encode_request(**request, {.model = "served"}, losses));
  }
}
BENCHMARK_CAPTURE(encode_2k, to_gemini, dialect());
BENCHMARK_CAPTURE(encode_2k, to_openai, *find_dialect("openai-chat"));

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
    auto encoder = client.reply_encoder({.stream = true, .query = "alt=sse"});
    (void)decoder->feed(bytes, *encoder);
    benchmark::DoNotOptimize(encoder->out.data());
  }
  per_event(state);
}
BENCHMARK_CAPTURE(decode_and_encode_events, to_openai, *find_dialect("openai-chat"));
BENCHMARK_CAPTURE(decode_and_encode_events, to_gemini, dialect());

void encode_events(benchmark::State& state) {
  for (auto _ : state) {
    auto encoder = dialect().reply_encoder({.stream = true, .query = "alt=sse"});
    encoder->on(canon::Start{{"x"}, {"model-that-answers"}, 1});
    for (int i = 0; i < kEvents; ++i) encoder->on(canon::TextDelta{{" token"}});
    benchmark::DoNotOptimize(encoder->out.data());
  }
  per_event(state);
}
BENCHMARK(encode_events);

// The argument: how many events a feed.
void watch_events(benchmark::State& state) {
  std::string one = chunk(" token", 5), bytes;
  for (int i = 0; i < state.range(0); ++i) bytes += one;
  auto watcher = dialect().reply_watcher(true);
  for (auto _ : state) (void)watcher->feed(bytes);
  state.counters["ns/event"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(watch_events)->Arg(1)->Arg(200);

}  // namespace
}  // namespace hanse::google_gemini
