// What it costs to translate for each pair of dialects: a request of 2 kB with two tools (parsed, decoded,
// encoded for the other), and an event of a stream of 200 (decoded, encoded for the other). The goal: 3 us
// and 0.25 us (issue 4).
//
//   ./dev bench micro --benchmark_filter=pair
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "base/assert.h"
#include "dialect/dialect.h"

namespace hanse {
namespace {

constexpr int kEvents = 200;

// Told in one dialect, from which each of the others gets its own.
std::string request_2k() {
  std::string body = R"({"model":"m","max_completion_tokens":512,"temperature":0.7,"messages":[)"
                     R"({"role":"system","content":"You are helpful."},)";
  for (int i = 0; i < 4; ++i) {
    body += R"({"role":"user","content":")" + std::string(180, 'a') + "\\n\"},";
    body += R"({"role":"assistant","content":")" + std::string(150, 'b') + "\"},";
  }
  body += R"({"role":"user","content":"go"}],"tools":[)";
  for (std::string_view name : {"get_weather", "get_time"})
    body += fmt::format(
        R"({}{{"type":"function","function":{{"name":"{}","description":"Weather at a place","parameters":)"
        R"({{"type":"object","properties":{{"city":{{"type":"string"}},"unit":{{"type":"string"}}}}}}}}}})",
        name == "get_time" ? "," : "", name);
  return body + "]}";
}

std::unique_ptr<canon::Request> decoded(json::Document& document, std::string_view body,
                                        const Dialect& dialect) {
  auto root = document.parse(body, 64);
  HANSE_ASSERT(root.has_value());
  auto request = dialect.decode_request(*root);
  HANSE_ASSERT(request.has_value());
  return std::move(*request);
}

std::string request_of(const Dialect& dialect) {
  json::Document document;
  const std::string first = request_2k();
  const auto request = decoded(document, first, *find_dialect("openai-chat"));
  canon::Losses losses;
  auto body = dialect.encode_request(*request, {.model = "m"}, losses);
  HANSE_ASSERT(body.has_value());
  return *body;
}

std::string stream_of(const Dialect& dialect) {
  auto encoder = dialect.reply_encoder({.stream = true});
  encoder->on(canon::Start{{"id-1"}, {"model-that-answers"}, 1});
  for (int i = 0; i < kEvents; ++i) encoder->on(canon::TextDelta{{" token"}});
  canon::Usage usage;
  usage.uncached_in = 10, usage.visible_out = kEvents;
  encoder->on(usage);
  encoder->on(canon::Stop{});
  return encoder->out;
}

void request(benchmark::State& state, const Dialect& client, const Dialect& provider) {
  const std::string body = request_of(client);
  json::Document document;
  for (auto _ : state) {
    const auto asked = decoded(document, body, client);
    canon::Losses losses;
    auto out = provider.encode_request(*asked, {.model = "served"}, losses);
    HANSE_ASSERT(out.has_value());
    benchmark::DoNotOptimize(out->data());
  }
}

void event(benchmark::State& state, const Dialect& client, const Dialect& provider) {
  const std::string bytes = stream_of(provider);
  for (auto _ : state) {
    auto decoder = provider.reply_decoder(true);
    auto encoder = client.reply_encoder({.stream = true});
    auto good = decoder->feed(bytes, *encoder);
    HANSE_ASSERT(good.has_value());
    benchmark::DoNotOptimize(encoder->out.data());
  }
  state.counters["ns/event"] = benchmark::Counter(static_cast<double>(state.iterations()) * kEvents,
                                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

const bool registered = [] {
  for (const Dialect* client : all_dialects())
    for (const Dialect* provider : all_dialects()) {
      const std::string pair = fmt::format("{}/{}", client->name(), provider->name());
      benchmark::RegisterBenchmark(("pair_request/" + pair).c_str(),
                                   [=](benchmark::State& state) { request(state, *client, *provider); });
      benchmark::RegisterBenchmark(("pair_event/" + pair).c_str(),
                                   [=](benchmark::State& state) { event(state, *client, *provider); });
    }
  return true;
}();

}  // namespace
}  // namespace hanse
