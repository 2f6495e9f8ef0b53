// Names to addresses, by c-ares on the reactor: both families, cached by TTL (bounded), literals answered at once.
// One resolver a core.
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

class Resolver {
 public:
  Resolver();
  ~Resolver();
  // Never empty on success; IPv6 and IPv4 alternate (RFC 8305's order). Errors: unreachable, timed_out, cancelled.
  Task<Result<std::vector<Address>>> resolve(std::string host, uint16_t port, Bounds bounds);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hanse::net
