// As much HTTP/1.1 as a load generator and a canned provider need, strict enough to notice a wrong answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

struct Head {
  int status = 0;            // answers only
  std::string_view method;   // requests only; views into the bytes given to parse_head
  std::string_view path;     // requests only
  long content_length = -1;  // -1: not given
  bool chunked = false;
};

// `bytes` is a head without its closing empty line.
Head parse_head(std::string_view bytes);

// Takes a body off its framing. Dies on framing that is wrong and on bytes after the end.
class BodyDecoder {
 public:
  void start(const Head& head);
  bool complete() const { return state_ == State::done; }
  // Calls sink(piece) for every run of payload bytes.
  template <typename Sink>
  void feed(std::string_view bytes, Sink&& sink);

 private:
  enum class State { length, size_line, size_end, data, data_end, trailer, done };
  void size_byte(char byte);
  void line_byte(char byte);

  State state_ = State::done;
  std::uint64_t left_ = 0;
  bool line_is_empty_ = true;
};

template <typename Sink>
void BodyDecoder::feed(std::string_view bytes, Sink&& sink) {
  while (!bytes.empty()) {
    if (state_ != State::length && state_ != State::data) {
      line_byte(bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    const std::string_view piece = bytes.substr(0, left_);
    bytes.remove_prefix(piece.size());
    left_ -= piece.size();
    sink(piece);
    if (left_ == 0) state_ = state_ == State::length ? State::done : State::data_end;
  }
}

}  // namespace bench
