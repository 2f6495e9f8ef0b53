#include "http.h"

#include <strings.h>

#include <cstdlib>

#include "support.h"

namespace bench {
namespace {

bool name_is(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         strncasecmp(line.data(), name.data(), name.size()) == 0;
}

void parse_first_line(std::string_view line, Head& head) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) die("not HTTP: " + std::string(line));
  if (line.starts_with("HTTP/1.")) {
    head.status = std::atoi(line.data() + space + 1);
    return;
  }
  head.method = line.substr(0, space);
  head.path = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
}

}  // namespace

Head parse_head(std::string_view bytes) {
  Head head;
  bool first = true;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n");
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 2);
    if (first) {
      parse_first_line(line, head);
      first = false;
    } else if (name_is(line, "content-length")) {
      head.content_length = std::atol(line.data() + sizeof("content-length:") - 1);
    } else if (name_is(line, "transfer-encoding")) {
      head.chunked = line.ends_with("chunked");
    }
  }
  return head;
}

void BodyDecoder::start(const Head& head) {
  if (head.chunked == (head.content_length >= 0)) die("an answer needs either a length or chunks");
  left_ = head.chunked ? 0 : static_cast<std::uint64_t>(head.content_length);
  line_is_empty_ = true;
  state_ = head.chunked ? State::size_line : left_ > 0 ? State::length : State::done;
}

void BodyDecoder::size_byte(char byte) {
  if (byte == '\r' || byte == ';') {
    state_ = State::size_end;
    return;
  }
  const int digit = byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10;
  if (digit < 0 || digit > 15 || left_ > 0xffff'ffff) die("a chunk's size is wrong");
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
}

// One byte of anything that is not payload.
void BodyDecoder::line_byte(char byte) {
  switch (state_) {
    case State::size_line:
      size_byte(byte);
      return;
    case State::size_end:
      if (byte == '\n') state_ = left_ > 0 ? State::data : State::trailer;
      return;
    case State::data_end:
      if (byte == '\n') state_ = State::size_line;
      if (byte != '\n' && byte != '\r') die("a chunk is longer than it said");
      return;
    case State::trailer:
      if (byte == '\n' && line_is_empty_) state_ = State::done;
      if (byte == '\n') line_is_empty_ = true;
      if (byte != '\n' && byte != '\r') line_is_empty_ = false;
      return;
    case State::done:
      die("bytes after the end of an answer");
    case State::length:
    case State::data:
      return;
  }
}

}  // namespace bench
