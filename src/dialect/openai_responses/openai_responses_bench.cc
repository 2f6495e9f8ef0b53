// Responses, each way: a request of 2 kB, and events of about 220 bytes; and what it takes to keep an answer.
#include <benchmark/benchmark.h>

#include "dialect/keeping.h"
#include "dialect/openai_responses/dialect.h"

namespace hanse::openai_responses {
namespace {

constexpr int kEvents = 200;

std::string request_2k() {
  std::string body = R"({"model":"gpt-5-mini","instructions":"You are helpful.","input":[)";
  for (int i = 0; i < 4; ++i) {
    body += R"({"type":"message","role":"user","content":")" + std::string(180, 'a') + "\\n\"},";
    body += R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":")";
    body += std::string(150, 'b') + R"("}]},)";
  }
  body +=
      R"({"role":"user","content":"go"}],"temperature":0.7,"max_output_tokens":512,"stream":true,"tools":[)";
  body += R"({"type":"function","name":"get_weather","description":"Weather at a place","parameters":)";
  body += R"({"type":"object","properties":{"city":{"type":"string"},"unit":{"type":"string"}}}}]})";
  return body;
}

std::string event(std::string_view type, std::string_view inside) {
  std::string out = "event: ";
  out.append(type).append("\ndata: {\"type\":\"").append(type).append("\",\"sequence_number\":7,");
  return out.append(inside).append("}\n\n");
}

std::string delta(std::string_view text) {
  std::string inside =
      R"("item_id":"msg_0123456789abcdef0123456789abcdef0123456789abcdef","output_index":0,)";
  inside += R"("content_index":0,"delta":")";
  return event("response.output_text.delta", inside.append(text).append(R"(","logprobs":[])"));
}

std::string response(std::string_view status, std::string_view output) {
  std::string out = R"({"id":"resp_1","object":"response","created_at":1741570283,"status":")";
  out.append(status).append(R"(","model":"gpt-5-mini","output":[)").append(output);
  return out.append(R"(],"usage":{"input_tokens":9,"output_tokens":200,"total_tokens":209}})");
}

std::string stream() {
  std::string text;
  std::string out = event("response.created", R"("response":)" + response("in_progress", ""));
  out += event("response.output_item.added",
               R"("output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]})");
  for (int i = 0; i < kEvents; ++i) {
    out += delta(" token" + std::to_string(i));
    text += " token" + std::to_string(i);
  }
  std::string item = R"({"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[)";
  item += R"({"type":"output_text","annotations":[],"text":")" + text + R"("}]})";
  out += event("response.output_item.done", R"("output_index":0,"item":)" + item);
  return out + event("response.completed", R"("response":)" + response("completed", item));
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
BENCHMARK_CAPTURE(encode_2k, to_responses, dialect());
BENCHMARK_CAPTURE(encode_2k, to_openai, *find_dialect("openai-chat"));
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
BENCHMARK_CAPTURE(decode_and_encode_events, to_responses, dialect());
BENCHMARK_CAPTURE(decode_and_encode_events, to_openai, *find_dialect("openai-chat"));
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
  std::string one = delta(" token"), bytes;
  for (int i = 0; i < state.range(0); ++i) bytes += one;
  auto watcher = dialect().reply_watcher(true);
  for (auto _ : state) (void)watcher->feed(bytes);
  state.counters["ns/event"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(watch_events)->Arg(1)->Arg(200);

// Each write of a stream is looked at, and the last one read.
void keep_stream(benchmark::State& state) {
  std::string one = delta(" token"), bytes = stream();
  const Keeping& words = *dialect().keeping();
  for (auto _ : state) {
    for (int i = 0; i < kEvents; ++i) benchmark::DoNotOptimize(words.read(one, true, {}));
    benchmark::DoNotOptimize(words.read(bytes, true, {}));
  }
  per_event(state);
}
BENCHMARK(keep_stream);

void go_on(benchmark::State& state) {
  std::string body = request_2k();
  json::Document document;
  auto root = document.parse(body, 64);
  const Keeping& words = *dialect().keeping();
  std::string history = words.input_items(*root);
  for (auto _ : state) benchmark::DoNotOptimize(words.resume(body, *root, history));
}
BENCHMARK(go_on);

}  // namespace
}  // namespace hanse::openai_responses
