// AWS's event streams: the vendor's own vectors both ways, every cut, every broken byte, every limit.
#include "dialect/frame/event_stream.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <vector>

#include "base/base64.h"
#include "base/crc32.h"
#include "base/json.h"
#include "base/oracles_testing.h"

namespace hanse::event_stream {
namespace {

struct Seen {
  std::string headers;  // as they stood on the wire
  std::string payload;
  friend bool operator==(const Seen&, const Seen&) = default;
};
struct Read {
  std::vector<Seen> messages;
  std::string error;  // empty: all was good
  friend bool operator==(const Read&, const Read&) = default;
};

Read parse(std::string_view bytes, size_t first, size_t step, Limits limits = {}) {
  Read out;
  Parser parser(limits);
  auto keep = [&](const Message& message) -> Result<void> {
    Seen& seen = out.messages.emplace_back();
    for (const Header& each : message.headers) append_header(seen.headers, each);
    seen.payload = message.payload;
    return {};
  };
  for (size_t piece = first; !bytes.empty(); piece = step) {
    if (auto good = parser.feed(bytes.substr(0, piece), keep); !good)
      return out.error = good.error().message, out;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (auto good = parser.finish(); !good) out.error = good.error().message;
  return out;
}
Read parse(std::string_view bytes, Limits limits = {}) { return parse(bytes, SIZE_MAX, SIZE_MAX, limits); }

std::string framed(std::string_view headers, std::string_view payload) {
  std::string out;
  Frame frame(out, headers);
  out += payload;
  frame.end();
  return out;
}

std::string big_endian(int64_t n, size_t size) {
  std::string out;
  for (size_t i = size; i-- > 0;) out += static_cast<char>(static_cast<uint64_t>(n) >> (8 * i));
  return out;
}

std::string from_base64(json::Value text) {
  std::string out;
  EXPECT_TRUE(append_from_base64(text.string(), out)) << text.string();
  return out;
}

// A vector's header as it stands on the wire.
std::string value_of(json::Value header, HeaderType type) {
  json::Value value = header["value"];
  switch (type) {
    case HeaderType::yes:
    case HeaderType::no:
      EXPECT_EQ(*value.boolean(), type == HeaderType::yes);
      return {};
    case HeaderType::int8:
      return big_endian(*value.integer(), 1);
    case HeaderType::int16:
      return big_endian(*value.integer(), 2);
    case HeaderType::int32:
      return big_endian(*value.integer(), 4);
    case HeaderType::int64:
    case HeaderType::timestamp:
      return big_endian(*value.integer(), 8);
    case HeaderType::bytes:
    case HeaderType::text:
    case HeaderType::uuid:
      return from_base64(value);
  }
  return {};
}

TEST(EventStream, VectorsBothWays) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/eventstream");
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "encoded/positive")) {
    const std::string name = entry.path().filename(), wire = read_whole(entry.path());
    const std::string text = read_whole(folder / "decoded/positive" / name);
    json::Document document;
    auto root = document.parse(text, 16);
    ASSERT_TRUE(root) << name;
    std::string block;
    for (json::Value header : (*root)["headers"]) {
      auto type = static_cast<HeaderType>(*header["type"].integer());
      append_header(block, {header["name"].string(), type, value_of(header, type)});
    }
    const std::string payload = from_base64((*root)["payload"]);
    EXPECT_EQ(parse(wire), (Read{{{block, payload}}, ""})) << name;
    EXPECT_EQ(framed(block, payload), wire) << name;
    EXPECT_EQ(static_cast<int64_t>(wire.size()), *(*root)["total_length"].integer()) << name;
    EXPECT_EQ(static_cast<int64_t>(block.size()), *(*root)["headers_length"].integer()) << name;
    EXPECT_EQ(static_cast<int32_t>(crc32(std::string_view(wire).substr(0, wire.size() - 4))),
              *(*root)["message_crc"].integer())
        << name;
    ++count;
  }
  EXPECT_EQ(count, 5u);
}

TEST(EventStream, VectorsOfBrokenFrames) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/eventstream");
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "encoded/negative")) {
    const std::string name = entry.path().filename(), wire = read_whole(entry.path());
    std::string wanted = read_whole(folder / "decoded/negative" / name);
    wanted.resize(wanted.find_last_not_of(" \r\n") + 1);
    const Read read = parse(wire);
    EXPECT_TRUE(read.messages.empty()) << name;
    EXPECT_NE(read.error.find(wanted), std::string::npos) << name << ": " << read.error;
    EXPECT_EQ(parse(wire, 1, 1), read) << name;
    ++count;
  }
  EXPECT_EQ(count, 4u);
}

