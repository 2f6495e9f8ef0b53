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

size_t end_of_last_event(std::string_view bytes) {
  for (size_t i = bytes.size(); i >= 2; --i) {
    char last = bytes[i - 1], before = bytes[i - 2];
    if (last == '\n' && before == '\n') return i;
    if (last == '\n' && before == '\r' && i >= 4 && bytes[i - 3] == '\n') return i;
    // CR CR: only when what follows isn't the LF of a CRLF, which could still come.
    if (last == '\r' && before == '\r' && i < bytes.size() && bytes[i] != '\n') return i;
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
