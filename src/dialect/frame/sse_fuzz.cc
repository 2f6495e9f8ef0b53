// Any bytes as server-sent events: the cuts change nothing, and what end_of_last_event calls whole is whole.
// A plain reader, line by line on the whole text, is the judge.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "dialect/frame/sse.h"

namespace hanse::sse {
namespace {

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

struct Seen {
  std::string name, data;
  friend bool operator==(const Seen&, const Seen&) = default;
};
using Events = std::vector<Seen>;

Events parse(std::string_view bytes, size_t cut) {
  Events out;
  Parser parser;
  auto keep = [&](Event event) -> Result<void> {
    out.push_back({std::string(event.name), std::string(event.data)});
    return {};
  };
  for (size_t at = 0; at < bytes.size(); at += std::min(cut, bytes.size() - at))
    demand(parser.feed(bytes.substr(at, cut), keep).has_value(), "small events are refused");
  demand(parser.finish(keep).has_value(), "the end is refused");
  return out;
}

// WHATWG HTML section 9.2.6 in the plainest way, but for what stands unfinished at the end: that counts.
class Judge {
 public:
  Events read(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    std::string line;
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] != '\n' && bytes[i] != '\r') {
        line += bytes[i];
        continue;
      }
      if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') ++i;
      take(line);
      line.clear();
    }
    if (!line.empty()) take(line);
    take("");
    return std::move(events_);
  }

 private:
  void take(const std::string& line) {
    if (line.empty()) {
      if (has_data_) events_.push_back({name_, data_});
      name_ = data_ = "";
      has_data_ = false;
      return;
    }
    size_t colon = line.find(':');
    std::string field = line.substr(0, colon), value = colon == line.npos ? "" : line.substr(colon + 1);
    if (!value.empty() && value[0] == ' ') value.erase(0, 1);
    if (field == "event") name_ = value;
    if (field != "data") return;
    data_ += (has_data_ ? "\n" : "") + value;
    has_data_ = true;
  }

  Events events_;
  std::string name_, data_;
  bool has_data_ = false;
};

}  // namespace
}  // namespace hanse::sse

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::sse;
  if (size < 1) return 0;
  size_t cut = data[0] % 32 + 1;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Events expected = Judge().read(bytes);
  demand(parse(bytes, std::string_view::npos) == expected, "not what the judge reads");
  demand(parse(bytes, cut) == expected, "the cuts change the events");
  size_t end = hanse::end_of_last_event(bytes);
  if (bytes.substr(end).starts_with("\xEF\xBB\xBF")) return 0;  // a parser of the rest takes it for its start
  Events apart = parse(bytes.substr(0, end), std::string_view::npos);
  for (Seen& seen : parse(bytes.substr(end), std::string_view::npos)) apart.push_back(std::move(seen));
  demand(apart == expected, "end_of_last_event cuts an event");
  return 0;
}
