#include "net/http/field_block.h"

#include "base/bytes.h"
#include "net/http/scan.h"

namespace hanse::http {
namespace {

constexpr Flaw kTooMany{431, "too many header lines"};
constexpr Flaw kFolded{400, "a header line begins with a blank (line folding is not taken)"};
constexpr Flaw kNoName{400, "a header line without a name"};
constexpr Flaw kBlankBeforeColon{400, "a blank between a header's name and its colon"};
constexpr Flaw kBadName{400, "a header's name has a byte that names can't have"};
constexpr Flaw kLengthTwice{400, "content-length is given more than once"};
constexpr Flaw kBadLength{400, "content-length is not a plain decimal number"};
constexpr Flaw kCodingTwice{400, "transfer-encoding is given more than once"};
constexpr Flaw kAlmostChunked{400, "transfer-encoding is more than just chunked"};
constexpr Flaw kNoCoding{400, "transfer-encoding is empty"};
constexpr Flaw kBlankBehindCoding{400, "blanks behind transfer-encoding's value"};
constexpr Flaw kUnknownCoding{501, "the only transfer-encoding taken is chunked"};
constexpr Flaw kLengthAndCoding{400, "both content-length and transfer-encoding are given"};
constexpr Flaw kCodingIn10{400, "transfer-encoding in HTTP/1.0"};
constexpr Flaw kHostTwice{400, "host is given more than once"};
constexpr Flaw kUnderscore{400, "a framing header's name is spelt with an underscore"};
constexpr Flaw kExpectation{417, "the only expectation known is 100-continue"};

// Every element of a comma-separated list.
template <class Visit>
void each_element(std::string_view list, Visit visit) {
  while (true) {
    size_t comma = list.find(',');
    visit(trimmed(list.substr(0, comma)));
    if (comma == list.npos) return;
    list.remove_prefix(comma + 1);
  }
}

const Flaw* name_flaw(const char* line, const char* at) {
  if (*at == ':') return &kNoName;
  if (at == line) return *at == ' ' || *at == '\t' ? &kFolded : &kBadName;
  return *at == ' ' || *at == '\t' ? &kBlankBeforeColon : &kBadName;
}

}  // namespace

const Flaw* FieldBlock::read(const char*& at, const char* end) {
  while (true) {
    if (at == end) return &kMore;
    if (*at == '\r' || *at == '\n') return skip_line_end(at, end);
    if (headers_.size() == headers_max_) return &kTooMany;
    HANSE_PASS(read_line(at, end));
  }
}

const Flaw* FieldBlock::read_line(const char*& at, const char* end) {
  const char* line = at;
  const char* colon = skip<kToken>(line, end);
  if (colon == end) return &kMore;
  if (*colon != ':' || colon == line) return name_flaw(line, colon);

  const char* begin = colon + 1;
  while (begin != end && (*begin == ' ' || *begin == '\t')) ++begin;
  const char* stop = skip<kText>(begin, end);
  const char* next = stop;
  HANSE_PASS(skip_line_end(next, end));
  while (stop != begin && (stop[-1] == ' ' || stop[-1] == '\t')) --stop;

  std::string_view name(line, static_cast<size_t>(colon - line));
  std::string_view value(begin, static_cast<size_t>(stop - begin));
  headers_.add({name, value});
  at = next;
  return note(name, value);
}

// Few names matter here, and their lengths tell them apart.
const Flaw* FieldBlock::note(std::string_view name, std::string_view value) {
  const char* at = name.data();
  switch (name.size()) {
    case 4:
      return is_name(at, "host") ? note_host(value) : nullptr;
    case 6:
      if (is_name(at, "expect")) note_expectation(value);
      return nullptr;
    case 10:
      if (is_name(at, "connection")) note_connection(value);
      return nullptr;
    case 14:
      if (!is_name(at, "content") || !is_name(at + 8, "length")) return nullptr;
      return at[7] == '-' ? note_length(value) : at[7] == '_' ? &kUnderscore : nullptr;
    case 17:
      if (!is_name(at, "transfer") || !is_name(at + 9, "encoding")) return nullptr;
      return at[8] == '-' ? note_coding(value) : at[8] == '_' ? &kUnderscore : nullptr;
    default:
      return nullptr;
  }
}

const Flaw* FieldBlock::note_length(std::string_view value) {
  if (content_length) return &kLengthTwice;
  bool zero_first = value.size() > 1 && value.front() == '0';  // octal to some
  if (value.empty() || value.size() > 19 || zero_first) return &kBadLength;
  uint64_t length = 0;
  for (char c : value) {
    if (!is(c, kDigit)) return &kBadLength;
    length = length * 10 + static_cast<uint64_t>(c - '0');
  }
  if (length > INT64_MAX) return &kBadLength;
  content_length = length;
  return nullptr;
}

const Flaw* FieldBlock::note_coding(std::string_view value) {
  if (chunked) return &kCodingTwice;
  if (value.empty()) return &kNoCoding;
  chunked = equal_ignoring_case(value, "chunked");
  // read_line has seen the line's end, so there is a byte behind the value. Not every parser takes a blank
  // there.
  if (chunked) return value.data()[value.size()] == '\r' ? nullptr : &kBlankBehindCoding;
  constexpr size_t kSize = sizeof "chunked" - 1;
  for (size_t i = 0; i + kSize <= value.size(); ++i)
    if (equal_ignoring_case(value.substr(i, kSize), "chunked")) return &kAlmostChunked;
  return &kUnknownCoding;
}

const Flaw* FieldBlock::note_host(std::string_view value) {
  if (has_host) return &kHostTwice;
  has_host = true;
  host = value;
  return nullptr;
}

void FieldBlock::note_connection(std::string_view value) {
  each_element(value, [&](std::string_view option) {
    if (equal_ignoring_case(option, "close"))
      close_ = true;
    else if (equal_ignoring_case(option, "keep-alive"))
      kept_ = true;
  });
}

void FieldBlock::note_expectation(std::string_view value) {
  if (equal_ignoring_case(value, "100-continue"))
    expect_continue = true;
  else
    expectation = &kExpectation;
}

const Flaw* FieldBlock::check_framing(int minor) const {
  if (chunked && content_length) return &kLengthAndCoding;
  if (chunked && minor == 0) return &kCodingIn10;
  return nullptr;
}

}  // namespace hanse::http
