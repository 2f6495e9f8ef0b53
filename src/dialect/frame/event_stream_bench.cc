// What a frame of a model's stream costs, both sums included: there, back, and cut by the network.
#include <benchmark/benchmark.h>

#include "dialect/frame/event_stream.h"

namespace hanse::event_stream {
namespace {

constexpr int kFrames = 200;
// As the service sends one, with its padding.
constexpr std::string_view kPayload =
    R"({"contentBlockIndex":0,"delta":{"text":" the league of"},"p":"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"})";

std::string headers() {
  std::string out;
  append_header(out, ":event-type", "contentBlockDelta");
  append_header(out, ":content-type", "application/json");
  append_header(out, ":message-type", "event");
  return out;
}

void write(std::string& out, std::string_view block) {
  Frame frame(out, block);
  out += kPayload;
  frame.end();
}

void frame_read(benchmark::State& state) {
  std::string wire;
  for (int i = 0; i < kFrames; ++i) write(wire, headers());
  const auto piece = static_cast<size_t>(state.range(0));
  size_t size = 0;
  auto count = [&](const Message& message) -> Result<void> {
    size += message.text(":event-type").size() + message.payload.size();
    return {};
  };
  for (auto _ : state) {
    Parser parser;
    for (size_t at = 0; at < wire.size(); at += piece)
      if (!parser.feed(std::string_view(wire).substr(at, piece), count)) state.SkipWithError("broken");
  }
  benchmark::DoNotOptimize(size);
  state.SetItemsProcessed(state.iterations() * kFrames);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wire.size()));
}
BENCHMARK(frame_read)->Arg(1 << 20)->Arg(1448)->Arg(64);

void frame_written(benchmark::State& state) {
  const std::string block = headers();
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (int i = 0; i < kFrames; ++i) write(out, block);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * kFrames);
}
BENCHMARK(frame_written);

void last_frame(benchmark::State& state) {
  std::string wire;
  for (int i = 0; i < kFrames; ++i) write(wire, headers());
  wire += "cut";
  for (auto _ : state) benchmark::DoNotOptimize(end_of_last_frame(wire));
  state.SetItemsProcessed(state.iterations() * kFrames);
}
BENCHMARK(last_frame);

}  // namespace
}  // namespace hanse::event_stream
