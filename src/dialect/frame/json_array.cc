#include "dialect/frame/json_array.h"

namespace hanse::json_array {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

Failed no_array() {
  return fail(Code::malformed_reply, "the provider's stream is not a JSON array of objects");
}

}  // namespace

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
