#include "net/http/head.h"

#include <algorithm>

#include "base/bytes.h"
#include "net/http/field_block.h"
#include "net/http/flaw.h"
#include "net/http/scan.h"
#include "net/http/target.h"

namespace hanse::http {
namespace {

constexpr Flaw kHeadTooLarge{431, "the head is over the limit"};
constexpr Flaw kTargetTooLong{414, "the request's target is over the limit"};
constexpr Flaw kBadMethod{400, "the request's method is not a token in upper case"};
constexpr Flaw kBadTargetByte{400, "the request's target has a byte that targets can't have"};
constexpr Flaw kNoTarget{400, "the request line has no target, or blanks in a row"};
constexpr Flaw kNoVersion{400, "the request line does not end with HTTP/1.1 or HTTP/1.0"};
constexpr Flaw kOtherVersion{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
constexpr Flaw kEmptyLines{400, "too many empty lines before the request"};
constexpr Flaw kNoHost{400, "host is missing"};
constexpr Flaw kBadHost{400, "host is malformed"};
constexpr Flaw kOtherHost{400, "the URL in the request line and host name different servers"};
constexpr Flaw kBadStatusLine{400, "the answer does not begin with a status line"};

constexpr size_t kMethodMax = 32;
constexpr size_t kEmptyLinesMax = 4;

// RFC 9112 section 2.2: some clients send an extra CRLF behind a body.
const Flaw* skip_empty_lines(const char*& at, const char* end) {
  for (size_t lines = 0; at != end && (*at == '\r' || *at == '\n'); ++lines) {
    if (lines == kEmptyLinesMax) return &kEmptyLines;
    HANSE_PASS(skip_line_end(at, end));
  }
  return nullptr;
}

const Flaw* read_method(const char*& at, const char* end, std::string_view& method) {
  const char* limit = static_cast<size_t>(end - at) > kMethodMax ? at + kMethodMax + 1 : end;
  const char* begin = at;
  while (at != limit && is(*at, kToken) && !is(*at, kLower)) ++at;
  size_t size = static_cast<size_t>(at - begin);
  if (size > kMethodMax) return &kBadMethod;
  if (at == end) return &kMore;
  if (*at != ' ' || size == 0) return &kBadMethod;
  method = {begin, size};
  ++at;
  return nullptr;
}

const Flaw* read_target(const char*& at, const char* end, size_t size_max, std::string_view& target) {
  const char* begin = at;
  const char* limit = static_cast<size_t>(end - at) > size_max ? at + size_max + 1 : end;
  at = skip<kTarget>(at, limit);
  size_t size = static_cast<size_t>(at - begin);
  if (size > size_max) return &kTargetTooLong;
  if (at == end) return &kMore;
  if (size == 0 && *at == ' ') return &kNoTarget;
  if (*at == '\r' || *at == '\n') return &kNoVersion;
  if (*at != ' ') return &kBadTargetByte;
  target = {begin, size};
  ++at;
  return nullptr;
}

// "HTTP/1.0" or "HTTP/1.1". A version of that form with other digits is one that we don't speak; anything
// else isn't one.
const Flaw* read_version(const char*& at, const char* end, int& minor) {
  constexpr std::string_view kForm = "HTTP/1.1";
  bool other = false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (at + i == end) return &kMore;
    char c = at[i];
    if (c == kForm[i]) continue;
    bool digit_here = (i == 5 || i == 7) && is(c, kDigit);
    if (!digit_here) return &kNoVersion;
    other |= !(i == 7 && c == '0');
  }
  minor = at[7] - '0';
  at += kForm.size();
  if (at == end) return &kMore;
  if (*at != '\r' && *at != '\n' && *at != ' ') return &kNoVersion;  // "HTTP/1.10"
  return other ? &kOtherVersion : nullptr;
}

const Flaw* read_request_line(const char*& at, const char* end, const HeadLimits& limits, RequestHead& out) {
  HANSE_PASS(skip_empty_lines(at, end));
  HANSE_PASS(read_method(at, end, out.method));
  HANSE_PASS(read_target(at, end, limits.target, out.target));
  HANSE_PASS(read_version(at, end, out.minor));
  if (*at == ' ') return &kNoVersion;
  return skip_line_end(at, end);
}

const Flaw* check_host(const FieldBlock& fields, std::string_view authority, std::string_view default_port,
                       int minor) {
  if (!fields.has_host) return minor == 0 ? nullptr : &kNoHost;
  if (!valid_host(fields.host)) return &kBadHost;
  bool agrees = authority.empty() || same_authority(fields.host, authority, default_port);
  return agrees ? nullptr : &kOtherHost;
}

const Flaw* read_request(const char*& at, const char* end, const HeadLimits& limits, RequestHead& out) {
  HANSE_PASS(read_request_line(at, end, limits, out));
  std::string_view authority, default_port;
  HANSE_PASS(check_target(out.method, out.target, authority, default_port));

  out.headers.clear();
  FieldBlock fields(out.headers, limits.headers);
  HANSE_PASS(fields.read(at, end));
  HANSE_PASS(fields.check_framing(out.minor));
  HANSE_PASS(check_host(fields, authority, default_port, out.minor));
  if (fields.expectation && out.minor >= 1) return fields.expectation;
  out.host = fields.has_host ? fields.host : authority;
  out.content_length = fields.content_length;
  out.chunked = fields.chunked;
  out.keep_alive = fields.keep_alive(out.minor);
  out.expect_continue = fields.expect_continue && out.minor >= 1;
  return nullptr;
}

// "HTTP/1.1 200 OK"; the blank behind the number may be missing with the reason, as many servers have it.
const Flaw* read_status_line(const char*& at, const char* end, ResponseHead& out) {
  if (const Flaw* flaw = read_version(at, end, out.minor)) return flaw == &kMore ? flaw : &kBadStatusLine;
  if (*at != ' ') return &kBadStatusLine;
  out.status = 0;
  for (int i = 1; i <= 3; ++i) {
    if (at + i == end) return &kMore;
    if (!is(at[i], kDigit)) return &kBadStatusLine;
    out.status = out.status * 10 + (at[i] - '0');
  }
  if (out.status < 100) return &kBadStatusLine;
  at += 4;
  const char* reason = at;
  if (at == end) return &kMore;
  if (*at != ' ' && *at != '\r' && *at != '\n') return &kBadStatusLine;
  if (*at == ' ') at = skip<kText>(++reason, end);
  out.reason = {reason, static_cast<size_t>(at - reason)};
  return skip_line_end(at, end);
}

bool is_bodiless(int status, std::string_view method) {
  if (status < 200 || status == 204 || status == 304 || method == "HEAD") return true;
  return method == "CONNECT" && status < 300;
}

const Flaw* read_response(const char*& at, const char* end, const HeadLimits& limits, std::string_view method,
                          ResponseHead& out) {
  HANSE_PASS(read_status_line(at, end, out));
  out.headers.clear();
  FieldBlock fields(out.headers, limits.headers);
  HANSE_PASS(fields.read(at, end));
  HANSE_PASS(fields.check_framing(out.minor));
  bool bodiless = is_bodiless(out.status, method);
  out.chunked = fields.chunked && !bodiless;
  out.content_length = bodiless ? 0 : fields.content_length;
  bool until_close = !out.chunked && !out.content_length;
  out.keep_alive = fields.keep_alive(out.minor) && !until_close;
  return nullptr;
}

// Reads a head with `read` in at most limits.bytes bytes.
template <class Read>
const Flaw* within_limit(std::string_view bytes, const HeadLimits& limits, size_t& size, Read read) {
  std::string_view seen = bytes.substr(0, limits.bytes);
  const char* at = seen.data();
  const Flaw* flaw = read(at, seen.data() + seen.size());
  size = flaw ? 0 : static_cast<size_t>(at - seen.data());
  return flaw == &kMore && seen.size() == limits.bytes ? &kHeadTooLarge : flaw;
}

}  // namespace

void Headers::make_room() {
  many_ = std::make_unique_for_overwrite<Header[]>(kHeadersMax);
  std::copy(few_.list, few_.list + size_, many_.get());
}

const Header* Headers::find(std::string_view lower_case_name) const {
  const char first = lower_case_name[0];
  for (const Header& header : *this) {
    if (header.name.size() != lower_case_name.size()) continue;
    if (header.name[0] != first && (header.name[0] | 0x20) != first) continue;  // most are seen through here
    if (equal_ignoring_case(header.name, lower_case_name)) return &header;
  }
  return nullptr;
}

Result<size_t> parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& out) {
  size_t size = 0;
  out.method = out.target = out.host = {};
  const Flaw* flaw = within_limit(bytes, limits, size, [&](const char*& at, const char* end) {
    return read_request(at, end, limits, out);
  });
  if (!flaw) return size;
  if (flaw != &kMore) return fail(error_of(*flaw));
  out.method = out.target = {};  // the caller will move the bytes
  out.headers.clear();
  return 0;
}

Result<size_t> parse_response_head(std::string_view bytes, const HeadLimits& limits,
                                   std::string_view request_method, ResponseHead& out) {
  size_t size = 0;
  const Flaw* flaw = within_limit(bytes, limits, size, [&](const char*& at, const char* end) {
    return read_response(at, end, limits, request_method, out);
  });
  if (!flaw || flaw == &kMore) return size;
  return fail(Code::malformed_reply, flaw->message);
}

ResponseHead& scratch_response_head() {
  thread_local ResponseHead head;
  return head;
}

bool is_h2_preface_prefix(std::string_view bytes) {
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  size_t size = std::min(bytes.size(), kPreface.size());
  return size >= 3 && bytes.substr(0, size) == kPreface.substr(0, size);
}

}  // namespace hanse::http
