#include "sim/echo.h"

#include <gtest/gtest.h>

#include "net/exchange_testing.h"

namespace hanse::sim {
namespace {

using net::FakeExchange;

TEST(Echo, GivesTheBodyBack) {
  Echo echo;
  for (std::string_view method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    FakeExchange exchange(method, "/any/path?q=1", "hello");
    exchange.with("Content-Type", "text/x-mine");
    run(echo, exchange);
    EXPECT_EQ(exchange.status, 200) << method;
    EXPECT_EQ(exchange.body, "hello");
    EXPECT_EQ(exchange.header("content-type"), "text/x-mine");
  }
  FakeExchange empty("GET", "/");
  run(echo, empty);
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.header("content-type"), "text/plain");
}

TEST(Echo, ShowsHeadersAndCookies) {
  Echo echo;
  FakeExchange headers("GET", "/echo");
  headers.with("Host", "here").with("COOKIE", "a=1");
  run(echo, headers);
  EXPECT_EQ(headers.body, "Host: here\nCOOKIE: a=1\n");
  FakeExchange cookies("GET", "/cookie");
  cookies.with("Cookie", "a=1; b=hello world;c=x=y;; =nope; d=").with("cookie", "e=5");
  run(echo, cookies);
  EXPECT_EQ(cookies.body, "a=1\nb=hello world\nc=x=y\nd=\ne=5\n");
}

TEST(Echo, KnowsItsMethods) {
  Echo echo;
  for (auto [method, status] : {std::pair("TRACE", 405), std::pair("CONNECT", 501), std::pair("FOOBAR", 501),
                                std::pair("OPTIONS", 204)}) {
    FakeExchange exchange(method, "/");
    run(echo, exchange);
    EXPECT_EQ(exchange.status, status) << method;
    EXPECT_EQ(!exchange.header("allow").empty(), status != 501) << method;
  }
  FakeExchange page("GET", "/h2spec");
  run(echo, page);
  EXPECT_GE(page.body.size(), 4096u);
}

}  // namespace
}  // namespace hanse::sim
