// Server-sent events (WHATWG HTML section 9.2) as a state machine without I/O: bytes in, events out, whatever
// the cuts.
//
//   sse::Parser parser;
//   TRY_VOID(parser.feed(bytes, [&](sse::Event event) -> Result<void> { ... return {}; }));
//   TRY_VOID(parser.finish(on_event));      // the body has ended
//
// Lines end in LF, CRLF or CR; a BOM, comments, `id` and `retry` are skipped; `data:` may lack its space and
// have several lines. An event that lies whole in one feed is a view of it; only a cut tail is copied.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse {

// Last LF or CR of `text`, else kNotFound.
size_t last_line_end(std::string_view text);
// Just behind the last whole event in `bytes` (its blank line included), 0 when there is none. Looks from the
// end, so it costs no more than the cut tail. For bytes that pass through.
size_t end_of_last_event(std::string_view bytes);

// A line of data that begins as an object and doesn't end as one: seen without a parser.
inline bool is_cut_object(std::string_view data) {
  const size_t first = data.find_first_not_of(' '), last = data.find_last_not_of(" \r\n");
  return first != std::string_view::npos && data[first] == '{' && data[last] != '}';
}

namespace sse {

struct Event {
  std::string_view name;  // of `event:`, else empty
  std::string_view data;  // lines of `data:` joined by LF; valid during the callback
};

class Parser {
 public:
  explicit Parser(size_t event_bytes_max = 16 * 1024 * 1024) : event_bytes_max_(event_bytes_max) {}

  // Calls on_event(Event) -> Result<void> for each whole event and stops at its error. malformed_reply: an
  // event over the limit.
  template <class OnEvent>
  Result<void> feed(std::string_view bytes, OnEvent&& on_event) {
    if (tail_.empty()) return consume(bytes, on_event);
    tail_.append(bytes);
    if (started_ && !tail_is_whole()) return within_limit(tail_.size());
    std::string whole = std::move(tail_);
    tail_.clear();
    return consume(whole, on_event);
  }

  // The end of the body: an event that lacks its blank line counts all the same.
  template <class OnEvent>
  Result<void> finish(OnEvent&& on_event) {
    if (tail_.empty()) return {};
    tail_.append("\n\n");
    std::string whole = std::move(tail_);
    tail_.clear();
    return consume(whole, on_event);
  }

 private:
  template <class OnEvent>
  Result<void> consume(std::string_view bytes, OnEvent&& on_event) {
    size_t at = skip_bom(bytes);
    while (true) {
      size_t used = next_event(bytes.substr(at));
      if (used == 0) break;
      at += used;
      TRY_VOID(within_limit(used));
      if (has_data_) TRY_VOID(on_event(event_));
    }
    tail_.assign(bytes.substr(at));
    line_ = looked_ = 0;
    return within_limit(tail_.size());
  }

  Result<void> within_limit(size_t size) const {
    if (size <= event_bytes_max_) return {};
    return fail(Code::malformed_reply, "an event of the stream is over the limit");
  }

  size_t skip_bom(std::string_view bytes);
  // Reads the event at the front into event_: the bytes used, blank line included; 0 when it isn't whole.
  size_t next_event(std::string_view bytes);
  void take_line(std::string_view line);
  // Whether the tail has its blank line now. Looks at each byte once, however small the pieces are.
  bool tail_is_whole();

  size_t event_bytes_max_;
  std::string tail_;    // a cut event
  size_t line_ = 0;     // in the tail: where its last line begins
  size_t looked_ = 0;   // and up to where no line end was found
  std::string joined_;  // data of several lines
  Event event_;
  bool has_data_ = false;
  bool started_ = false;  // past the place of a BOM
};

}  // namespace sse
}  // namespace hanse
