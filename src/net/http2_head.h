// Builds one HTTP/2 request's head from its fields as nghttp2 hands them over, so that handlers see what
// HTTP/1.1 would have shown them. RFC 9113 section 8.3. nghttp2 has already refused what its section 8 calls
// malformed (order and number of pseudo-headers, upper-case names, connection-specific fields, bytes that may
// not be in values).
//
//   head.field(":path", "/v1/models");  ...
//   auto fine = head.finish(end_stream);
//
// Owns the bytes that RequestHead's views point into. Over a limit it remembers so and keeps no more.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "net/http/head.h"

namespace hanse::net {

class Http2Head {
 public:
  explicit Http2Head(const http::HeadLimits& limits) : limits_(limits) {}

  void field(std::string_view name, std::string_view value);
  // All fields are there; end_stream: no body follows. Errors: bad_request, head_too_large.
  Result<void> finish(bool end_stream);
  const http::RequestHead& get() const { return head_; }

 private:
  void pseudo_field(std::string_view name, std::string_view value);
  Result<void> check_limits() const;
  Result<void> check_names();

  const http::HeadLimits& limits_;
  Arena arena_;
  http::RequestHead head_;
  std::string cookies_;  // RFC 9113 section 8.2.3: sent in crumbs, seen as one field
  std::string_view authority_, expectation_;
  size_t bytes_ = 0;
  bool too_many_ = false;
};

}  // namespace hanse::net
