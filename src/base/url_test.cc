#include "base/url.h"

#include <gtest/gtest.h>

#include "base/secret.h"

namespace hanse {
namespace {

TEST(Url, TakesApartWhatProvidersHave) {
  auto url = parse_url("https://api.example.com/v1/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->text, "https://api.example.com/v1");
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->path, "/v1");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->host_header(), "api.example.com");
  auto local = parse_url("HTTP://[::1]:8000");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->text, "http://[::1]:8000");
  EXPECT_EQ(local->host, "::1");
  EXPECT_EQ(local->host_header(), "[::1]:8000");
  EXPECT_FALSE(local->tls);
  EXPECT_EQ(parse_url("http://x:80/")->host_header(), "x");
  EXPECT_EQ(parse_url("https://x:80")->host_header(), "x:80");
}

TEST(Url, SaysWhatIsWrong) {
  struct Case {
    std::string_view text, message;
  } cases[] = {
      {"", "'': a URL starts with http:// or https://"},
      {"api.example.com", "'api.example.com': a URL starts with http:// or https://"},
      {"ftp://x", "'ftp://x': a URL starts with http:// or https://"},
      {"http://", "'http://': the host is missing"},
      {"https:///v1", "'https:///v1': the host is missing"},
      {"http://:80", "'http://:80': the host is missing"},
      {"http://x:0", "'http://x:0': port 0 can't be called"},
      {"http://x:70000", "'http://x:70000': the port must be a number up to 65535"},
      {"http://x:-1", "'http://x:-1': the port must be a number up to 65535"},
      {"http://x:", "'http://x:': a port must stand behind ':'"},
      {"http://x/a#b", "'http://x/a...': a base URL has no query and no fragment"},
      {"http://x/a b", "'http://x/a b': the path has a byte that none may have"},
      {"http://x\r\nevil: 1", "'http://x  evil: 1': the host name has a byte that none may have"},
      {"http://x/\r\nevil: 1", "'http://x/  evil: 1': the path has a byte that none may have"},
      {"http://[::1", "'http://[::1': the IPv6 address in brackets is wrong"},
      {"http://[]", "'http://[]': the IPv6 address in brackets is wrong"},
      {"http://[::1]8", "'http://[::1]8': wanted ':' behind ']'"},
      {"http://a b/", "'http://a b/': the host name has a byte that none may have"},
  };
  for (const Case& c : cases) {
    auto url = parse_url(c.text);
    EXPECT_EQ(url ? "good" : url.error().message, c.message);
  }
  EXPECT_FALSE(parse_url("http://" + std::string(254, 'a')));
  EXPECT_FALSE(parse_url("http://a/" + std::string(2048, 'a')));
}

TEST(Url, MessagesShowNoCredential) {
  for (const char* bad : {"https://x/v1?key=sk-123", "https://me:sk-123@x", "me:sk-123@x", "ftp://sk-123@x",
                          "https://x/#sk-123", "https://x/v 1?key=sk-123"}) {
    auto url = parse_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().message.find("sk-123"), std::string::npos) << url.error().message;
  }
}

TEST(Url, KnowsIpv6Literals) {
  for (const char* good : {"[::]", "[::1]", "[1::]", "[fe80::1:2]", "[1:2:3:4:5:6:7:8]", "[::ffff:127.0.0.1]",
                           "[1:2:3:4:5:6:1.2.3.4]", "[1::3:4:5:6:7:8]", "[ABCD:ef01::]"})
    EXPECT_TRUE(parse_url(std::string("http://") + good)) << good;
  for (const char* bad :
       {"[:]", "[:::]", "[1]", "[abc]", "[1::2::3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[12345::]",
        "[::g]", "[1:]", "[:1]", "[1:2:3:4:5:6:7:8::]", "[::1.2.3]", "[::1.2.3.256]",
        "[1:2:3:4:5:6:7:1.2.3.4]", "[1.2.3.4]", "[::1.2.3.4:5]", "[fe80::1%1]"})
    EXPECT_FALSE(parse_url(std::string("http://") + bad)) << bad;
}

TEST(Url, ReadsListenAddresses) {
  EXPECT_EQ(parse_host_port("0.0.0.0:80")->host, "0.0.0.0");
  EXPECT_EQ(parse_host_port("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_host_port("8080")->port, 8080);
  EXPECT_EQ(parse_host_port(":8080")->host, "127.0.0.1");
  for (const char* bad : {"", "localhost", "x:", "x:70000", "x:1x", "[::1]8", "::1:80"})
    EXPECT_FALSE(parse_host_port(bad)) << bad;
}

TEST(Url, LoopbackIsWhatCannotBeReachedFromElsewhere) {
  for (const char* yes : {"localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"})
    EXPECT_TRUE(is_loopback(yes)) << yes;
  for (const char* no : {"", "127.evil.example", "127.1", "127.0.0.1.example", "127.0.0.256", "127.0.0.1.",
                         "0.0.0.0", "::", "128.0.0.1", "localhost.example", "127.0.0.+1", "127.0.0.0001"})
    EXPECT_FALSE(is_loopback(no)) << no;
}

TEST(Secret, MovesWithoutATrace) {
  Secret first("short");
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(second.reveal(), "short");
  Secret third;
  third = second;
  EXPECT_EQ(third.reveal(), second.reveal());
}

TEST(Percent, ThereAndBack) {
  std::string all, encoded;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  percent_encode(all, encoded);
  EXPECT_EQ(percent_decode(encoded), all);
  for (const char* bad : {"%", "%4", "a%zz", "%%41"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

}  // namespace
}  // namespace hanse
