// For tests: a Server on a thread of its own, on a free loopback port, and a blocking client that says bytes and reads.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "net/server.h"

namespace hanse::net {

class TestServer {
 public:
  explicit TestServer(Handler& handler, ServerLimits limits = {}) {
    auto listener = listen_on("127.0.0.1", 0, &port);
    if (!listener) std::abort();
    std::promise<Reactor*> made;
    auto reactor = made.get_future();
    thread_ = std::thread([&handler, limits, fd = *listener, this, &made] {
      Reactor own;
      Server server(handler, limits, counters);
      own.spawn(server.run(fd));
      made.set_value(&own);
      own.run();
    });
    reactor_ = reactor.get();
  }
  ~TestServer() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    reactor_->stop();
    thread_.join();
  }
  uint16_t port = 0;
  ServerCounters counters;

 private:
  Reactor* reactor_ = nullptr;
  std::thread thread_;
};

class TestClient {
 public:
  explicit TestClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ~TestClient() { close(); }
  void say(std::string_view bytes) { (void)!::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // Until `end` is seen, the peer closes, or five seconds passed.
  std::string hear_until(std::string_view end) {
    while (heard_.find(end) == std::string::npos) {
      char bytes[4096];
      ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
      if (n <= 0) break;
      heard_.append(bytes, static_cast<size_t>(n));
    }
    size_t at = heard_.find(end);
    size_t size = at == std::string::npos ? heard_.size() : at + end.size();
    std::string out = heard_.substr(0, size);
    heard_.erase(0, size);
    return out;
  }
  std::string hear_all() { return hear_until("\x01no such bytes\x02"); }

 private:
  int fd_;
  std::string heard_;
};

}  // namespace hanse::net
