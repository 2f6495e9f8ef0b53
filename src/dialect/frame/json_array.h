// A stream that is one JSON array, `[{...},\n{...}]`, its elements sent as they come (Google's streams
// without alt=sse), as a state machine without I/O: bytes in, elements out, whatever the cuts.
//
//   json_array::Parser parser;
//   TRY_VOID(parser.feed(bytes, [&](std::string_view element) -> Result<void> { ... return {}; }));
//   TRY_VOID(parser.finish());              // the body has ended: so must the array
//
// An element is an object or an array, of which the brackets are counted: whether it is JSON, a parser must
// say. One that lies whole in one feed is a view of it; only a cut tail is copied. No byte is looked at
// twice.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse::json_array {

// Just behind the last whole element in `bytes`, which begin where the array does or behind one; with the end of
// the array, if that follows. 0 when none is whole. For bytes that pass through.
size_t end_of_last_element(std::string_view bytes);

class Parser {
 public:
  explicit Parser(size_t element_bytes_max = 16 * 1024 * 1024) : element_bytes_max_(element_bytes_max) {}

  // Calls on_element(std::string_view) -> Result<void> for each whole element and stops at its error.
  // malformed_reply: what is no array of objects, or an element over the limit.
  template <class OnElement>
  Result<void> feed(std::string_view bytes, OnElement&& on_element) {
    while (!bytes.empty()) {
      if (depth_ == 0) {
        TRY(size_t used, between(bytes));
        bytes.remove_prefix(used);
        if (depth_ == 0) continue;
      }
      size_t used = inside(bytes);
      if (tail_.size() + used > element_bytes_max_)
        return fail(Code::malformed_reply, "an element of the stream is over the limit");
      if (depth_ > 0 || !tail_.empty()) tail_.append(bytes.substr(0, used));
      std::string_view element = tail_.empty() ? bytes.substr(0, used) : std::string_view(tail_);
      bytes.remove_prefix(used);
      if (depth_ > 0) return {};
      TRY_VOID(on_element(element));
      tail_.clear();
    }
    return {};
  }

  // malformed_reply unless the array has ended.
  Result<void> finish() const {
    if (state_ == State::ended) return {};
    return fail(Code::malformed_reply, "the provider's stream ended before its array did");
  }

 private:
  enum class State : unsigned char { begin, first, element, comma, ended };  // what comes next

  // Up to an element, which then is open (depth_ 1, its bracket not used), or to the end of the bytes.
  Result<size_t> between(std::string_view bytes);
  // Up to and with the bracket that ends the element, or to the end of the bytes.
  size_t inside(std::string_view bytes);

  size_t element_bytes_max_;
  State state_ = State::begin;
  long depth_ = 0;
  bool opened_ = false;  // the first bracket of the element has been counted
  bool in_string_ = false;
  bool escaped_ = false;
  std::string tail_;  // a cut element
};

}  // namespace hanse::json_array
