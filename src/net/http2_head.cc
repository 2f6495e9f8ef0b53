#include "net/http2_head.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "net/http/scan.h"
#include "net/http/target.h"

namespace hanse::net {
namespace {

constexpr size_t kFieldOverhead = 32;  // as RFC 9113 section 6.5.2 counts a list's size
constexpr size_t kMethodMax = 32;

Failed with_status(Code code, int status, std::string message) {
  Failed failed = fail(code, std::move(message));
  failed.error.status = status;
  return failed;
}

bool is_method(std::string_view text) {
  if (text.empty() || text.size() > kMethodMax) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return http::is(c, http::kToken) && !http::is(c, http::kLower); });
}

}  // namespace

void Http2Head::field(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (bytes_ > limits_.bytes) return;
  if (name.starts_with(':')) return pseudo_field(name, value);
  if (name == "cookie") {
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
    return;
  }
  http::Header kept{arena_.copy(name), arena_.copy(value)};
  if (head_.headers.size() >= limits_.headers || !head_.headers.add(kept)) too_many_ = true;
  if (name == "host") head_.host = kept.value;
  if (name == "expect") expectation_ = kept.value;
  if (name == "content-length") {
    uint64_t length = 0;
    std::from_chars(value.data(), value.data() + value.size(), length);  // checked by nghttp2
    head_.content_length = length;
  }
}

void Http2Head::pseudo_field(std::string_view name, std::string_view value) {
  if (name == ":method")
    head_.method = arena_.copy(value);
  else if (name == ":path")
    head_.target = arena_.copy(value);
  else if (name == ":authority")
    authority_ = arena_.copy(value);
}

Result<void> Http2Head::check_limits() const {
  if (head_.target.size() > limits_.target)
    return with_status(Code::head_too_large, 414, "the request's target is over the limit");
  if (bytes_ > limits_.bytes) return fail(Code::head_too_large, "the request's head is over the limit");
  if (too_many_) return fail(Code::head_too_large, "the request's head has too many fields");
  return {};
}

// Whom and what the request is for, by the same rules as in HTTP/1.1.
Result<void> Http2Head::check_names() {
  if (!is_method(head_.method))
    return fail(Code::bad_request, "the request's method is not a token in upper case");
  if (!authority_.empty()) {
    bool twofold = !head_.host.empty() && !http::same_authority(head_.host, authority_, "");
    if (twofold) return fail(Code::bad_request, "Host and :authority name different servers").at("host");
    if (head_.host.empty()) head_.headers.add({"host", authority_});
    head_.host = authority_;
  }
  if (!http::valid_host(head_.host))
    return fail(Code::bad_request, "the request's :authority is malformed").at("host");
  if (head_.method == "CONNECT") head_.target = authority_;
  if (head_.target.empty() || !http::all(head_.target, http::kTarget))
    return fail(Code::bad_request, "the request's :path is malformed");
  std::string_view authority, port;
  if (const http::Flaw* flaw = http::check_target(head_.method, head_.target, authority, port))
    return fail(http::error_of(*flaw));
  if (!authority.empty()) return fail(Code::bad_request, ":path is not a path");
  return {};
}

Result<void> Http2Head::finish(bool end_stream) {
  TRY_VOID(check_limits());
  if (!cookies_.empty() && !head_.headers.add({"cookie", arena_.copy(cookies_)}))
    return fail(Code::head_too_large, "the request's head has too many fields");
  TRY_VOID(check_names());
  if (!expectation_.empty()) {
    if (!equal_ignoring_case(expectation_, "100-continue"))
      return with_status(Code::bad_request, 417, "the only expectation known is 100-continue");
    head_.expect_continue = !end_stream;
  }
  // For handlers a body of unknown length looks as it does in HTTP/1.1.
  head_.chunked = !end_stream && !head_.content_length;
  return {};
}

}  // namespace hanse::net
