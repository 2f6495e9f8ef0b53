// http and https URLs of providers: scheme, host, port, path (RFC 3986, as far as an origin and a base path
// need it). No user info, no query, no fragment, no blanks or control bytes.
//
//   TRY(Url url, parse_url("https://api.example.com/v1"));   // url.host, url.port, url.path, url.tls
//
// A message of an error shows neither user info nor query: either may hold a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse {

struct Url {
  std::string text;  // as given, with the scheme in lower case and without a trailing '/'
  std::string host;  // without the brackets of an IPv6 literal
  std::string path;  // "/v1", or empty
  uint16_t port = 443;
  bool tls = true;

  // The Host header: host, brackets, and the port unless it is the scheme's own.
  std::string host_header() const;
};

Result<Url> parse_url(std::string_view text);

// "host:port", "[::1]:8080", ":8080" or "8080"; without a host it is loopback. Error bad_request.
struct HostPort {
  std::string host;
  uint16_t port = 0;
};
Result<HostPort> parse_host_port(std::string_view text);

// Four decimal numbers: "127.0.0.1", but not "127.1".
bool is_ipv4(std::string_view text);
// localhost, 127.0.0.0/8 and ::1, as written; names are not looked up.
bool is_loopback(std::string_view host);

// Appends `text` with every byte but letters, digits and -._~@ as %XX: what stays within one segment of a
// path. A text of dots only would leave its segment; whoever takes names from outside refuses it (is_dots).
void percent_encode(std::string_view text, std::string& out);
// The reverse; nothing when a % isn't followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);
inline bool is_dots(std::string_view text) { return text.find_first_not_of('.') == std::string_view::npos; }

}  // namespace hanse
