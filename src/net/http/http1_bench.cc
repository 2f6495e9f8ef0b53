#include <benchmark/benchmark.h>

#include <cstring>
#include <string>

#include "net/http/chunked.h"
#include "net/http/head.h"

namespace hanse::http {
namespace {

const std::string kSixHeaders =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer "
    "sk-0123456789abcdef0123456789\r\n"
    "Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: bench/1.0\r\nContent-Length: "
    "2048\r\n\r\n";

// As the official Python SDK sends it.
const std::string kSdk =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept-Encoding: gzip, "
    "deflate\r\nConnection: keep-alive\r\n"
    "Accept: application/json\r\nContent-Type: application/json\r\nUser-Agent: OpenAI/Python 2.8.1\r\n"
    "X-Stainless-Lang: python\r\nX-Stainless-Package-Version: 2.8.1\r\nX-Stainless-OS: "
    "Linux\r\nX-Stainless-Arch: x64\r\n"
    "X-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.11.7\r\nAuthorization: Bearer "
    "sk-0123456789abcdef\r\n"
    "X-Stainless-Async: false\r\nx-stainless-retry-count: 0\r\nx-stainless-read-timeout: "
    "600\r\nContent-Length: 2048\r\n\r\n";

const std::string kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\nx-request-id: "
    "req_0123456789\r\n"
    "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nServer: uvicorn\r\n\r\n";

void request_head(benchmark::State& state, const std::string& text) {
  constexpr HeadLimits kLimits;
  RequestHead head;
  for (auto _ : state) benchmark::DoNotOptimize(parse_request_head(text, kLimits, head));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK_CAPTURE(request_head, six_headers, kSixHeaders);
BENCHMARK_CAPTURE(request_head, sdk_18_headers, kSdk);

void response_head(benchmark::State& state) {
  constexpr HeadLimits kLimits;
  ResponseHead head;
  for (auto _ : state) benchmark::DoNotOptimize(parse_response_head(kAnswer, kLimits, "POST", head));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kAnswer.size()));
}
BENCHMARK(response_head);

// A burst of 200 events in a chunk each; the copy that in-place decoding makes necessary here is timed alone
// as well.
std::string burst() {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "dc\r\n" + std::string(220, 'x') + "\r\n";
  return text + "0\r\n\r\n";
}
void chunked_burst(benchmark::State& state) {
  const std::string text = burst();
  std::string work = text;
  for (auto _ : state) {
    std::memcpy(work.data(), text.data(), text.size());
    ChunkedDecoder decoder;
    if (state.range(0)) benchmark::DoNotOptimize(decoder.feed(work.data(), work.size()));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 200);
}
BENCHMARK(chunked_burst)->ArgName("decode")->Arg(0)->Arg(1);

}  // namespace
}  // namespace hanse::http
