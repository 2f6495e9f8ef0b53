#include "base/url.h"

#include <gtest/gtest.h>

namespace hanse {
namespace {

TEST(Url, TakesApartWhatProvidersHave) {
  auto url = parse_url("https://api.example.com/v1/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->path, "/v1");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->host_header(), "api.example.com");
  auto local = parse_url("http://[::1]:8000");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->host, "::1");
  EXPECT_EQ(local->host_header(), "[::1]:8000");
  EXPECT_FALSE(local->tls);
}

TEST(Url, RefusesTheRest) {
  for (const char* bad : {"", "api.example.com", "ftp://x", "http://", "http://:80", "http://x:0",
                          "http://x:70000", "http://x:", "http://u:p@x", "http://x/a?b", "http://x/a#b",
                          "http://x/a b", "http://x\r\nevil: 1", "http://[::1", "http://[]", "http://a b/"})
    EXPECT_FALSE(parse_url(bad)) << bad;
}

TEST(Url, ReadsListenAddresses) {
  EXPECT_EQ(parse_host_port("0.0.0.0:80")->host, "0.0.0.0");
  EXPECT_EQ(parse_host_port("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_host_port("8080")->port, 8080);
  EXPECT_EQ(parse_host_port(":8080")->host, "127.0.0.1");
  for (const char* bad : {"", "localhost", "x:", "x:70000", "x:1x", "[::1]8"})
    EXPECT_FALSE(parse_host_port(bad)) << bad;
}

}  // namespace
}  // namespace hanse
