#include "dialect/frame/event_stream.h"

#include "base/assert.h"
#include "base/crc32.h"

namespace hanse {
namespace event_stream {
namespace {

constexpr size_t kPrelude = 12;  // both lengths and their CRC
constexpr size_t kCrc = 4;

uint32_t number(std::string_view bytes, size_t at) {
  auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(bytes[at + i])}; };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

void put_number(char* at, uint32_t n) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(n >> (24 - 8 * i));
}

Failed malformed(std::string_view what) {
  return fail(Code::malformed_reply, "the provider's event stream is broken: " + std::string(what));
}

// Bytes of a value of this type; kVaries where two bytes before it say so.
constexpr size_t kVaries = SIZE_MAX;
constexpr size_t kValueSizes[] = {0, 0, 1, 2, 4, 8, kVaries, kVaries, 8, 16};

// How many bytes of headers and payload a frame of these lengths has; nothing when they contradict each other.
bool lengths_agree(uint32_t total, uint32_t headers) {
  return total >= kOverhead && headers <= total - kOverhead;
}

}  // namespace

Result<size_t> Parser::frame_size(std::string_view bytes) {
  if (bytes.size() < kPrelude) return size_t{0};
  const uint32_t total = number(bytes, 0), headers = number(bytes, 4);
  if (prelude_good_) return size_t{total};
  if (crc32(bytes.substr(0, 8)) != number(bytes, 8)) return malformed("Prelude checksum mismatch");
  if (!lengths_agree(total, headers)) return malformed("the lengths of a frame contradict each other");
  if (headers > limits_.headers_bytes) return malformed("the headers of a frame are over the limit");
  if (total - headers - kOverhead > limits_.payload_bytes) return malformed("a frame is over the limit");
  prelude_good_ = true;
  return size_t{total};
}

Result<void> Parser::read(std::string_view frame) {
  const size_t end = frame.size() - kCrc;
  if (crc32(frame.substr(0, end)) != number(frame, end)) return malformed("Message checksum mismatch");
  const size_t headers = number(frame, 4);
  TRY_VOID(read_headers(frame.substr(kPrelude, headers)));
  message_.payload = frame.substr(kPrelude + headers, end - kPrelude - headers);
  return {};
}

Result<void> Parser::read_headers(std::string_view bytes) {
  size_t count = 0;
  while (!bytes.empty()) {
    if (count == kHeadersMax) return malformed("a frame has too many headers");
    Header& header = headers_[count];
    const size_t name = static_cast<unsigned char>(bytes[0]);
    if (name == 0 || bytes.size() < 1 + name + 1) return malformed("a header has no name");
    header.name = bytes.substr(1, name);
    const size_t type = static_cast<unsigned char>(bytes[1 + name]);
    if (type >= std::size(kValueSizes)) return malformed("a header is of an unknown type");
    header.type = static_cast<HeaderType>(type);
    bytes.remove_prefix(1 + name + 1);
    size_t size = kValueSizes[type];
    if (size == kVaries) {
      if (bytes.size() < 2) return malformed("a header is cut");
      size = size_t{static_cast<unsigned char>(bytes[0])} << 8 | static_cast<unsigned char>(bytes[1]);
      bytes.remove_prefix(2);
    }
    if (bytes.size() < size) return malformed("a header is cut");
    header.value = bytes.substr(0, size);
    bytes.remove_prefix(size);
    for (size_t i = 0; i < count; ++i)
      if (headers_[i].name == header.name) return malformed("a frame has a header twice");
    ++count;
  }
  message_.headers = {headers_.data(), count};
  return {};
}

void Parser::fill_tail(std::string_view& bytes) {
  const size_t wanted = tail_.size() < kPrelude ? kPrelude : number(tail_, 0);
  std::string_view part = bytes.substr(0, wanted - tail_.size());
  tail_.append(part);
  bytes.remove_prefix(part.size());
}

Result<void> Parser::finish() const {
  if (tail_.empty()) return {};
  return malformed("it ends inside of a frame");
}

void append_header(std::string& block, const Header& header) {
  HANSE_ASSERT(!header.name.empty() && header.name.size() < 256 && header.value.size() < 65536);
  block.append(1, static_cast<char>(header.name.size())).append(header.name);
  block.append(1, static_cast<char>(header.type));
  if (kValueSizes[static_cast<size_t>(header.type)] == kVaries)
    block.append(1, static_cast<char>(header.value.size() >> 8))
        .append(1, static_cast<char>(header.value.size()));
  block.append(header.value);
}

void append_header(std::string& block, std::string_view name, std::string_view text) {
  append_header(block, {name, HeaderType::text, text});
}

Frame::Frame(std::string& out, std::string_view headers)
    : out_(out), at_(out.size()), headers_bytes_(headers.size()) {
  out_.append(kPrelude, '\0').append(headers);
}

void Frame::end() {
  out_.append(kCrc, '\0');
  char* frame = out_.data() + at_;
  const size_t total = out_.size() - at_;
  put_number(frame, static_cast<uint32_t>(total));
  put_number(frame + 4, static_cast<uint32_t>(headers_bytes_));
  put_number(frame + 8, crc32({frame, 8}));
  put_number(frame + total - kCrc, crc32({frame, total - kCrc}));
}

}  // namespace event_stream

size_t end_of_last_frame(std::string_view bytes) {
  using namespace event_stream;
  size_t at = 0;
  while (bytes.size() - at >= kPrelude) {
    const uint32_t total = number(bytes, at), headers = number(bytes, at + 4);
    if (!lengths_agree(total, headers) || crc32(bytes.substr(at, 8)) != number(bytes, at + 8))
      return bytes.size();
    if (bytes.size() - at < total) break;
    at += total;
  }
  return at;
}

}  // namespace hanse
