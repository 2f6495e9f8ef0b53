// Names to addresses, by c-ares on the reactor: both families, cached by TTL (bounded), one lookup at a time
// for a name however many ask. Literals are answered at once; /etc/hosts, localhost and the system's
// resolvers and search domains are honoured (and read anew now and then).
//
//   auto addresses = co_await resolver.resolve("api.example.com", 443, bounds);
//
// One resolver a core. A lookup runs on when its last waiter gives up, so that its answer is there for the
// next try; c-ares' own timeouts bound it, and the reactor's stop ends it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "net/reactor.h"

namespace hanse::net {

struct Address {
  sockaddr_storage storage{};
  unsigned length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

struct ResolverOptions {
  std::string servers;                // "127.0.0.1:5353,..."; empty: the system's
  milliseconds query_timeout{2'000};  // the first try's; it doubles from round to round
  int tries = 3;
};

class Resolver {
 public:
  explicit Resolver(ResolverOptions options = {});
  ~Resolver();
  // Never empty on success; IPv6 and IPv4 alternate (RFC 8305's order), the family that this machine can
  // reach first. Errors: unreachable, timed_out, cancelled.
  Task<Result<std::vector<Address>>> resolve(std::string host, uint16_t port, Bounds bounds);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hanse::net
