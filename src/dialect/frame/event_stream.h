// AWS's event streams (application/vnd.amazon.eventstream) as a state machine without I/O: bytes in, messages
// out, whatever the cuts; and the way back.
//
//   event_stream::Parser parser;
//   TRY_VOID(parser.feed(bytes, [&](const event_stream::Message& m) -> Result<void> {
//     std::string_view type = m.text(":event-type");  ... m.payload ... return {}; }));
//   TRY_VOID(parser.finish());                     // the body has ended, so no frame may be cut
//
//   event_stream::Frame frame(out, headers);       // headers: made once by append_header()
//   out += payload;
//   frame.end();                                   // fills in the lengths and both sums
//
// A frame is total length, length of headers, CRC of these two; headers; payload; CRC of all before: numbers
// are big-endian. Nothing is believed before its CRC agrees. A frame that lies whole in one feed is a view
// of it; only a cut tail is copied.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse {

// For Dialect::stream_frame(): just behind the last whole frame in `bytes`, which begin with one; 0 when there
// is none. All of them when they can be no frames, so that whoever reads them next says so.
size_t end_of_last_frame(std::string_view bytes);

namespace event_stream {

inline constexpr std::string_view kContentType = "application/vnd.amazon.eventstream";

enum class HeaderType : uint8_t { yes, no, int8, int16, int32, int64, bytes, text, timestamp, uuid };

struct Header {
  std::string_view name;
  HeaderType type = HeaderType::text;
  std::string_view value;  // as on the wire: numbers big-endian, nothing for yes and no
};

struct Limits {
  size_t headers_bytes = 128 * 1024;  // these two are the vendor's
  size_t payload_bytes = 24 * 1024 * 1024;
};
inline constexpr size_t kHeadersMax = 64;  // in one frame
inline constexpr size_t kOverhead = 16;    // bytes of a frame beside its headers and payload

// Views of the bytes fed, valid during the callback.
struct Message {
  std::span<const Header> headers;
  std::string_view payload;

  // The value of a text header; empty when there is none.
  std::string_view text(std::string_view name) const {
    for (const Header& each : headers)
      if (each.name == name && each.type == HeaderType::text) return each.value;
    return {};
  }
};

class Parser {
 public:
  explicit Parser(Limits limits = {}) : limits_(limits) {}

  // Calls on_message(const Message&) -> Result<void> for each whole frame and stops at its error.
  // malformed_reply: a CRC or a length that is wrong, headers that make no sense, a frame over a limit.
  template <class OnMessage>
  Result<void> feed(std::string_view bytes, OnMessage&& on_message) {
    while (true) {
      if (!tail_.empty()) fill_tail(bytes);
      std::string_view whole = tail_.empty() ? bytes : std::string_view(tail_);
      TRY(size_t size, frame_size(whole));
      if (size == 0 || whole.size() < size) {
        if (!tail_.empty() && !bytes.empty()) continue;  // the prelude is there: now its length is known
        tail_.append(bytes);
        return {};
      }
      TRY_VOID(read(whole.substr(0, size)));
      TRY_VOID(on_message(message_));
      if (tail_.empty())
        bytes.remove_prefix(size);
      else
        tail_.clear();
      prelude_good_ = false;
    }
  }

  // malformed_reply when the bytes ended inside of a frame.
  Result<void> finish() const;
  bool between_frames() const { return tail_.empty(); }

 private:
  // Of the frame at the front; 0 while that isn't known.
  Result<size_t> frame_size(std::string_view bytes);
  Result<void> read(std::string_view frame);
  Result<void> read_headers(std::string_view bytes);
  // Moves what the cut frame lacks to it, or of one without a whole prelude that.
  void fill_tail(std::string_view& bytes);

  Limits limits_;
  std::string tail_;  // a cut frame
  bool prelude_good_ = false;
  std::array<Header, kHeadersMax> headers_;
  Message message_;
};

// Appends a header to a block of them.
void append_header(std::string& block, const Header& header);
void append_header(std::string& block, std::string_view name, std::string_view text);

// A frame around the payload that is appended to `out` while this lives.
class Frame {
 public:
  Frame(std::string& out, std::string_view headers);
  void end();

 private:
  std::string& out_;
  size_t at_;
  size_t headers_bytes_;
};

}  // namespace event_stream
}  // namespace hanse
