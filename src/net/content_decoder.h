// Undoes the Content-Encoding of an answer: gzip, deflate (zlib or raw) and br. Hanse asks providers for
// identity; this is for those that encode all the same. Sans I/O; the output of one step is bounded, so a
// small answer can't blow up.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse::net {

class ContentDecoder {
 public:
  static constexpr size_t kStepBytes = 256 * 1024;

  virtual ~ContentDecoder() = default;
  // nullptr for "", "identity"; error malformed_reply for what nobody knows.
  static Result<std::unique_ptr<ContentDecoder>> make(std::string_view encoding);

  // Takes what it can from the front of `bytes` (and shortens it) and appends at most kStepBytes to `out`.
  // Call again while bytes are left or `out` came back full.
  virtual Result<void> step(std::string_view& bytes, std::string& out) = 0;
  // The encoded text has ended as it should.
  virtual bool ended() const = 0;
};

}  // namespace hanse::net
