#include "dialect/frame/sse.h"

#include "base/bytes.h"

namespace hanse {
namespace {

struct LineEnd {
  size_t at;    // of the line end
  size_t next;  // behind it
};

// The first line end at or after `from`. A CR at the very end may be half of a CRLF: not whole yet.
bool find_line_end(std::string_view bytes, size_t from, LineEnd& out) {
  size_t lf = find_byte(bytes, '\n', from);
  std::string_view before = bytes.substr(from, lf == kNotFound ? lf : lf - from);
  size_t cr = find_byte(before, '\r', 0);
  if (cr != kNotFound) {
    out.at = from + cr;
    out.next = out.at + 1;
    if (out.next == bytes.size()) return false;
    if (bytes[out.next] == '\n') ++out.next;
    return true;
  }
  if (lf == kNotFound) return false;
  out = {lf, lf + 1};
  return true;
}

}  // namespace

size_t last_line_end(std::string_view text) {
  size_t at = text.size();
  for (; at >= 16; at -= 16) {
    const char* from = text.data() + at - 16;
    uint64_t bits = match16(from, '\n') | match16(from, '\r');
    if (bits) return at - 16 + (static_cast<size_t>(63 - std::countl_zero(bits)) >> kMatchShift);
  }
  while (at-- > 0)
    if (text[at] == '\n' || text[at] == '\r') return at;
  return kNotFound;
}

size_t end_of_last_event(std::string_view bytes) {
  size_t at = last_line_end(bytes);
  for (; at != kNotFound && at > 0; at = last_line_end(bytes.substr(0, at))) {
    const size_t end = at + 1;
    char last = bytes[at], before = bytes[at - 1];
    if (last == '\n' && before == '\n') return end;
    if (last == '\n' && before == '\r' && at >= 3 && bytes[at - 2] == '\n') return end;
    // CR CR: only when what follows isn't the LF of a CRLF, which could still come.
    if (last == '\r' && before == '\r' && end < bytes.size() && bytes[end] != '\n') return end;
  }
  return 0;
}

namespace sse {

size_t Parser::skip_bom(std::string_view bytes) {
  if (started_) return 0;
  if (bytes.size() >= 3 || (!bytes.empty() && bytes[0] != '\xEF')) {
    started_ = true;
    return bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  }
  return 0;
}

size_t Parser::next_event(std::string_view bytes) {
  event_ = {};
  has_data_ = false;
  if (!started_) return 0;
  size_t at = 0;
  LineEnd end;
  while (find_line_end(bytes, at, end)) {
    std::string_view line = bytes.substr(at, end.at - at);
    at = end.next;
    if (line.empty()) return at;
    take_line(line);
  }
  return 0;
}

bool Parser::tail_is_whole() {
  LineEnd end;
  while (find_line_end(tail_, looked_, end)) {
    if (end.at == line_) return true;
    line_ = looked_ = end.next;
  }
  looked_ = tail_.size() - (tail_.ends_with('\r') ? 1 : 0);  // which may be half of a CRLF
  return false;
}

void Parser::take_line(std::string_view line) {
  size_t colon = line.find(':');
  std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event_.name = value;
  } else if (field == "data") {
    if (!has_data_) {
      event_.data = value;
    } else {
      if (joined_.data() != event_.data.data()) joined_.assign(event_.data);
      joined_.append(1, '\n').append(value);
      event_.data = joined_;
    }
    has_data_ = true;
  }
}

}  // namespace sse
}  // namespace hanse
