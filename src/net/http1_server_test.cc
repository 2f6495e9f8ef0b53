#include <gtest/gtest.h>

#include <atomic>

#include "net/test_server.h"

namespace hanse::net {
namespace {

using namespace std::chrono_literals;

// Answers with the body; /stream with five pieces; /cut breaks off; /late waits until the client leaves;
// /silent never answers.
struct Echo final : Handler {
  std::atomic<int> left{0};
  Task<void> handle(Exchange& exchange) override {
    std::string_view target = exchange.head().target;
    if (target == "/silent") co_return;
    auto body = co_await exchange.read_body(1000);
    if (!body) {
      (void)co_await exchange.answer(body.error().http_status(), {}, body.error().message);
    } else if (target == "/stream" || target == "/cut") {
      exchange.start(200, {});
      for (int i = 0; i < 5; ++i) {
        if (i == 3 && target == "/cut") co_return exchange.abort();
        (void)co_await exchange.write("piece ", i == 4);
      }
    } else if (target == "/late") {
      Bounds bounds{Reactor::current().now() + 5s, &exchange.cancel()};
      bool waited = co_await sleep(bounds);
      if (!waited) ++left;
    } else {
      (void)co_await exchange.answer(200, {}, *body);
    }
  }
};

struct Http1Server : testing::Test {
  Echo echo;
  TestServer server{echo};
};

TEST_F(Http1Server, EchoesABodyInEveryFraming) {
  TestClient client(server.port);
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_NE(client.hear_until("hello").find("content-length: 5\r\n"), std::string::npos);
  client.say(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_NE(client.hear_until("abcde").find("200 OK"), std::string::npos);
}

TEST_F(Http1Server, EveryCutPointOfARequestGivesTheSameAnswer) {
  std::string request =
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (size_t cut = 1; cut < request.size(); ++cut) {
    TestClient client(server.port);
    client.say(request.substr(0, cut));
    std::this_thread::sleep_for(1ms);
    client.say(request.substr(cut));
    EXPECT_NE(client.hear_until("abcde").find("abcde"), std::string::npos) << cut;
  }
}

TEST_F(Http1Server, AnswersPipelinedRequestsInOrder) {
  TestClient client(server.port);
  client.say(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "1\r\n\r\n2"
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n3");
  std::string all = client.hear_all();
  size_t first = all.find("\r\n\r\n1"), second = all.find("\r\n\r\n2"), third = all.find("\r\n\r\n3");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
}

TEST_F(Http1Server, StreamsInChunksAndBreaksOffVisibly) {
  TestClient client(server.port);
  client.say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string whole = client.hear_until("0\r\n\r\n");
  EXPECT_NE(whole.find("transfer-encoding: chunked"), std::string::npos);
  EXPECT_TRUE(whole.ends_with("\r\n0\r\n\r\n"));
  client.say("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string cut = client.hear_all();
  EXPECT_NE(cut.find("piece "), std::string::npos);
  EXPECT_FALSE(cut.ends_with("0\r\n\r\n"));
}

TEST_F(Http1Server, Http10GetsNoChunksAndAClosedConnection) {
  TestClient client(server.port);
  client.say("GET /stream HTTP/1.0\r\n\r\n");
  std::string all = client.hear_all();
  EXPECT_EQ(all.find("chunked"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\npiece piece piece piece piece "));
}

TEST_F(Http1Server, RefusesWhatLiesAndCloses) {
  for (const char* bad :
       {"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\n\n"}) {
    TestClient client(server.port);
    client.say(bad);
    std::string all = client.hear_all();  // returns because the server closes
    EXPECT_TRUE(all.starts_with("HTTP/1.1 400 ")) << bad << all;
    EXPECT_NE(all.find("connection: close"), std::string::npos);
  }
}

TEST_F(Http1Server, SaysContinueBeforeABodyThatWaitsForIt) {
  TestClient client(server.port);
  client.say("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.hear_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("ok");
  EXPECT_NE(client.hear_until("\r\n\r\nok").find("200 OK"), std::string::npos);
}

TEST_F(Http1Server, BodiesOverTheHandlersLimitAre413) {
  TestClient client(server.port);
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 413 "));
  TestClient chunked(server.port);
  chunked.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n600\r\n" +
              std::string(0x600, 'x') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(chunked.hear_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(Http1Server, AClientThatLeavesCancelsItsHandler) {
  {
    TestClient client(server.port);
    client.say("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    std::this_thread::sleep_for(20ms);
  }
  for (int i = 0; i < 500 && echo.left == 0; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(echo.left, 1);
}

TEST_F(Http1Server, AHandlerThatForgetsToAnswerIsA500) {
  TestClient client(server.port);
  client.say("GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 500 "));
}

TEST_F(Http1Server, AnEmptyLineBehindABodyIsNoRequest) {
  ServerLimits limits;
  limits.head_timeout = 50ms;
  TestServer impatient(echo, limits);
  TestClient client(impatient.port);
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok\r\n");
  client.hear_until("\r\n\r\nok");
  std::this_thread::sleep_for(150ms);
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\ntwo");
  EXPECT_TRUE(client.hear_until("two").starts_with("HTTP/1.1 200 "));
}

TEST_F(Http1Server, HeadSendsNoBody) {
  TestClient client(server.port);
  client.say(
      "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string all = client.hear_all();
  EXPECT_EQ(all.find("piece"), std::string::npos);
  EXPECT_NE(all.find("connection: close"), std::string::npos);
}

TEST(Http1ServerLimits, SlowHeadsAre408AndIdleConnectionsAreClosed) {
  Echo echo;
  ServerLimits limits;
  limits.head_timeout = 100ms;
  limits.idle_timeout = 100ms;
  TestServer server(echo, limits);
  TestClient slow(server.port);
  slow.say("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(slow.hear_all().starts_with("HTTP/1.1 408 "));
  TestClient idle(server.port);
  idle.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.hear_until("\r\n\r\n");
  EXPECT_EQ(idle.hear_all(), "");
}

TEST(Http1ServerLimits, OversizeHeadsAre431) {
  Echo echo;
  ServerLimits limits;
  limits.head.bytes = 2000;
  TestServer server(echo, limits);
  TestClient client(server.port);
  client.say("GET / HTTP/1.1\r\nHost: x\r\nBig: " + std::string(3000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 431 "));
}

TEST(Http1ServerLimits, ConnectionsOverTheLimitGet503) {
  Echo echo;
  ServerLimits limits;
  limits.connections = 1;
  TestServer server(echo, limits);
  TestClient first(server.port);
  first.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  first.hear_until("\r\n\r\n");
  TestClient second(server.port);
  EXPECT_TRUE(second.hear_all().starts_with("HTTP/1.1 503 "));
}

TEST(Http1ServerLimits, ADrainEndsIdleConnectionsAtOnceAndBusyOnesAtItsLimit) {
  Echo echo;
  ServerLimits limits;
  limits.drain_timeout = 200ms;
  TestServer server(echo, limits);
  TestClient idle(server.port), busy(server.port);
  idle.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.hear_until("\r\n\r\n");
  busy.say("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(20ms);
  auto before = Clock::now();
  server.stop();
  EXPECT_LT(Clock::now() - before, 2s);
  EXPECT_EQ(idle.hear_all(), "");
  EXPECT_EQ(echo.left, 1);
  EXPECT_EQ(server.counters.connections, 0);
}

}  // namespace
}  // namespace hanse::net
