// A server for public HTTP test suites: answers every method it knows and every path with the request's body.
//
//   /echo     the header lines as received, "Name: value" each        (GET and the rest)
//   /cookie   the parsed cookies, "name=value" each
//   /h2spec   some kilobytes to GET, as HTTP/2 suites want
//
// OPTIONS says in Allow what is known; TRACE is 405; other methods are 501.
#pragma once

#include "net/exchange.h"

namespace hanse::sim {

class Echo final : public net::Handler {
 public:
  net::Task<void> handle(net::Exchange& exchange) override;
};

// The bodies of /echo and /cookie.
std::string header_lines(const http::Headers& headers);
std::string cookie_lines(const http::Headers& headers);

}  // namespace hanse::sim
