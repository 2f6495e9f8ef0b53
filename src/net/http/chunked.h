// Chunked bodies, un-chunked in place. RFC 9112 section 7.1.
//
//   ChunkedDecoder decoder;
//   TRY(auto out, decoder.feed(data, size));         // payload is data[out.begin .. out.begin + out.payload)
//   if (decoder.done()) ...                          // data[out.consumed .. size) belong to the next message
//
// One decoder a body; it keeps no bytes, only where it is, so any cut is fine. Strict, as two programs in a
// row must agree on where a body ends: CRLF only, plain hex sizes of at most 16 digits, no blanks beside
// them, well-formed extensions (ignored), CRLF right behind the data. Trailers are checked and dropped;
// fields that only a head may have are refused among them. Every error is bad_request (for a provider's
// answer read it as malformed_reply); after one the decoder is spent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace hanse::http {

struct Flaw;

class ChunkedDecoder {
 public:
  struct Out {
    size_t begin;     // where the data of the first chunk stood; that of the others has moved up to it
    size_t payload;   // bytes of the body
    size_t consumed;  // bytes of input used: all of them unless done()
  };

  // Extensions and trailers, in bytes over the whole body: enough for any honest client.
  static constexpr size_t kExtrasMax = 8 * 1024;

  Result<Out> feed(char* data, size_t size);
  bool done() const { return state_ == State::done; }

 private:
  enum class State : uint8_t {
    size_first,
    size,
    size_lf,
    ext_name_first,
    ext_name,
    ext_value_first,
    ext_value,
    ext_quoted,
    ext_escape,
    ext_quoted_end,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
  };

  size_t skip_between(const char* at, const char* end);
  // One byte of framing (every state but data and done).
  const Flaw* step(char c);
  const Flaw* step_size(char c);
  const Flaw* step_extension(char c);
  const Flaw* step_trailer(char c);
  const Flaw* end_of_size_line(char c);
  const Flaw* count_extra();
  bool trailer_is_barred() const;

  uint64_t left_ = 0;  // of this chunk
  uint16_t extras_ = 0;
  uint8_t digits_ = 0;
  State state_ = State::size_first;
  uint8_t name_size_ = 0;  // of a trailer's name; names longer than name_ are none of those refused
  char name_[18] = {};
};

}  // namespace hanse::http
