#include "net/http/head.h"

#include <gtest/gtest.h>

#include <string>

#include "net/http/head_testing.h"
#include "net/http/scan.h"

namespace hanse::http {
namespace {

using namespace std::string_literals;

std::string request_outcome(std::string_view text) {
  Exact copy(text);
  RequestHead head;
  return outcome(parse_request_head(copy.view(), kLimits, head));
}

RequestHead parsed(std::string_view text) {
  RequestHead head;
  auto size = parse_request_head(text, kLimits, head);
  EXPECT_TRUE(size) << (size ? "" : size.error().message) << "\n" << text;
  if (size) {
    EXPECT_EQ(*size, text.size()) << text;
  }
  return head;
}

TEST(RequestHead, ReadsAnOrdinaryRequest) {
  std::string text =
      "POST /v1/chat/completions?x=1 HTTP/1.1\r\n"
      "Host: api.example.com:8080\r\n"
      "Authorization:Bearer abc\r\n"
      "Content-Type: \t application/json \t\r\n"
      "X-Empty:\r\n"
      "X-Latin: caf\xe9\r\n"
      "Content-Length: 1234\r\n\r\n";
  RequestHead head = parsed(text);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/chat/completions?x=1");
  EXPECT_EQ(head.minor, 1);
  EXPECT_EQ(head.host, "api.example.com:8080");
  EXPECT_EQ(head.content_length, 1234u);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
  ASSERT_EQ(head.headers.size(), 6u);
  EXPECT_EQ(head.headers.get("content-type"), "application/json");
  EXPECT_EQ(head.headers.get("authorization"), "Bearer abc");
  ASSERT_NE(head.headers.find("x-empty"), nullptr);
  EXPECT_EQ(head.headers.get("x-empty"), "");
  EXPECT_EQ(head.headers.get("x-latin"), "caf\xe9");
  EXPECT_EQ(head.headers.find("x-none"), nullptr);
  RequestHead copy = head;
  EXPECT_EQ(copy.headers.get("content-type"), "application/json");
  check_cuts(text, request_outcome);
}

TEST(RequestHead, LeavesTheBytesBehindIt) {
  RequestHead head;
  std::string text = "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(parse_request_head(text + "body", kLimits, head).value(), text.size());
  EXPECT_EQ(parse_request_head(text + "\0\xff"s, kLimits, head).value(), text.size());
}

TEST(RequestHead, HoldsNoViewsIntoBytesThatMayMove) {
  RequestHead head = parsed("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(parse_request_head("GET /y HTTP/1.1\r\nHost: b\r\n", kLimits, head).value(), 0u);
  EXPECT_TRUE(head.method.empty() && head.target.empty() && head.host.empty() && head.headers.empty());
  EXPECT_FALSE(parse_request_head("GET /y HTTP/1.1\r\nHost : b\r\n", kLimits, head));
  EXPECT_EQ(head.target, "/y");
  EXPECT_TRUE(head.host.empty());
}

struct Persistence {
  const char* version;
  const char* connection;
  bool keep_alive;
};

TEST(RequestHead, KnowsWhetherTheConnectionLives) {
  constexpr Persistence kRows[] = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: foo, CLOSE ,bar\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
      {"1.0", "", false},
      {"1.0", "Connection: Keep-Alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
  };
  for (const auto& row : kRows) {
    std::string text = "GET / HTTP/"s + row.version + "\r\nHost: a\r\n" + row.connection + "\r\n";
    EXPECT_EQ(parsed(text).keep_alive, row.keep_alive) << text;
  }
}

TEST(RequestHead, ExpectsToBeToldToContinue) {
  EXPECT_TRUE(parsed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n")
                  .expect_continue);
  EXPECT_FALSE(parsed("POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
                   .expect_continue);
}

struct Target {
  const char* line;
  const char* host;
  const char* target;
};

TEST(RequestHead, TakesEveryFormOfTarget) {
  constexpr Target kRows[] = {
      {"GET http://A.example/x?y", "a.example", "/x?y"},
      {"GET HTTP://a:80/", "a", "/"},
      {"GET http://a", "a:80", "/"},
      {"GET https://a:443/q", "a", "/q"},
      {"OPTIONS http://a", "a", "*"},
      {"OPTIONS *", "a", "*"},
      {"CONNECT a.example:443", "a.example:443", "a.example:443"},
      {"GET http://[::1]:8080/", "[::1]:8080", "/"},
      {"GET /a%20b:c;d=\"{e}|<f>\\^`", "a", "/a%20b:c;d=\"{e}|<f>\\^`"},
      {"GET //a/b", "a", "//a/b"},
  };
  for (const auto& row : kRows) {
    std::string text = std::string(row.line) + " HTTP/1.1\r\nHost: " + row.host + "\r\n\r\n";
    EXPECT_EQ(parsed(text).target, row.target) << text;
    check_cuts(text, request_outcome);
  }
  EXPECT_EQ(parsed("GET http://a/x HTTP/1.0\r\n\r\n").host, "a");
}

// Each is a whole head that must be refused, with its status. "@" stands for "Host: a\r\n".
struct Refused {
  int status;
  std::string text;
};

const Refused kRequestLines[] = {
    {400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
    {400, "GET / HTTP/1.1\rHost: a\r\n\r\n"},
    {400, "GET  / HTTP/1.1\r\n@\r\n"},
    {400, "GET /  HTTP/1.1\r\n@\r\n"},
    {400, "GET / HTTP/1.1 \r\n@\r\n"},
    {400, " GET / HTTP/1.1\r\n@\r\n"},
    {400, "GET\t/ HTTP/1.1\r\n@\r\n"},
    {400, "GET /\tHTTP/1.1\r\n@\r\n"},
    {400, "GET HTTP/1.1\r\n@\r\n"},
    {400, "GET /\r\n\r\n"},
    {400, "GET / \r\n\r\n"},
    {400, "GET /a b HTTP/1.1\r\n@\r\n"},
    {400, "get / HTTP/1.1\r\n@\r\n"},
    {400, "GeT / HTTP/1.1\r\n@\r\n"},
    {400, "G@T / HTTP/1.1\r\n\r\n"},
    {400, "\"GET\" / HTTP/1.1\r\n@\r\n"},
    {400, std::string(33, 'A') + " / HTTP/1.1\r\n@\r\n"},
    {400, "GET / HTTP/1\r\n@\r\n"},
    {400, "GET / HTTP/1.\r\n@\r\n"},
    {400, "GET / HTTP/1.10\r\n@\r\n"},
    {400, "GET / HTTP/11.1\r\n@\r\n"},
    {400, "GET / HTTP/01.1\r\n@\r\n"},
    {400, "GET / HTTP/1,1\r\n@\r\n"},
    {400, "GET / http/1.1\r\n@\r\n"},
    {400, "GET / HTTPS/1.1\r\n@\r\n"},
    {400, "GET / HTTP/ 1.1\r\n@\r\n"},
    {400, "GET / HTTP/1.1X\r\n@\r\n"},
    {505, "GET / HTTP/1.2\r\n@\r\n"},
    {505, "GET / HTTP/2.0\r\n@\r\n"},
    {505, "GET / HTTP/0.9\r\n@\r\n"},
    {505, "GET / HTTP/9.9\r\n@\r\n"},
    {400, "GET /#f HTTP/1.1\r\n@\r\n"},
    {400, "GET /\xc3\xa9 HTTP/1.1\r\n@\r\n"},
    {400, "GET /\0 HTTP/1.1\r\n@\r\n"s},
    {400, "GET /\x7f HTTP/1.1\r\n@\r\n"},
    {400, "GET a HTTP/1.1\r\n@\r\n"},
    {400, "GET * HTTP/1.1\r\n@\r\n"},
    {400, "OPTIONS ** HTTP/1.1\r\n@\r\n"},
    {400, "GET a:443 HTTP/1.1\r\n@\r\n"},
    {400, "CONNECT / HTTP/1.1\r\n@\r\n"},
    {400, "CONNECT a HTTP/1.1\r\n@\r\n"},
    {400, "CONNECT a: HTTP/1.1\r\n@\r\n"},
    {400, "CONNECT http://a:1/ HTTP/1.1\r\n@\r\n"},
    {400, "GET ftp://a/ HTTP/1.1\r\n@\r\n"},
    {400, "GET http:///x HTTP/1.1\r\n@\r\n"},
    {400, "GET http:// HTTP/1.1\r\n@\r\n"},
    {400, "GET http://u@a/ HTTP/1.1\r\n@\r\n"},
    {400, "GET http://b/ HTTP/1.1\r\n@\r\n"},
    {400, "GET http://a:81/ HTTP/1.1\r\n@\r\n"},
    {400, "GET https://a:80/ HTTP/1.1\r\n@\r\n"},
    {400, "GET http://a?x HTTP/1.1\r\n@\r\n"},
    {400, "\nGET / HTTP/1.1\r\n@\r\n"},
    {400, "\rGET / HTTP/1.1\r\n@\r\n"},
    {400, "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n@\r\n"},
    {400, "   \r\n\r\n"},
    {400, "\x16\x03\x01\x02"},
};

const Refused kFields[] = {
    {400, "@X : b\r\n"},
    {400, "@X\t: b\r\n"},
    {400, "@: b\r\n"},
    {400, "@X\r\n"},
    {400, "@X[]: b\r\n"},
    {400, "@X\xc3\xab: b\r\n"},
    {400, "@X Y: b\r\n"},
    {400, "@\0X: b\r\n"s},
    {400, " @"},
    {400, "@X: b\r\n c\r\n"},
    {400, "@X: b\r\n\tc\r\n"},
    {400, "@X:\r\n \r\n"},
    {400, "@X: b\nY: c\r\n"},
    {400, "@X: b\rY: c\r\n"},
    {400, "@X: b\r\r\n"},
    {400, "@X: b\0\r\n"s},
    {400, "@X: b\x07\r\n"},
    {400, "@X: b\x7f\r\n"},
    {400,
     "@X: b\x0b"
     "c\r\n"},
    {400, "@\rX: b\r\n"},
    {400, ""},
    {400, "Host:\r\n"},
    {400, "Host: a\r\nhost: a\r\n"},
    {400, "Host: a\r\nHost: b\r\n"},
    {400, "Host: a, b\r\n"},
    {400, "Host: a b\r\n"},
    {400, "Host: u@a\r\n"},
    {400, "Host: a/b\r\n"},
    {400, "Host: a?b\r\n"},
    {400, "Host: a:b\r\n"},
    {400, "Host: a:123456\r\n"},
    {400, "Host: a:1:2\r\n"},
    {400, "Host: :80\r\n"},
    {400, "Host: [::1\r\n"},
    {400, "Host: [zz::1]\r\n"},
    {400, "Host: [::1]x\r\n"},
    {400, "Host: a\xc3\xa9\r\n"},
    {417, "@Expect: 200-ok\r\n"},
};

const Refused kFraming[] = {
    {400, "@Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
    {400, "@Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"},
    {400, "@Content-Length: 5\r\nContent-Length: 5\r\n"},
    {400, "@Content-Length: 5\r\nContent-Length: 6\r\n"},
    {400, "@Content-Length:\r\n"},
    {400, "@Content-Length: +5\r\n"},
    {400, "@Content-Length: -5\r\n"},
    {400, "@Content-Length: -0\r\n"},
    {400, "@Content-Length: 5,5\r\n"},
    {400, "@Content-Length: 5, 5\r\n"},
    {400, "@Content-Length: 0x5\r\n"},
    {400, "@Content-Length: 0o5\r\n"},
    {400, "@Content-Length: 5x\r\n"},
    {400, "@Content-Length: 1 0\r\n"},
    {400, "@Content-Length: 1_0\r\n"},
    {400, "@Content-Length: 5.0\r\n"},
    {400, "@Content-Length: 005\r\n"},
    {400, "@Content-Length: 00\r\n"},
    {400, "@Content-Length: \"5\"\r\n"},
    {400, "@Content-Length: 9223372036854775808\r\n"},
    {400, "@Content-Length: 18446744073709551616\r\n"},
    {400, "@Content-Length: 99999999999999999999\r\n"},
    {400, "@Content-Length : 5\r\n"},
    {400, "@Content_Length: 5\r\n"},
    {400, "@Transfer_Encoding: chunked\r\n"},
    {501, "@Transfer-Encoding: gzip\r\n"},
    {501, "@Transfer-Encoding: identity\r\n"},
    {400, "@Transfer-Encoding: xchunked\r\n"},
    {400, "@Transfer-Encoding: gzip, chunked\r\n"},
    {400, "@Transfer-Encoding: chunked, gzip\r\n"},
    {400, "@Transfer-Encoding: chunked, chunked\r\n"},
    {400, "@Transfer-Encoding: chunked,\r\n"},
    {400, "@Transfer-Encoding: , chunked\r\n"},
    {400, "@Transfer-Encoding: chunked;q=1\r\n"},
    {400, "@Transfer-Encoding: \"chunked\"\r\n"},
    {400, "@Transfer-Encoding:\r\n"},
    {400, "@Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
    {400, "@Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"},
    {400, "@Transfer-Encoding:\r\n chunked\r\n"},
    {400,
     "@Transfer-Encoding: \x0b"
     "chunked\r\n"},
    {400, "@Transfer-Encoding: chunked\0\r\n"s},
    {400, "@Transfer-Encoding : chunked\r\n"},
    {400, "@Transfer-Encoding: chunked \r\n"},
    {400, "@Transfer-Encoding: chunked\t\r\n"},
};

std::string with_host(std::string text) {
  size_t at = text.find('@');
  bool is_mark = at != text.npos && (at == 0 || text[at - 1] == '\n' || text[at - 1] == ' ');
  return is_mark ? text.replace(at, 1, "Host: a\r\n") : text;
}

void expect_refused(int status, const std::string& text) {
  RequestHead head;
  auto size = parse_request_head(text, kLimits, head);
  ASSERT_FALSE(size) << text;
  EXPECT_EQ(size.error().http_status(), status) << size.error().message << "\n" << text;
  check_cuts(text, request_outcome);
}

TEST(RequestHead, RefusesRequestLinesThatLie) {
  for (const Refused& row : kRequestLines) expect_refused(row.status, with_host(row.text));
}

TEST(RequestHead, RefusesFieldsThatLie) {
  for (const Refused& row : kFields)
    expect_refused(row.status, "GET / HTTP/1.1\r\n" + with_host(row.text) + "\r\n");
}

TEST(RequestHead, RefusesFramingThatLies) {
  for (const Refused& row : kFraming)
    expect_refused(row.status, "POST / HTTP/1.1\r\n" + with_host(row.text) + "\r\n");
  expect_refused(400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(RequestHead, TakesWhatIsOddButClear) {
  EXPECT_TRUE(parsed("POST / HTTP/1.1\r\nHost:a\r\ntransfer-encodinG:  CHUNKED\r\n\r\n").chunked);
  EXPECT_EQ(
      parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n").content_length,
      INT64_MAX);
  EXPECT_EQ(parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").content_length, 0u);
  EXPECT_EQ(parsed("M-SEARCH / HTTP/1.1\r\nHost: [2001:db8::1.2.3.4]:80\r\n\r\n").method, "M-SEARCH");
  EXPECT_EQ(parsed("GET / HTTP/1.0\r\n\r\n").host, "");
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\nHost: a_b.c:\r\n\r\n").host, "a_b.c:");
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\nhoSt:\ta\r\nempty:\r\n\r\n").host, "a");
}

TEST(RequestHead, KeepsItsLimits) {
  RequestHead head;
  auto status = [&](const std::string& text, HeadLimits limits) {
    auto size = parse_request_head(text, limits, head);
    return size ? static_cast<int>(*size ? 200 : 0) : size.error().http_status();
  };
  std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  HeadLimits small{.bytes = 100, .headers = 3, .target = 10};
  EXPECT_EQ(status(get + "B: 1\r\nC: 1\r\n\r\n", small), 200);
  EXPECT_EQ(status(get + "B: 1\r\nC: 1\r\nD: 1\r\n\r\n", small), 431);
  EXPECT_EQ(status(get + "B: " + std::string(200, 'x'), small), 431);
  EXPECT_EQ(status(get + "B: " + std::string(100 - get.size() - 3 - 4, 'x') + "\r\n\r\n", small), 200);
  EXPECT_EQ(status(get + "B: " + std::string(100 - get.size() - 3 - 3, 'x') + "\r\n\r\n", small), 431);
  EXPECT_EQ(status("GET /23456789a HTTP/1.1\r\nHost: a\r\n\r\n", {.target = 10}), 200);
  EXPECT_EQ(status("GET /23456789a HTTP/1.1\r\nHost: a\r\n\r\n", {.target = 9}), 414);
  EXPECT_EQ(status("GET /23456789a", {.target = 9}), 414);
  EXPECT_EQ(status("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", kLimits), 414);
  EXPECT_EQ(status("GET /" + std::string(7'900, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", kLimits), 200);
  EXPECT_EQ(status(get + std::string(100'000, 'a') + ": b\r\n\r\n", kLimits), 431);
  EXPECT_EQ(status(std::string(100'000, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", kLimits), 400);
  std::string many = get;
  for (int i = 0; i < 127; ++i) many += "x: y\r\n";
  EXPECT_EQ(status(many + "\r\n", {.headers = 1000}), 200);
  EXPECT_EQ(status(many + "x: y\r\n\r\n", {.headers = 1000}), 431);
}

// ---- the rest

TEST(Preface, IsSeenWholeAndCut) {
  std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (size_t size = 3; size <= preface.size(); ++size)
    EXPECT_TRUE(is_h2_preface_prefix(preface.substr(0, size)));
  EXPECT_TRUE(is_h2_preface_prefix(std::string(preface) + "\0\0\0"s));
  for (std::string_view other : {"", "P", "PR", "POST", "PRO", "PRI * HTTP/1.1\r\n", "GET"})
    EXPECT_FALSE(is_h2_preface_prefix(other)) << other;
}

TEST(Scan, SimdAgreesWithThePortableTwin) {
  for (int c = 0; c < 256; ++c)
    for (size_t size : {1u, 15u, 16u, 17u, 31u, 40u})
      for (size_t at = 0; at < size; ++at) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(c);
        const char *begin = text.data(), *end = begin + size;
        ASSERT_EQ(skip<kText>(begin, end), skip_portable<kText>(begin, end)) << c << " at " << at;
        ASSERT_EQ(skip<kTarget>(begin, end), skip_portable<kTarget>(begin, end)) << c << " at " << at;
        ASSERT_EQ(skip<kToken>(begin, end), skip_portable<kToken>(begin, end)) << c << " at " << at;
      }
}

}  // namespace
}  // namespace hanse::http
