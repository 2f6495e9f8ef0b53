#include "net/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hanse::net {

Refusal Handler::refusal(const Error& error, std::string_view) {
  return {error.message + "\n", "text/plain; charset=utf-8", {}};
}

namespace {

// With SO_REUSEPORT a second process could take the port unseen, and half of the connections: so the port is
// first bound without it.
bool is_taken(const addrinfo& address) {
  int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  bool taken = ::bind(fd, address.ai_addr, address.ai_addrlen) != 0 && errno == EADDRINUSE;
  ::close(fd);
  return taken;
}

}  // namespace

Result<int> listen_on(const std::string& host, uint16_t port, uint16_t* bound, bool must_be_free) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  std::string where = host + ":" + std::to_string(port);
  if (int e = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found))
    return fail(Code::bad_request, "can't listen on " + where + ": " + ::gai_strerror(e));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  if (must_be_free && is_taken(*found))
    return fail(Code::bad_request, "can't listen on " + where + ": " + std::strerror(EADDRINUSE));
  int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, 4096) != 0) {
    std::string why = std::strerror(errno);
    ::close(fd);
    return fail(Code::bad_request, "can't listen on " + where + ": " + why);
  }
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  if (bound) *bound = ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);  // same place in IPv6
  return fd;
}

namespace {

// Over the connection limit: say so in the plainest way and go.
void refuse_connection(int fd) {
  constexpr std::string_view answer =
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
  (void)!::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(fd, SHUT_WR);
  ::close(fd);
}

}  // namespace

void Server::accept_all(Poll& listener) {
  while (true) {
    int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      // Out of descriptors: connections wait in the backlog until the next turn of the loop in run().
      listener.readable = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (errno == ECONNABORTED || errno == EINTR) continue;
      return;
    }
    counters_.accepted.fetch_add(1, std::memory_order_relaxed);
    if (counters_.connections.load(std::memory_order_relaxed) >= static_cast<int64_t>(limits_.connections)) {
      counters_.refused.fetch_add(1, std::memory_order_relaxed);
      refuse_connection(fd);
      continue;
    }
    Reactor::current().spawn(serve(fd));
  }
}

Task<void> Server::run(int fd) {
  Poll listener;
  Cancel& stopping = Reactor::current().stopping();
  if (auto opened = listener.open(fd); !opened) co_return;
  while (!stopping.fired()) {
    accept_all(listener);
    constexpr milliseconds kPauseWithoutDescriptors{50};
    Time deadline = listener.readable ? Reactor::current().now() + kPauseWithoutDescriptors : kNever;
    co_await listener.until_readable({deadline, &stopping});
  }
  listener.close();
  co_await drain();
}

Task<void> Server::drain() {
  draining_ = true;
  idle_.fire();
  Time limit = after(Reactor::current().now(), limits_.drain_timeout);
  while (open_ > 0) {
    Wake why = co_await suspend(drained_, {limit, nullptr});
    if (why != Wake::deadline) continue;
    while (Link* link = busy_.first()) {
      Cancel* cancel = static_cast<Busy*>(link)->cancel;
      link->unlink();
      cancel->fire();
    }
    limit = kNever;
  }
}

Task<void> Server::serve(int fd) {
  ++open_;
  counters_.connections.fetch_add(1, std::memory_order_relaxed);
  {
    Stream stream;
    auto opened = stream.open(fd);
    if (opened && tls_) {
      auto session = tls_->session(fd);
      Bounds bounds{after(Reactor::current().now(), limits_.head_timeout), &idle_};
      if (session)
        opened = co_await stream.start_tls(std::move(*session), bounds);
      else
        opened = fail(session.error());
    }
    if (opened) {
      if (stream.alpn() == "h2")
        co_await serve_http2(*this, stream, {});
      else
        co_await serve_http1(*this, stream);
    }
  }
  counters_.connections.fetch_sub(1, std::memory_order_relaxed);
  if (--open_ == 0) drained_.wake(Wake::ready);
}

}  // namespace hanse::net
