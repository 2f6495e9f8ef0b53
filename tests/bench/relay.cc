// The floor: a relay that moves bytes and looks at none. One provider connection for each client connection,
// one receive and one send per direction, one thread. No gateway can cost less without fewer kernel calls.
//
//   relay LISTEN_PORT PROVIDER_PORT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Side {
  int fd = -1;
  Side* other = nullptr;
  std::string unsent;  // bytes for this side that its socket would not take
};

struct Relay {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int listener = -1;
  int provider_port = 0;
  std::vector<Side*> closed;  // freed after the events at hand, which may still name them
};

std::array<char, 64 * 1024> buffer;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void watch(const Relay& relay, Side* side) {
  const int on = 1;
  setsockopt(side->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = side;
  epoll_ctl(relay.epoll, EPOLL_CTL_ADD, side->fd, &event);
}

void accept_all(const Relay& relay) {
  for (;;) {
    const int client = accept4(relay.listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int provider = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(relay.provider_port);
    const int connected = connect(provider, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (connected != 0 && errno != EINPROGRESS) {
      close(provider);
      close(client);
      continue;
    }
    auto* left = new Side{client, nullptr, {}};
    auto* right = new Side{provider, left, {}};
    left->other = right;
    watch(relay, left);
    watch(relay, right);
  }
}

void close_pair(Relay& relay, Side* side) {
  if (side->fd < 0) return;
  for (Side* end : {side, side->other}) {
    close(end->fd);
    end->fd = -1;
    relay.closed.push_back(end);
  }
}

void pass_on(Side* to, std::size_t size) {
  ssize_t sent = to->unsent.empty() ? send(to->fd, buffer.data(), size, MSG_NOSIGNAL) : 0;
  if (sent < 0) sent = 0;
  if (static_cast<std::size_t>(sent) < size)
    to->unsent.append(buffer.data() + sent, size - static_cast<std::size_t>(sent));
}

void ready(Relay& relay, Side* side, std::uint32_t events) {
  if (side->fd < 0) return;
  if (!side->unsent.empty()) {
    const ssize_t sent = send(side->fd, side->unsent.data(), side->unsent.size(), MSG_NOSIGNAL);
    if (sent > 0) side->unsent.erase(0, static_cast<std::size_t>(sent));
  }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
  const bool leaving = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  for (;;) {
    const ssize_t got = recv(side->fd, buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return close_pair(relay, side);
    if (got < 0) return;
    pass_on(side->other, static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) < buffer.size() && !leaving) return;
  }
}

bool open_listener(Relay& relay, int port) {
  relay.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(relay.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(relay.listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  if (listen(relay.listener, 4096) != 0) return false;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // the listener is the one without a side
  return epoll_ctl(relay.epoll, EPOLL_CTL_ADD, relay.listener, &event) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: relay LISTEN_PORT PROVIDER_PORT\n");
    return 2;
  }
  Relay relay;
  relay.provider_port = std::atoi(argv[2]);
  if (!open_listener(relay, std::atoi(argv[1]))) {
    std::perror("relay");
    return 1;
  }
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(relay.epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      auto* side = static_cast<Side*>(events[i].data.ptr);
      side ? ready(relay, side, events[i].events) : accept_all(relay);
    }
    for (Side* side : relay.closed) delete side;
    relay.closed.clear();
  }
}
