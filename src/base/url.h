// http and https URLs of providers: scheme, host, port, path (RFC 3986, as far as an origin and a base path
// need it). No user info, no query, no fragment, no blanks or control bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse {

struct Url {
  std::string text;  // as given, without a trailing '/'
  std::string host;  // without the brackets of an IPv6 literal
  std::string path;  // "/v1", or empty
  uint16_t port = 443;
  bool tls = true;

  // The Host header: host, brackets, and the port unless it is the scheme's own.
  std::string host_header() const;
};

Result<Url> parse_url(std::string_view text);

// "host:port", "[::1]:8080", ":8080" or "8080". Error bad_request.
struct HostPort {
  std::string host;
  uint16_t port = 0;
};
Result<HostPort> parse_host_port(std::string_view text);

}  // namespace hanse
