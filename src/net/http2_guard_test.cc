// What ends an HTTP/2 connection: floods, silence, a drain.
#include <gtest/gtest.h>

#include "net/http2_test_client.h"
#include "net/http2_test_handler.h"
#include "net/rate_budget.h"
#include "net/stream_ids.h"
#include "net/test_server.h"

namespace hanse::net {
namespace {

using namespace std::chrono_literals;

template <class Done>
bool eventually(Done done) {
  for (int i = 0; i < 1000 && !done(); ++i) std::this_thread::sleep_for(5ms);
  return done();
}

std::string frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string out;
  for (int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift & 255);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift & 255);
  return out.append(payload);
}

struct Http2Guard : testing::Test {
  PathHandler handler;
  std::unique_ptr<TestServer> server;
  void start(ServerLimits limits = {}) { server = std::make_unique<TestServer>(handler, limits); }
  ~Http2Guard() override {
    server->stop();
    EXPECT_EQ(server->counters.connections, 0);
    EXPECT_EQ(server->counters.buffered_bytes, 0);
  }

  // Says `flood` over and over until the server has had enough, past nghttp2 (which would mind our manners);
  // returns the code of its GOAWAY.
  uint32_t code_after(const std::string& flood) {
    TestClient client(server->port);
    std::string request("\x83\x86\x04\x05/wait\x01\x01x", 12);  // POST http /wait, authority x
    client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "") + frame(1, 4, 1, request));
    std::string batch, heard;
    for (int i = 0; i < 100; ++i) batch += flood;
    for (int i = 0; i < 60; ++i) client.say(batch);
    heard = client.hear_all();
    for (size_t at = 0; at + 17 <= heard.size();) {
      auto byte = [&](size_t i) { return static_cast<uint8_t>(heard[at + i]); };
      if (byte(3) == 7) return byte(16);
      at += 9u + (byte(0) << 16 | byte(1) << 8 | byte(2));
    }
    return 0;
  }
};

TEST_F(Http2Guard, FloodsOfCheapFramesEndTheConnection) {
  start();
  std::string floods[] = {
      frame(6, 0, 0, "12345678"),                      // PING
      frame(4, 0, 0, ""),                              // SETTINGS
      frame(2, 0, 1, std::string("\0\0\0\0\x10", 5)),  // PRIORITY
      frame(0, 0, 1, ""),                              // DATA with nothing in it
      frame(8, 0, 1, std::string("\0\0\0\1", 4)),      // WINDOW_UPDATE by one byte
  };
  for (const std::string& flood : floods)
    EXPECT_EQ(code_after(flood), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM))
        << static_cast<int>(flood[3]);
  EXPECT_TRUE(eventually([&] { return handler.begun == handler.ended; }));
}

TEST_F(Http2Guard, RapidResetsEndTheConnection) {
  start();
  Http2TestClient client(server->port);
  for (int i = 0; i < 5000 && !client.goaways && !client.ended; ++i) {
    int32_t id = client.request("GET", "/late");
    client.send_all();
    client.reset(id);
    client.send_all();
    if (i % 20 == 0) client.wait(1);
  }
  client.pump([&] { return client.ended; });
  EXPECT_EQ(client.goaway_code, static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_TRUE(eventually([&] { return handler.begun == handler.ended; }));
  EXPECT_LE(handler.begun, 1000);
}

TEST_F(Http2Guard, RequestsThatMakeUsResetThemEndTheConnection) {
  start();
  Http2TestClient client(server->port);
  for (int i = 0; i < 5000 && !client.goaways && !client.ended; ++i) {
    client.request("GET", "/", {{"connection", "close"}});
    client.send_all();
    if (i % 20 == 0) client.wait(1);
  }
  client.pump([&] { return client.ended; });
  EXPECT_EQ(client.goaway_code, static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
}

TEST_F(Http2Guard, AHeadInEndlessPiecesEndsTheConnection) {
  start();
  TestClient client(server->port);
  client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "") + frame(1, 0, 1, "\x82"));
  for (int i = 0; i < 1000; ++i) client.say(frame(9, 0, 1, ""));
  client.hear_all();
  EXPECT_EQ(handler.begun, 0);  // and the fixture sees that the connection is closed
}

TEST_F(Http2Guard, ManyRequestsOverALongTimeAreNoFlood) {
  start();
  Http2TestClient client(server->port);
  for (int i = 0; i < 3000; ++i) EXPECT_EQ(client.answer(client.request("GET", "/")).status, 200);
  EXPECT_EQ(client.goaways, 0);
}

