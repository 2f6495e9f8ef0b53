#include "dialect/frame/json_array.h"

namespace hanse::json_array {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

Failed no_array() {
  return fail(Code::malformed_reply, "the provider's stream is not a JSON array of objects");
}

// Just behind the object or array that begins at `at`; 0 when it doesn't end in `bytes`.
size_t end_of_element(std::string_view bytes, size_t at) {
  long depth = 0;
  for (bool in_string = false; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (in_string) {
      if (c == '\\')
        ++at;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return 0;
}

}  // namespace

size_t end_of_last_element(std::string_view bytes) {
  size_t whole = 0, at = bytes.find_first_not_of(" \n\r\t");
  if (at < bytes.size() && bytes[at] == '[') ++at;
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == ',' || is_space(c)) continue;
    if (c != '{' && c != '[') return bytes.size();  // the array has ended, or it is none: a watcher says which
    const size_t end = end_of_element(bytes, at);
    if (end == 0) break;
    whole = end;
    at = end - 1;
  }
  return whole;
}

Result<size_t> Parser::between(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (is_space(c)) continue;
    switch (state_) {
      case State::begin:
        if (c != '[') return no_array();
        state_ = State::first;
        break;
      case State::first:
      case State::element:
        if (c == ']' && state_ == State::first) {
          state_ = State::ended;
          break;
        }
        if (c != '{' && c != '[') return no_array();
        depth_ = 1;
        opened_ = false;
        state_ = State::comma;
        return at;
      case State::comma:
        if (c != ',' && c != ']') return no_array();
        state_ = c == ',' ? State::element : State::ended;
        break;
      case State::ended:
        return no_array();
    }
  }
  return bytes.size();
}

size_t Parser::inside(std::string_view bytes) {
  size_t at = 0;
  if (!opened_) {
    opened_ = true;
    at = 1;
  }
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (escaped_) {
      escaped_ = false;
    } else if (in_string_) {
      if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      return at + 1;
    }
  }
  return bytes.size();
}

}  // namespace hanse::json_array
