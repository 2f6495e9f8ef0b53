// Any bytes as an event stream: the cuts change nothing, and what was read is written as it stood. And any
// bytes as headers and payload of frames whose sums are right, for what lies behind them.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "dialect/frame/event_stream.h"

namespace hanse::event_stream {
namespace {

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

struct Read {
  std::vector<std::string> frames;  // written again
  bool good = true;
  friend bool operator==(const Read&, const Read&) = default;
};

std::string framed(std::string_view headers, std::string_view payload) {
  std::string out;
  Frame frame(out, headers);
  out += payload;
  frame.end();
  return out;
}

Read parse(std::string_view bytes, size_t cut) {
  Read out;
  Parser parser;
  auto keep = [&](const Message& message) -> Result<void> {
    std::string block;
    for (const Header& each : message.headers) append_header(block, each);
    out.frames.push_back(framed(block, message.payload));
    return {};
  };
  for (size_t at = 0; out.good && at < bytes.size(); at += std::min(cut, bytes.size() - at))
    out.good = parser.feed(bytes.substr(at, cut), keep).has_value();
  out.good = out.good && parser.finish().has_value();
  return out;
}

void judge(std::string_view bytes, size_t cut) {
  Read whole = parse(bytes, std::string_view::npos);
  demand(parse(bytes, cut) == whole, "the cuts change the messages");
  std::string again;
  for (const std::string& frame : whole.frames) again += frame;
  demand(bytes.starts_with(again), "a frame is written otherwise than it stood");
  demand(!whole.good || again.size() == bytes.size(), "bytes without a frame were taken");
  demand(end_of_last_frame(bytes) >= again.size(), "a whole frame is held back");
}

}  // namespace
}  // namespace hanse::event_stream

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::event_stream;
  if (size < 2) return 0;
  const size_t cut = data[0] % 48 + 1, headers = std::min<size_t>(data[1], size - 2);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  judge(bytes, cut);
  const std::string frame = framed(bytes.substr(0, headers), bytes.substr(headers));
  judge(frame, cut);
  judge(frame + frame, cut);
  return 0;
}
