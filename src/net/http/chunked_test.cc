#include "net/http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hanse::http {
namespace {

using namespace std::string_literals;

struct Outcome {
  std::string payload;
  size_t consumed = 0;
  bool done = false;
  int status = 0;  // of the error
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "{" << o.payload << "} " << o.consumed << (o.done ? " done " : " open ") << o.status;
}

// Feeds `text` in the pieces that `cuts` (ascending) make of it.
Outcome decode(const std::string& text, const std::vector<size_t>& cuts = {}) {
  ChunkedDecoder decoder;
  Outcome outcome;
  size_t at = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    size_t end = i < cuts.size() ? cuts[i] : text.size();
    std::vector<char> piece(text.begin() + static_cast<long>(at), text.begin() + static_cast<long>(end));
    auto out = decoder.feed(piece.data(), piece.size());
    if (!out) {
      outcome.status = out.error().http_status();
      return outcome;
    }
    outcome.payload.append(piece.data() + out->begin, out->payload);
    outcome.consumed += out->consumed;
    at = end;
    if (decoder.done()) break;
  }
  outcome.done = decoder.done();
  return outcome;
}

// Uncut, in single bytes, and cut at every place: always the same. (A refused body may have given bytes
// before.)
Outcome decode_all_ways(const std::string& text) {
  Outcome whole = decode(text);
  std::vector<size_t> everywhere;
  for (size_t cut = 1; cut < text.size(); ++cut) {
    everywhere.push_back(cut);
    Outcome parts = decode(text, {cut});
    EXPECT_EQ(parts.status, whole.status) << "cut at " << cut << "\n" << text;
    if (!whole.status) {
      EXPECT_EQ(parts, whole) << "cut at " << cut << "\n" << text;
    }
  }
  Outcome bytes = decode(text, everywhere);
  EXPECT_EQ(bytes.status, whole.status) << text;
  if (!whole.status) {
    EXPECT_EQ(bytes, whole) << text;
  }
  return whole;
}

TEST(Chunked, DecodesInPlace) {
  std::string text = "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\nGET /";
  Outcome outcome = decode_all_ways(text);
  EXPECT_EQ(outcome.payload, "hello world");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(text.substr(outcome.consumed), "GET /");
}

TEST(Chunked, TakesWhatTheRfcAllows) {
  struct {
    std::string text, payload;
  } rows[] = {
      {"0\r\n\r\n", ""},
      {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"0000000000000001\r\nx\r\n000\r\n\r\n", "x"},
      {"1;a;b=c;d=\"e\\\"\xe9 f\"\r\nx\r\n0;last\r\n\r\n", "x"},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
      {"1\r\nx\r\n0\r\nX-Checksum: abc\r\nEmpty:\r\ncontent-length-x: 1\r\n\r\n", "x"},
  };
  for (const auto& row : rows) {
    Outcome outcome = decode_all_ways(row.text);
    EXPECT_EQ(outcome.payload, row.payload) << row.text;
    EXPECT_TRUE(outcome.done) << row.text;
    EXPECT_EQ(outcome.consumed, row.text.size()) << row.text;
  }
}

TEST(Chunked, WaitsForTheEnd) {
  for (const char* text :
       {"", "5", "5\r", "5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", "0\r\n\r", "0\r\nX: y\r\n"}) {
    Outcome outcome = decode_all_ways(text);
    EXPECT_FALSE(outcome.done) << text;
    EXPECT_EQ(outcome.status, 0) << text;
    EXPECT_EQ(outcome.consumed, std::string(text).size()) << text;
  }
}

TEST(Chunked, RefusesWhatLies) {
  const std::string kRows[] = {"\r\n",
                               "g\r\n",
                               "-1\r\n",
                               "+5\r\nhello",
                               "0x5\r\nhello",
                               " 5\r\nhello",
                               "5 \r\nhello",
                               "5\t\r\nhello",
                               "1_0\r\n",
                               "5 ;a\r\nhello",
                               "5\nhello",
                               "5\rhello",
                               "5\r\rhello",
                               "5;\r\nhello",
                               "5;\nhello",
                               "5;a\nhello",
                               "5;a\rX\r\n",
                               "5;a=\r\n",
                               "5;=b\r\n",
                               "5;a b\r\n",
                               "5;bad[=x\r\n",
                               "5;\0ext\r\n"s,
                               "5;a=\"b\r\n\r\n",
                               "5;a=\"b\"c\r\n",
                               "5;a=b=c\r\n",
                               "5; a\r\n",
                               "5;a=\"\x01\"\r\n",
                               ";a\r\n",
                               "5\r\nhello\n0\r\n\r\n",
                               "5\r\nhello\r0\r\n",
                               "5\r\nhello!!\r\n",
                               "5\r\nhello0\r\n\r\n",
                               "8000000000000000\r\n",
                               "ffffffffffffffff\r\n",
                               "10000000000000000\r\n",
                               "00000000000000001\r\nx",
                               "0\r\n\n",
                               "0\n\n",
                               "0\r\n\rX",
                               "0\r\n: x\r\n",
                               "0\r\nX\r\n",
                               "0\r\nX : y\r\n",
                               "0\r\n X: y\r\n",
                               "0\r\nX: y\n\r\n",
                               "0\r\nX: y\rz\r\n",
                               "0\r\nX: \0\r\n"s,
                               "0\r\nX\xc3\xab: y\r\n",
                               "0\r\nContent-Length: 5\r\n\r\n",
                               "0\r\ntransfer-encoding: chunked\r\n\r\n",
                               "0\r\nHOST: x\r\n\r\n",
                               "0\r\nAuthorization: x\r\n\r\n",
                               "0\r\nContent-Type: x\r\n\r\n"};
  for (const auto& text : kRows) EXPECT_EQ(decode_all_ways(text).status, 400) << text;
}

TEST(Chunked, LimitsExtensionsAndTrailers) {
  auto body = [](size_t extension, size_t trailer) {
    return "1;" + std::string(extension, 'a') + "\r\nx\r\n0\r\nX: " + std::string(trailer, 'a') + "\r\n\r\n";
  };
  EXPECT_EQ(decode(body(4000, 4000)).status, 0);
  EXPECT_EQ(decode(body(9000, 1)).status, 400);
  EXPECT_EQ(decode(body(1, 9000)).status, 400);
  EXPECT_EQ(decode(body(5000, 5000)).status, 400);
  std::string drip;  // the limit is on the whole body, not on a chunk
  for (int i = 0; i < 1000; ++i) drip += "1;aaaaaaaaaa\r\nx\r\n";
  EXPECT_EQ(decode(drip).status, 400);
}

}  // namespace
}  // namespace hanse::http
