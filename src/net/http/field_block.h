// The header lines of a head, and what they say about the message's framing. RFC 9112 sections 2.2, 5 and 6.
//
// Everything that two HTTP programs in a row could read differently is refused (request smuggling):
//   - a line ends with CRLF; a bare CR or LF, a NUL or another control byte anywhere is wrong
//   - no line folding, no blank before the colon, no empty name, names are tokens
//   - Content-Length: once, digits only, no sign, list or leading zero, and it fits into 64 bits
//   - Transfer-Encoding: once, exactly `chunked` without blanks behind, not with Content-Length, not in
//   HTTP/1.0
//   - neither of the two spelt with an underscore, which is the same name to programs behind CGI and its
//   heirs
//   - Host: once in a request (HTTP/1.0: at most once), and a valid one
// Private to net/http.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/http/flaw.h"
#include "net/http/head.h"

namespace hanse::http {

class FieldBlock {
 public:
  explicit FieldBlock(Headers& headers, size_t headers_max)
      : headers_(headers), headers_max_(headers_max < kHeadersMax ? headers_max : kHeadersMax) {}

  // Reads the lines at `at` up to and with the empty one; `at` is then behind it. kMore: not there yet.
  const Flaw* read(const char*& at, const char* end);

  // After read(): do the framing fields agree with each other and with the version?
  const Flaw* check_framing(int minor) const;
  bool keep_alive(int minor) const { return !close_ && (minor >= 1 || kept_); }

  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool has_host = false;
  bool expect_continue = false;
  const Flaw* expectation = nullptr;  // an expectation that nobody knows: matters in requests only
  std::string_view host;

 private:
  const Flaw* read_line(const char*& at, const char* end);
  const Flaw* note(std::string_view name, std::string_view value);
  const Flaw* note_length(std::string_view value);
  const Flaw* note_coding(std::string_view value);
  const Flaw* note_host(std::string_view value);
  void note_connection(std::string_view value);
  void note_expectation(std::string_view value);

  Headers& headers_;
  size_t headers_max_;
  bool close_ = false;
  bool kept_ = false;
};

// Passes CRLF. kMore when it is cut.
inline const Flaw* skip_line_end(const char*& at, const char* end) {
  static constexpr Flaw kBareCr{400, "a bare CR in the head"};
  static constexpr Flaw kBareLf{400, "a line of the head ends with a bare LF"};
  static constexpr Flaw kBadByte{400, "a control byte in the head"};
  if (at == end) return &kMore;
  if (*at != '\r') return *at == '\n' ? &kBareLf : &kBadByte;
  if (end - at < 2) return &kMore;
  if (at[1] != '\n') return &kBareCr;
  at += 2;
  return nullptr;
}

}  // namespace hanse::http