TEST_F(Http2Guard, TheLimitsOfTheConfigHold) {
  ServerLimits limits;
  limits.http2_streams = 2;
  limits.http2_window_bytes = 65'535;
  limits.http2_resets_per_second = 1;
  start(limits);
  Http2TestClient client(server->port);
  client.pump([&] {
    return nghttp2_session_get_remote_settings(client.h2(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) == 2;
  });
  int32_t large = client.request("POST", "/wait", {}, std::string(1'000'000, 'x'));
  client.wait(100);
  EXPECT_EQ(client.peek(large).uploaded, 65'535u) << "of a window of 256 kB of its own";
  handler.go = true;
  EXPECT_EQ(client.answer(large).status, 200);
  for (int i = 0; i < 30 && !client.goaways; ++i) {
    int32_t id = client.request("GET", "/late");
    client.send_all();
    client.reset(id);
    client.wait(2);
  }
  client.pump([&] { return client.ended; });
  EXPECT_EQ(client.goaway_code, static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_LE(handler.begun, 13);
}

TEST_F(Http2Guard, StreamsOverTheLimitAreRefusedNotRun) {
  start();
  Http2TestClient client(server->port);
  nghttp2_session_set_local_window_size(client.h2(), NGHTTP2_FLAG_NONE, 0, 1 << 20);
  for (int i = 0; i < 400; ++i) client.request("GET", "/wait");
  client.wait(200);
  EXPECT_LE(handler.begun, 256);
  handler.go = true;
  EXPECT_TRUE(client.pump([&] { return handler.ended == handler.begun; }, 2000) ||
              eventually([&] { return handler.ended == handler.begun; }));
}

TEST_F(Http2Guard, IdleConnectionsAreClosedInOrder) {
  ServerLimits limits;
  limits.idle_timeout = milliseconds(80);
  start(limits);
  Http2TestClient client(server->port);
  EXPECT_EQ(client.answer(client.request("GET", "/")).status, 200);
  EXPECT_TRUE(client.pump([&] { return client.ended; }));
  EXPECT_EQ(client.goaways, 1);
  EXPECT_EQ(client.goaway_code, 0u);
}

TEST_F(Http2Guard, ABusyConnectionIsNotIdle) {
  ServerLimits limits;
  limits.idle_timeout = milliseconds(50);
  start(limits);
  Http2TestClient client(server->port);
  int32_t id = client.request("GET", "/wait");
  client.wait(200);
  EXPECT_FALSE(client.ended);
  handler.go = true;
  EXPECT_EQ(client.answer(id).status, 200);
}

TEST_F(Http2Guard, HeadsThatNeverEndAreNotWaitedFor) {
  ServerLimits limits;
  limits.head_timeout = milliseconds(80);
  start(limits);
  TestClient half_preface(server->port);
  half_preface.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  half_preface.hear_all();  // returns when the server closes; the fixture sees that it did
  Http2TestClient half_head(server->port);
  half_head.wait(10);
  half_head.say(frame(1, 0, 1, "\x82"));
  EXPECT_TRUE(half_head.pump([&] { return half_head.ended; }));
  EXPECT_EQ(handler.begun, 0);
}

// ---- draining

TEST_F(Http2Guard, ADrainLetsStreamsEnd) {
  start();
  Http2TestClient busy(server->port), idle(server->port);
  EXPECT_EQ(idle.answer(idle.request("GET", "/")).status, 200);
  int32_t id = busy.request("GET", "/wait");
  busy.pump([&] { return handler.begun == 2; }, 100);
  std::thread stopping([&] { server->stop(); });
  EXPECT_TRUE(idle.pump([&] { return idle.ended; }));
  EXPECT_EQ(idle.goaways, 1);
  EXPECT_TRUE(busy.pump([&] { return busy.goaways == 1; }));
  EXPECT_EQ(busy.goaway_last, INT32_MAX);  // the notice: what is under way still counts
  EXPECT_TRUE(busy.pump([&] { return busy.goaways == 2; }));
  EXPECT_EQ(busy.goaway_last, id);
  handler.go = true;
  EXPECT_EQ(busy.answer(id).status, 200);
  EXPECT_TRUE(busy.pump([&] { return busy.ended; }));
  idle.close();
  busy.close();
  stopping.join();
}

TEST_F(Http2Guard, TheDrainLimitEndsTheRest) {
  ServerLimits limits;
  limits.drain_timeout = milliseconds(100);
  start(limits);
  Http2TestClient client(server->port);
  int32_t id = client.request("GET", "/late");
  client.pump([&] { return handler.begun == 1; }, 100);
  std::thread stopping([&] { server->stop(); });
  auto& answer = client.answer(id);
  EXPECT_TRUE(answer.closed || client.ended);
  EXPECT_TRUE(eventually([&] { return handler.left == 1; }));
  client.close();
  stopping.join();
}

// ---- the pure parts

TEST(RateBudget, BurstsThenFlows) {
  Time now = Clock::now();
  RateBudget budget(3, 10, now);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.take(now));
  EXPECT_FALSE(budget.take(now));
  EXPECT_TRUE(budget.take(now + 150ms));
  EXPECT_FALSE(budget.take(now + 160ms));
  now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.take(now));  // no more than the burst is saved up
  EXPECT_FALSE(budget.take(now));
}

TEST(StreamIds, WhatWasPassedOverStaysClosed) {
  StreamIds ids;
  EXPECT_TRUE(ids.admit(1));
  EXPECT_TRUE(ids.admit(1));  // trailers
  EXPECT_TRUE(ids.admit(3));
  EXPECT_TRUE(ids.admit(9));
  EXPECT_FALSE(ids.admit(5));
  EXPECT_FALSE(ids.admit(7));
  EXPECT_TRUE(ids.admit(3));
  EXPECT_TRUE(ids.admit(9));
  for (int32_t id = 13; id < 13 + 4 * 20; id += 4) EXPECT_TRUE(ids.admit(id));
  EXPECT_FALSE(ids.admit(13 + 4 * 18 + 2));
  EXPECT_TRUE(ids.admit(5));  // long ago: forgotten
}

}  // namespace
}  // namespace hanse::net
