// What it costs to take a stream apart: bursts of whole events, the same cut by the network, and one event
// that comes in many reads.
#include <benchmark/benchmark.h>

#include "dialect/frame/sse.h"

namespace hanse::sse {
namespace {

constexpr int kEvents = 200;

std::string burst(std::string_view line_end) {
  std::string out;
  for (int i = 0; i < kEvents; ++i) {
    out.append("data: ").append(214, 'x').append(line_end).append(line_end);
  }
  return out;
}

void parse_in_pieces(benchmark::State& state, const std::string& bytes, size_t piece) {
  size_t size = 0;
  auto count = [&](Event event) -> Result<void> {
    size += event.data.size();
    return {};
  };
  for (auto _ : state) {
    Parser parser;
    for (size_t at = 0; at < bytes.size(); at += piece)
      benchmark::DoNotOptimize(parser.feed(std::string_view(bytes).substr(at, piece), count));
  }
  benchmark::DoNotOptimize(size);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}

void events(benchmark::State& state, std::string_view line_end, size_t piece) {
  parse_in_pieces(state, burst(line_end), piece);
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK_CAPTURE(events, burst_lf, "\n", SIZE_MAX / 2);
BENCHMARK_CAPTURE(events, burst_crlf, "\r\n", SIZE_MAX / 2);
BENCHMARK_CAPTURE(events, segments_of_1448, "\n", 1448);
BENCHMARK_CAPTURE(events, pieces_of_16, "\n", 16);

// An image in base64: the whole must not be looked at again with each read.
void one_event_of_4mib(benchmark::State& state) {
  parse_in_pieces(state, "data: " + std::string(4 << 20, 'x') + "\n\n", 16384);
}
BENCHMARK(one_event_of_4mib)->Unit(benchmark::kMillisecond);

void last_event(benchmark::State& state) {
  const std::string bytes = burst("\n") + "data: cut";
  for (auto _ : state) benchmark::DoNotOptimize(end_of_last_event(bytes));
}
BENCHMARK(last_event);

}  // namespace
}  // namespace hanse::sse
