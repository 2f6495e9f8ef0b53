#include "net/http/head.h"

#include <gtest/gtest.h>

#include <string>

#include "net/http/head_testing.h"

namespace hanse::http {
namespace {

using namespace std::string_literals;

std::string response_outcome(std::string_view text) {
  Exact copy(text);
  ResponseHead head;
  return outcome(parse_response_head(copy.view(), kLimits, "GET", head));
}

ResponseHead answered(std::string_view text, std::string_view method = "GET") {
  ResponseHead head;
  auto size = parse_response_head(text, kLimits, method, head);
  EXPECT_TRUE(size && *size == text.size()) << (size ? "cut" : size.error().message) << "\n" << text;
  check_cuts(text, response_outcome);
  return head;
}

TEST(ResponseHead, ReadsOrdinaryAnswers) {
  ResponseHead head = answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.reason, "OK");
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.headers.get("x"), "y");

  head = answered("HTTP/1.1 429 Too Many \xe9\r\ntransfer-encoding: Chunked\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(head.reason, "Too Many \xe9");
  EXPECT_TRUE(head.chunked);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(answered("HTTP/1.1 200\r\n\r\n").reason, "");
  EXPECT_EQ(answered("HTTP/1.1 200 \r\n\r\n").reason, "");
}

TEST(ResponseHead, ReadsUntilTheCloseWithoutLength) {
  ResponseHead head = answered("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_FALSE(head.content_length);
  EXPECT_FALSE(head.chunked);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(answered("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n").keep_alive);
  EXPECT_FALSE(answered("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").keep_alive);
}

TEST(ResponseHead, KnowsAnswersWithoutBody) {
  for (const char* line : {"HTTP/1.1 100 Continue", "HTTP/1.1 103 Early Hints", "HTTP/1.1 204 No Content",
                           "HTTP/1.1 304 Not Modified"}) {
    ResponseHead head = answered(std::string(line) + "\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(head.content_length, 0u) << line;
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(answered(std::string(line) + "\r\nTransfer-Encoding: chunked\r\n\r\n").chunked);
  }
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD").content_length, 0u);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\n", "CONNECT").content_length, 0u);
  EXPECT_EQ(answered("HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n", "CONNECT").content_length, 5u);
}

TEST(ResponseHead, RefusesAnswersThatLie) {
  const std::string kRows[] = {"HTTP/1.1  200 OK\r\n\r\n",
                               "HTTP/1.1 20 OK\r\n\r\n",
                               "HTTP/1.1 2000 OK\r\n\r\n",
                               "HTTP/1.1 abc\r\n\r\n",
                               "HTTP/1.1 099 OK\r\n\r\n",
                               "HTTP/2 200\r\n\r\n",
                               "HTTP/2.0 200 OK\r\n\r\n",
                               "HTTP/1.10 200 OK\r\n\r\n",
                               "http/1.1 200 OK\r\n\r\n",
                               "<html>",
                               "\r\nHTTP/1.1 200 OK\r\n\r\n",
                               "HTTP/1.1 200 OK\n\n",
                               "HTTP/1.1 200 O\0K\r\n\r\n"s,
                               "HTTP/1.1 200 OK\rX: y\r\n\r\n",
                               "HTTP/1.1\r\n\r\n",
                               "HTTP/1.1 \r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                               "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nX: y\nZ: y\r\n\r\n"};
  for (const auto& text : kRows) {
    ResponseHead head;
    auto size = parse_response_head(text, kLimits, "GET", head);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error().code, Code::malformed_reply) << text;
    check_cuts(text, response_outcome);
  }
}

}  // namespace
}  // namespace hanse::http
