#include "net/http/chunked.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "net/http/flaw.h"
#include "net/http/scan.h"

namespace hanse::http {
namespace {

constexpr Flaw kBadSize{400, "a chunk's size is not a plain hexadecimal number"};
constexpr Flaw kSizeTooLarge{400, "a chunk's size is too large"};
constexpr Flaw kBadLineEnd{400, "a line of the chunked body does not end with CRLF"};
constexpr Flaw kBadExtension{400, "a chunk's extension is malformed"};
constexpr Flaw kNoDataEnd{400, "a chunk's data is not followed by CRLF"};
constexpr Flaw kBadTrailer{400, "a trailer line of the chunked body is malformed"};
constexpr Flaw kBarredTrailer{400, "a trailer of the chunked body is a field that only a head may have"};
constexpr Flaw kTooManyExtras{400, "the chunked body's extensions and trailers are over the limit"};

// RFC 9110 section 6.5.1: what frames, routes, authenticates or describes a message comes before its body.
constexpr std::string_view kBarredTrailers[] = {
    "content-length", "transfer-encoding", "host",      "authorization", "content-type", "content-encoding",
    "content-range",  "connection",        "expect",    "cookie",        "set-cookie",   "te",
    "trailer",        "upgrade",           "x-api-key", "range",         "cache-control"};

constexpr uint8_t kSizeDigitsMax = 16;

unsigned hex_value(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c & 7) + 9;
}

}  // namespace

Result<ChunkedDecoder::Out> ChunkedDecoder::feed(char* data, size_t size) {
  size_t at = 0, begin = 0, payload = 0;
  while (at < size && state_ != State::done) {
    if (state_ == State::data_cr || state_ == State::size_first) at += skip_between(data + at, data + size);
    if (state_ != State::data) {
      if (at == size) break;
      if (const Flaw* flaw = step(data[at])) return fail(error_of(*flaw));
      ++at;
      continue;
    }
    size_t piece = static_cast<size_t>(std::min<uint64_t>(left_, size - at));
    if (payload == 0)
      begin = at;
    else if (begin + payload != at)
      std::memmove(data + begin + payload, data + at, piece);
    at += piece;
    payload += piece;
    left_ -= piece;
    if (left_ == 0) state_ = State::data_cr;
  }
  return Out{begin, payload, at};
}

// What stands between the data of two chunks in a stream, CRLF, a short size, CRLF, in one go when it's all
// there and plain. Returns the bytes passed; the steps below do the rest, and judge.
size_t ChunkedDecoder::skip_between(const char* at, const char* end) {
  constexpr long kRoom = 12;
  if (end - at < kRoom) return 0;
  const char* begin = at;
  if (state_ == State::data_cr) {
    if (at[0] != '\r' || at[1] != '\n') return 0;
    at += 2;
  }
  uint64_t size = 0;
  const char* digits = at;
  while (at - digits < 8 && is(*at, kHexDigit)) size = size << 4 | hex_value(*at++);
  if (size == 0 || end - at < 2 || at[0] != '\r' || at[1] != '\n') return 0;
  left_ = size;
  state_ = State::data;
  return static_cast<size_t>(at + 2 - begin);
}

const Flaw* ChunkedDecoder::step(char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
      return step_size(c);
    case State::size_lf:
      if (c != '\n') return &kBadLineEnd;
      state_ = left_ ? State::data : State::trailer_first;
      return nullptr;
    case State::data_cr:
      if (c != '\r') return &kNoDataEnd;
      state_ = State::data_lf;
      return nullptr;
    case State::data_lf:
      if (c != '\n') return &kNoDataEnd;
      state_ = State::size_first;
      return nullptr;
    case State::trailer_first:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
    case State::end_lf:
      return step_trailer(c);
    default:
      return step_extension(c);
  }
}

const Flaw* ChunkedDecoder::step_size(char c) {
  if (is(c, kHexDigit)) {
    if (state_ == State::size_first) left_ = digits_ = 0;
    state_ = State::size;
    if (++digits_ > kSizeDigitsMax) return &kSizeTooLarge;
    left_ = left_ << 4 | hex_value(c);
    return left_ > INT64_MAX ? &kSizeTooLarge : nullptr;
  }
  if (state_ == State::size_first) return &kBadSize;
  if (c != ';') return c == '\r' || c == '\n' ? end_of_size_line(c) : &kBadSize;
  state_ = State::ext_name_first;
  return count_extra();
}

const Flaw* ChunkedDecoder::end_of_size_line(char c) {
  if (c != '\r') return &kBadLineEnd;
  state_ = State::size_lf;
  return nullptr;
}

const Flaw* ChunkedDecoder::count_extra() { return ++extras_ > kExtrasMax ? &kTooManyExtras : nullptr; }

// chunk-ext = *( ";" name [ "=" ( token / quoted-string ) ] ), without the blanks that RFC 9112 calls bad.
const Flaw* ChunkedDecoder::step_extension(char c) {
  HANSE_PASS(count_extra());
  switch (state_) {
    case State::ext_quoted:
      if (c == '"')
        state_ = State::ext_quoted_end;
      else if (c == '\\')
        state_ = State::ext_escape;
      return is(c, kText) ? nullptr : &kBadExtension;
    case State::ext_escape:
      state_ = State::ext_quoted;
      return is(c, kText) ? nullptr : &kBadExtension;
    case State::ext_value_first:
      if (c == '"') return state_ = State::ext_quoted, nullptr;
      [[fallthrough]];
    case State::ext_name_first:
      if (!is(c, kToken)) return &kBadExtension;
      state_ = state_ == State::ext_name_first ? State::ext_name : State::ext_value;
      return nullptr;
    default:
      break;
  }
  // In a name, in a value, or behind a quoted one.
  if (c == ';') return state_ = State::ext_name_first, nullptr;
  if (c == '\r' || c == '\n') return end_of_size_line(c);
  if (c == '=' && state_ == State::ext_name) return state_ = State::ext_value_first, nullptr;
  return is(c, kToken) && state_ != State::ext_quoted_end ? nullptr : &kBadExtension;
}

const Flaw* ChunkedDecoder::step_trailer(char c) {
  if (state_ == State::end_lf) {
    state_ = State::done;
    return c == '\n' ? nullptr : &kBadLineEnd;
  }
  if (state_ == State::trailer_first && c == '\r') return state_ = State::end_lf, nullptr;
  HANSE_PASS(count_extra());
  switch (state_) {
    case State::trailer_first:
      name_size_ = 0;
      state_ = State::trailer_name;
      [[fallthrough]];
    case State::trailer_name:
      if (c == ':') {
        state_ = State::trailer_value;
        if (name_size_ == 0) return &kBadTrailer;
        return trailer_is_barred() ? &kBarredTrailer : nullptr;
      }
      if (name_size_ < sizeof name_) name_[name_size_++] = c;
      return is(c, kToken) ? nullptr : &kBadTrailer;
    case State::trailer_value:
      if (c == '\r') return state_ = State::trailer_lf, nullptr;
      return is(c, kText) ? nullptr : &kBadTrailer;
    default:
      state_ = State::trailer_first;
      return c == '\n' ? nullptr : &kBadLineEnd;
  }
}

bool ChunkedDecoder::trailer_is_barred() const {
  std::string_view name(name_, name_size_);
  for (std::string_view barred : kBarredTrailers)
    if (equal_ignoring_case(name, barred)) return true;
  return false;
}

}  // namespace hanse::http
