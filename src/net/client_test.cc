#include "net/client.h"

#include <gtest/gtest.h>

#include "net/test_server.h"

namespace hanse::net {
namespace {

using namespace std::chrono_literals;

// Listens and says scripted bytes: one script a connection, said when the request's head has come. "RST"
// resets, "HOLD" waits for the peer to close.
class Script {
 public:
  explicit Script(std::vector<std::vector<std::string>> connections) : connections_(std::move(connections)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 16) != 0)
      std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Script() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  uint16_t port = 0;
  std::atomic<int> accepted{0}, requests{0}, peer_closed{0};

 private:
  void run() {
    for (const auto& answers : connections_) {
      int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      ++accepted;
      for (const auto& answer : answers) {
        if (!hear_request(fd)) break;
        ++requests;
        if (answer == "RST") {
          linger hard{1, 0};
          ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        } else if (answer == "HOLD") {
          char byte;
          if (::recv(fd, &byte, 1, 0) <= 0) ++peer_closed;
        } else {
          (void)!::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
      }
      ::close(fd);
    }
  }
  static bool hear_request(int fd) {
    std::string heard;
    char byte;
    while (heard.find("\r\n\r\n") == std::string::npos) {
      if (::recv(fd, &byte, 1, 0) <= 0) return false;
      heard += byte;
    }
    return true;
  }
  std::vector<std::vector<std::string>> connections_;
  int listener_;
  std::thread thread_;
};

// Runs `body` on a reactor of this thread, with a pool to `port`.
struct Client : testing::Test {
  using Body = std::function<Task<void>(std::shared_ptr<ClientPool>)>;
  static void on_reactor(uint16_t port, Body body, PoolLimits limits = {}) {
    Reactor reactor;
    Resolver resolver;
    auto pool = std::make_shared<ClientPool>(Origin{"127.0.0.1", port, false}, limits, resolver, nullptr);
    reactor.spawn(run(body, std::move(pool)));
    reactor.run();
  }
  static Task<void> run(Body& body, std::shared_ptr<ClientPool> pool) {
    co_await body(std::move(pool));
    Reactor::current().stop();
  }
  // One GET; the body, or "error <code>".
  static Task<std::string> get(std::shared_ptr<ClientPool> pool, milliseconds patience = 2000ms,
                               Cancel* cancel = nullptr) {
    std::string request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    iovec part{request.data(), request.size()};
    std::span<const iovec> parts(&part, 1);
    Call call(pool);
    Time deadline = Reactor::current().now() + patience;
    auto head = co_await call.request(parts, "GET", deadline, patience, cancel);
    if (!head) co_return "error " + std::string(facts(head.error().code).name);
    Bounds bounds{deadline, cancel};
    auto body = co_await call.read_all(1000, bounds);
    if (!body) co_return "error " + std::string(facts(body.error().code).name);
    co_return *body;
  }
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(Client, ReusesAConnection) {
  Script provider({{kOk, kOk}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      std::string got = co_await get(pool);
      EXPECT_EQ(got, "ok");
    }
    EXPECT_EQ(pool->open(), 1u);
    EXPECT_EQ(pool->idle(), 1u);
  });
  EXPECT_EQ(provider.accepted, 1);
}

TEST_F(Client, ReplacesAConnectionThatDiedWhileKept) {
  Script provider({{kOk, "RST"}, {kOk}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      std::string got = co_await get(pool);
      EXPECT_EQ(got, "ok");
    }
  });
  EXPECT_EQ(provider.accepted, 2);
}

TEST_F(Client, ReplacesAConnectionThatEndedJustBefore) {
  for (int round = 0; round < 20; ++round) {  // the end comes before, with or behind the second request
    Script provider({{kOk}, {kOk}});
    on_reactor(provider.port, [](auto pool) -> Task<void> {
      for (int i = 0; i < 2; ++i) {
        std::string got = co_await get(pool);
        EXPECT_EQ(got, "ok");
      }
    });
    EXPECT_EQ(provider.accepted, 2);
  }
}

TEST_F(Client, AFreshConnectionThatDiesIsUnreachableAndNotTriedTwice) {
  Script provider({{"RST"}, {kOk}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    std::string got = co_await get(pool);
    EXPECT_EQ(got, "error unreachable");
    EXPECT_EQ(pool->open(), 0u);
  });
  EXPECT_EQ(provider.requests, 1);
}

TEST_F(Client, ReadsChunksInterimAnswersAndUntilClose) {
  std::vector<std::string> answers = {
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nto the end"};
  Script provider({answers});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    std::string chunked = co_await get(pool);
    EXPECT_EQ(chunked, "abc");
    std::string closed = co_await get(pool);
    EXPECT_EQ(closed, "to the end");
    EXPECT_EQ(pool->idle(), 0u);
  });
}

TEST_F(Client, AnswersThatEndTooEarlyAreErrors) {
  for (const char* cut : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                          "<html>not http</html>\r\n\r\n", "HTTP/1.1 200"}) {
    Script provider({{cut}});
    on_reactor(provider.port, [cut](auto pool) -> Task<void> {
      std::string got = co_await get(pool);
      EXPECT_EQ(got, "error malformed_reply") << cut;
      EXPECT_EQ(pool->open(), 0u);
    });
  }
}

TEST_F(Client, BodiesOverTheLimitAreErrors) {
  Script provider({{"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    std::string got = co_await get(pool);
    EXPECT_EQ(got, "error malformed_reply");
  });
}

TEST_F(Client, SilenceEndsAtTheDeadlineAndClosesTheConnection) {
  Script provider({{"HOLD"}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    std::string got = co_await get(pool, 50ms);
    EXPECT_EQ(got, "error timed_out");
  });
  for (int i = 0; i < 500 && provider.peer_closed == 0; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(provider.peer_closed, 1);
}

TEST_F(Client, ACancelClosesTheConnectionAtOnce) {
  Script provider({{"HOLD"}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    Cancel cancel;
    auto later = [](Cancel& c) -> Task<void> {
      Bounds bounds{Reactor::current().now() + 20ms, nullptr};
      (void)co_await sleep(bounds);
      c.fire();
    };
    Reactor::current().spawn(later(cancel));
    std::string got = co_await get(pool, 5000ms, &cancel);
    EXPECT_EQ(got, "error cancelled");
  });
  for (int i = 0; i < 500 && provider.peer_closed == 0; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(provider.peer_closed, 1);
}

TEST_F(Client, UndoesEncodingsThatNobodyAskedFor) {
  std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00",
      25);
  Script provider(
      {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n" +
        gzip},
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" +
        gzip.substr(0, 10)},
       {"HTTP/1.1 200 OK\r\nContent-Encoding: magic\r\nContent-Length: 1\r\n\r\nx"}});
  on_reactor(provider.port, [](auto pool) -> Task<void> {
    std::string whole = co_await get(pool);
    EXPECT_EQ(whole, "hello");
    std::string cut = co_await get(pool);
    EXPECT_EQ(cut, "error malformed_reply");
    std::string unknown = co_await get(pool);
    EXPECT_EQ(unknown, "error malformed_reply");
  });
}

TEST_F(Client, APortNobodyListensOnIsUnreachable) {
  on_reactor(1, [](auto pool) -> Task<void> {
    std::string got = co_await get(pool);
    EXPECT_EQ(got, "error unreachable");
  });
}

}  // namespace
}  // namespace hanse::net