// Into two pieces at every byte, into pieces of every size up to 64, and byte by byte.
void expect_at_every_cut(const std::string& wire, const Read& expected, const std::string& name) {
  for (size_t first = 0; first <= wire.size(); ++first)
    ASSERT_EQ(parse(wire, first, SIZE_MAX), expected) << name << " cut at " << first;
  for (size_t step = 1; step <= 64; ++step)
    ASSERT_EQ(parse(wire, step, step), expected) << name << " cut each " << step;
}

TEST(EventStream, BedrockVectorsAtEveryCutAndWrittenAgain) {
  HANSE_ORACLES_OR_SKIP(folder, "vectors/eventstream-bedrock");
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename(), wire = read_whole(entry.path());
    const Read read = parse(wire);
    EXPECT_EQ(read.error, "") << name;
    EXPECT_GE(read.messages.size(), 5u) << name;
    expect_at_every_cut(wire, read, name);
    std::string again;
    for (const Seen& seen : read.messages) again += framed(seen.headers, seen.payload);
    EXPECT_EQ(again, wire) << name;
    count += read.messages.size();
  }
  std::cout << "counted: " << count << " frames of Bedrock's vectors\n";
  EXPECT_GE(count, 25u);
}

// Every event stream of the recordings: all CRCs are right, and what is written again is the same.
TEST(EventStream, RecordedStreamsAreReadAndWrittenAgain) {
  HANSE_ORACLES_OR_SKIP(folder, "recordings");
  size_t streams = 0, frames = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string text = read_whole(entry.path());
    if (text.find(kContentType) == std::string::npos) continue;
    json::Document document;
    auto root = document.parse(text, 200);
    ASSERT_TRUE(root) << entry.path();
    for (json::Value one : (*root)["interactions"]) {
      json::Value headers = one["response"]["headers"];
      std::string type = headers["Content-Type"].string() + headers["content-type"].string();
      if (type.find(kContentType) == std::string::npos) continue;
      const std::string wire = from_base64(one["response"]["body_base64"]);
      const Read read = parse(wire);
      EXPECT_EQ(read.error, "") << entry.path();
      EXPECT_EQ(parse(wire, 1, 1), read) << entry.path();
      std::string again;
      for (const Seen& seen : read.messages) again += framed(seen.headers, seen.payload);
      EXPECT_EQ(again, wire) << entry.path();
      EXPECT_EQ(end_of_last_frame(wire), wire.size()) << entry.path();
      ++streams;
      frames += read.messages.size();
    }
  }
  std::cout << "counted: " << streams << " recorded streams, " << frames << " frames\n";
  EXPECT_GE(streams, 23u);
  EXPECT_GE(frames, 442u);
}

std::string event(std::string_view payload) {
  std::string headers;
  append_header(headers, ":event-type", "chunk");
  append_header(headers, ":message-type", "event");
  return framed(headers, payload);
}

TEST(EventStream, TextsOfHeaders) {
  std::string headers;
  append_header(headers, {"n", HeaderType::int8, "7"});
  append_header(headers, "t", "seven");
  const std::string wire = framed(headers, "p");
  Parser parser;
  size_t messages = 0;
  ASSERT_TRUE(parser.feed(wire, [&](const Message& message) -> Result<void> {
    EXPECT_EQ(message.text("t"), "seven");
    EXPECT_EQ(message.text("n"), "") << "a number is no text";
    EXPECT_EQ(message.text("other"), "");
    EXPECT_EQ(message.payload, "p");
    return ++messages, Result<void>();
  }));
  EXPECT_EQ(messages, 1u);
}

TEST(EventStream, NoBrokenByteIsBelieved) {
  const std::string first = event("{\"a\":1}"), wire = first + event("{\"b\":2}");
  const Read whole = parse(wire);
  ASSERT_EQ(whole.messages.size(), 2u);
  for (size_t at = 0; at < wire.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = wire;
      broken[at] = static_cast<char>(broken[at] ^ 1 << bit);
      const Read read = parse(broken);
      ASSERT_NE(read.error, "") << "byte " << at << " bit " << bit;
      ASSERT_EQ(read.messages.size(), at < first.size() ? 0u : 1u);
      ASSERT_EQ(parse(broken, 5, 5), read);
    }
}

