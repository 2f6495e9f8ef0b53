// For the tests of src/net: runs a coroutine on a reactor of its own, and makes connected sockets on
// loopback.
//
//   auto body = [&]() -> Task<void> { ... co_return; };
//   run_on_reactor(body);
//
// No test waits longer than `soon()` allows. Private to tests.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace hanse::net {

inline Task<void> stop_after(Task<void> task) {
  co_await task;
  Reactor::current().stop();
}

template <class Body>
void run_on_reactor(Body& body) {
  Reactor reactor;
  reactor.spawn(stop_after(body()));
  reactor.run();
  EXPECT_EQ(reactor.tasks(), 0u);
}

inline Time from_now(int ms) { return Reactor::current().read_clock() + milliseconds(ms); }
inline Bounds soon(Cancel* cancel = nullptr) { return {from_now(5000), cancel}; }

inline Task<void> pause(int ms) {
  Bounds bounds{from_now(ms), nullptr};
  bool slept = co_await sleep(bounds);
  EXPECT_TRUE(slept);
}

template <class T>
bool failed_with(const Result<T>& result, Code code) {
  return !result && result.error().code == code;
}

struct Loopback {
  int client = -1;
  int server = -1;
};

inline void make_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

// Two ends of one TCP connection, non-blocking. receive_buffer > 0 makes both ends' receive buffers small.
inline Loopback connect_loopback(int receive_buffer = 0) {
  int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer) ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  HANSE_ASSERT(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
               ::listen(listener, 1) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  Loopback pair;
  pair.client = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer)
    ::setsockopt(pair.client, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  HANSE_ASSERT(::connect(pair.client, reinterpret_cast<sockaddr*>(&address), size) == 0);
  pair.server = ::accept(listener, nullptr, nullptr);
  ::close(listener);
  make_non_blocking(pair.client);
  make_non_blocking(pair.server);
  return pair;
}

}  // namespace hanse::net
