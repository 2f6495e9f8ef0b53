// Heads of HTTP/1.1 messages: bytes in, views and framing out. RFC 9112; fields RFC 9110 section 5.
//
//   RequestHead head;
//   TRY(size_t size, parse_request_head(bytes, limits, head));
//   if (size == 0) ...                              // more bytes are needed; call again with all of them
//   std::string_view body_so_far = bytes.substr(size);
//
// Pure: no state between calls, no allocation but for an error's message and for many headers. All views
// point into `bytes` (or to constants), which the caller keeps for as long as it uses the head. A malformed
// line is refused as soon as it is complete; what is refused, and why so strictly, is in field_block.h
// (framing) and target.h (targets and hosts). May be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace hanse::http {

inline constexpr size_t kHeadersMax = 128;

struct Header {
  std::string_view name;   // as sent: compare without case
  std::string_view value;  // without the blanks around it
};

// The header lines of one head, in order, at most kHeadersMax of them. Only the usual number has room in
// here, as heads are kept while streams last; nothing is cleared.
class Headers {
 public:
  Headers() {}
  Headers(const Headers& other) { *this = other; }
  Headers& operator=(const Headers& other) {
    if (this == &other) return *this;
    clear();
    for (const Header& header : other) add(header);
    return *this;
  }

  const Header* find(std::string_view lower_case_name) const;     // the first one, or null
  std::string_view get(std::string_view lower_case_name) const {  // its value, or empty
    const Header* header = find(lower_case_name);
    return header ? header->value : std::string_view();
  }
  const Header* begin() const { return many_ ? many_.get() : few_.list; }
  const Header* end() const { return begin() + size_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool add(Header header) {
    if (size_ == kHeadersMax) return false;
    if (size_ == kFew && !many_) make_room();
    (many_ ? many_.get() : few_.list)[size_++] = header;
    return true;
  }
  void clear() { size_ = 0; }

 private:
  static constexpr size_t kFew = 24;
  void make_room();
  union Few {  // a union so that it isn't cleared for every head
    Few() {}
    Header list[kFew];
  };
  size_t size_ = 0;
  Few few_;
  std::unique_ptr<Header[]> many_;
};

struct RequestHead {
  std::string_view method;  // upper case
  std::string_view target;  // origin form ("/path?query"), "*" (OPTIONS) or authority (CONNECT)
  int minor = 1;            // of HTTP/1.x
  Headers headers;
  std::optional<uint64_t> content_length;  // at most one of this and `chunked`; neither: no body
  bool chunked = false;
  bool keep_alive = true;  // what the client allows
  bool expect_continue = false;
  std::string_view host;  // with its port; empty when the client sent none
};

struct ResponseHead {
  int status = 0;  // 100..999
  std::string_view reason;
  int minor = 1;
  Headers headers;
  // Neither of the two: the body ends with the connection. An answer that can't have a body (1xx, 204, 304,
  // to HEAD, to CONNECT when 2xx) has content_length 0, whatever its header says.
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
};

struct HeadLimits {
  size_t bytes = 64 * 1024;
  size_t headers = kHeadersMax;  // more than kHeadersMax is as kHeadersMax
  size_t target = 16 * 1024;
};

// The size of the head at the start of `bytes`, or 0 when it isn't complete yet.
// Errors: bad_request 400 (501 for an unknown transfer coding, 505 for another version, 417 for an unknown
// expectation), head_too_large 431 (414 when it's the target). Error.http_status() is what to answer; then
// close. `out` holds no views then but the method and target, where they were read (to word the answer in the
// right dialect), and none at all after 0: the bytes may move.
Result<size_t> parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& out);

// The same for an answer to a request with `request_method`. Every error is malformed_reply. Interim answers
// (1xx) are heads of their own: parse on behind them.
Result<size_t> parse_response_head(std::string_view bytes, const HeadLimits& limits,
                                   std::string_view request_method, ResponseHead& out);

// A head of this thread, for a caller that is done with it before it waits.
ResponseHead& scratch_response_head();

// Are these bytes the start of HTTP/2's connection preface (RFC 9113 section 3.4), whole or cut? False for
// less than three bytes, which may become "POST" as well.
bool is_h2_preface_prefix(std::string_view bytes);

}  // namespace hanse::http
