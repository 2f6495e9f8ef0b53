// What it costs to read JSON: a request of 2 kB and of 32 kB, an event of a stream, text in another script as
// \u escapes.
#include <benchmark/benchmark.h>

#include "base/json.h"

namespace hanse::json {
namespace {

std::string prose(size_t size) {
  constexpr std::string_view kText =
      "A city that closed its harbour to one of them was \\\"verhanst\\\": closed to all.\\nThe books were "
      "kept "
      "in L\xc3\xbc"
      "beck, the furs came from Novgorod. ";
  std::string text;
  while (text.size() < size) text += kText;
  return text;
}

std::string request(size_t size) {
  std::string body = R"({"model":"fast","stream":true,"temperature":0.7,"max_tokens":512,"messages":[)";
  for (int i = 0; i < 5; ++i)
    body += std::string(i ? "," : "") + R"({"role":"user","content":")" + prose(size / 5) + "\"}";
  return body + "]}";
}

std::string event() {
  return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fast","choices":[)"
         R"({"index":0,"delta":{"content":" of the league"},"logprobs":null,"finish_reason":null}]})";
}

std::string escaped(size_t size) {
  std::string text = "[\"";
  while (text.size() < size) text += "\\u6c49\\u8428 ";
  return text + "\"]";
}

void read(benchmark::State& state, const std::string& text) {
  Document document;
  for (auto _ : state) benchmark::DoNotOptimize(document.parse(text, 64));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

BENCHMARK_CAPTURE(read, request_2k, request(2000));
BENCHMARK_CAPTURE(read, request_32k, request(32000));
BENCHMARK_CAPTURE(read, event, event());
BENCHMARK_CAPTURE(read, escapes_2k, escaped(2000));

}  // namespace
}  // namespace hanse::json