TEST(EventStream, NoCutIsAnEnd) {
  const std::string wire = event("{}") + event("{}");
  for (size_t size = 1; size < wire.size(); ++size) {
    const Read read = parse(wire.substr(0, size));
    if (size == wire.size() / 2)
      EXPECT_EQ(read.error, "");
    else
      EXPECT_NE(read.error.find("inside of a frame"), std::string::npos) << size;
    EXPECT_EQ(read.messages.size(), size < wire.size() / 2 ? 0u : 1u);
  }
}

// Lengths that their own CRC agrees with.
std::string prelude(uint32_t total, uint32_t headers) {
  std::string out = big_endian(total, 4) + big_endian(headers, 4);
  return out + big_endian(crc32(out), 4);
}

TEST(EventStream, LengthsAndLimits) {
  const std::pair<std::string, std::string_view> rows[] = {
      {prelude(0, 0), "contradict"},
      {prelude(15, 0), "contradict"},
      {prelude(16, 1), "contradict"},
      {prelude(100, 85), "contradict"},
      {prelude(UINT32_MAX, UINT32_MAX), "contradict"},
      {prelude(UINT32_MAX, 0), "over the limit"},
      {prelude((24 << 20) + 17, 0), "over the limit"},
      {prelude((24 << 20) + 16, 0), "inside of a frame"},
      {prelude((128 << 10) + 17, (128 << 10) + 1), "over the limit"},
      {prelude((128 << 10) + 16, 128 << 10), "inside of a frame"},
  };
  for (const auto& [wire, wanted] : rows) {
    EXPECT_NE(parse(wire).error.find(wanted), std::string::npos) << parse(wire).error;
    EXPECT_EQ(parse(wire, 1, 1), parse(wire));
  }
  const std::string wire = event("12345678");
  EXPECT_EQ(parse(wire, {.payload_bytes = 8}).error, "");
  EXPECT_NE(parse(wire, {.payload_bytes = 7}).error, "");
}

TEST(EventStream, HeadersThatMakeNoSense) {
  auto header = [](std::string_view name, std::string_view value) {
    std::string out;
    append_header(out, name, value);
    return out;
  };
  auto count = [&](size_t n) {
    std::string out;
    for (size_t i = 0; i < n; ++i) out += header("h" + std::to_string(i), "v");
    return out;
  };
  const std::pair<std::string, std::string_view> rows[] = {
      {std::string("\0\7\0\0", 4), "no name"},
      {std::string("\1", 1), "no name"},
      {std::string("\1a", 2), "no name"},
      {std::string("\1a\12", 3), "unknown type"},
      {std::string("\1a\377", 3), "unknown type"},
      {std::string("\1a\7", 3), "cut"},
      {std::string("\1a\7\0", 4), "cut"},
      {std::string("\1a\7\0\2x", 6), "cut"},
      {std::string("\1a\4\0\0\0", 6), "cut"},
      {std::string("\1a\11", 3) + std::string(15, 'u'), "cut"},
      {header("a", "1") + header("b", "2") + header("a", "3"), "twice"},
      {count(kHeadersMax + 1), "too many"},
      {count(kHeadersMax), ""},
  };
  for (const auto& [headers, wanted] : rows) {
    const Read read = parse(framed(headers, "{}"));
    EXPECT_EQ(read.error.empty(), wanted.empty()) << read.error;
    EXPECT_NE(read.error.find(wanted), std::string::npos) << read.error;
  }
}

TEST(EventStream, WholeFramesOfWhatPasses) {
  const std::string one = event("{}"), wire = one + event("{\"more\":true}") + one;
  for (size_t size = 0; size <= wire.size(); ++size) {
    size_t expected = 0;
    for (size_t end : {one.size(), wire.size() - one.size(), wire.size()})
      if (end <= size) expected = end;
    EXPECT_EQ(end_of_last_frame(wire.substr(0, size)), expected) << size;
  }
  EXPECT_EQ(end_of_last_frame(one + "data: {}\n\ndata"), one.size() + 14) << "no frame: whoever reads it says so";
  EXPECT_EQ(end_of_last_frame(prelude(7, 0)), 12u);
}

TEST(EventStream, AnErrorOfTheReaderStopsIt) {
  const std::string wire = event("1") + event("2");
  Parser parser;
  size_t messages = 0;
  auto good = parser.feed(wire, [&](const Message&) -> Result<void> {
    ++messages;
    return fail(Code::cancelled, "enough");
  });
  EXPECT_FALSE(good);
  EXPECT_EQ(messages, 1u);
}

}  // namespace
}  // namespace hanse::event_stream
