#include <gtest/gtest.h>

#include "net/http2_test_client.h"
#include "net/http2_test_handler.h"
#include "net/test_server.h"

namespace hanse::net {
namespace {

using namespace std::chrono_literals;

template <class Done>
bool eventually(Done done) {
  for (int i = 0; i < 1000 && !done(); ++i) std::this_thread::sleep_for(5ms);
  return done();
}

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 25);
  return text;
}

struct Http2Server : testing::Test {
  PathHandler handler;
  std::unique_ptr<TestServer> server = std::make_unique<TestServer>(handler);
  void restart(ServerLimits limits) {
    server.reset();
    server = std::make_unique<TestServer>(handler, limits);
  }
  uint16_t port() const { return server->port; }
  ~Http2Server() override {
    server->stop();
    EXPECT_EQ(server->counters.connections, 0);
    EXPECT_EQ(server->counters.buffered_bytes, 0);
  }
};

// ---- requests and answers

TEST_F(Http2Server, EchoesBodiesOfAllSizes) {
  Http2TestClient client(port());
  for (size_t size : {0, 1, 16384, 65535, 65536, 300'000, 3'000'000}) {
    std::string body = pattern(size);
    int32_t id = client.request("POST", "/", {}, body);
    auto& answer = client.answer(id);
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body == body) << size;
    EXPECT_EQ(answer.code, 0u);
    EXPECT_EQ(answer.headers["content-length"], std::to_string(size));
    EXPECT_TRUE(answer.headers.contains("date"));
    EXPECT_FALSE(answer.headers.contains("connection"));
    EXPECT_EQ(answer.headers["x-odd"], "a  b: c");
  }
}

TEST_F(Http2Server, ManyStreamsAtOnce) {
  Http2TestClient client(port());
  std::vector<int32_t> ids;
  for (int i = 0; i < 100; ++i)
    ids.push_back(client.request("POST", i % 2 ? "/" : "/pieces", {}, pattern(1000 * i + 1)));
  for (int i = 0; i < 100; ++i) {
    auto& answer = client.answer(ids[i]);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.size(), i % 2 ? 1000u * i + 1 : 5000u);
  }
}

TEST_F(Http2Server, SomeAnswersHaveNoBody) {
  Http2TestClient client(port());
  auto& no_content = client.answer(client.request("GET", "/204"));
  EXPECT_EQ(no_content.status, 204);
  EXPECT_FALSE(no_content.headers.contains("content-length"));
  auto& not_modified = client.answer(client.request("GET", "/304"));
  EXPECT_EQ(not_modified.status, 304);
  EXPECT_EQ(not_modified.frames, 0u);
  auto& head = client.answer(client.request("HEAD", "/pieces"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.frames, 0u);
  EXPECT_EQ(head.code, 0u);
}

TEST_F(Http2Server, HeadsLookAsInHttp1) {
  Http2TestClient client(port());
  auto& answer =
      client.answer(client.request("GET", "/head", {{"cookie", "a=1"}, {"x-a", "b"}, {"cookie", "c=2"}}));
  EXPECT_EQ(answer.body, "GET /head host=gateway.test\nx-a=b\ncookie=a=1; c=2\nhost=gateway.test\n");
  auto& by_host = client.answer(client.submit(
      {{":method", "GET"}, {":path", "/head"}, {":scheme", "http"}, {"host", "other.test:8080"}}));
  EXPECT_EQ(by_host.body, "GET /head host=other.test:8080\nhost=other.test:8080\n");
}

TEST_F(Http2Server, TrailersAreReadPast) {
  Http2TestClient client(port());
  int32_t id = client.request("POST", "/", {}, "body", true);
  client.pump([&] { return client.peek(id).uploaded == 4; });
  client.send_all();
  nghttp2_nv trailer{const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>("x-t")),
                     const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>("1")), 3, 1, NGHTTP2_NV_FLAG_NONE};
  nghttp2_submit_headers(client.h2(), NGHTTP2_FLAG_END_STREAM, id, nullptr, &trailer, 1, nullptr);
  auto& answer = client.answer(id);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "body");
}

TEST_F(Http2Server, SaysContinueBeforeABodyThatWaitsForIt) {
  Http2TestClient client(port());
  int32_t id = client.request("POST", "/", {{"expect", "100-continue"}}, {}, true);
  EXPECT_TRUE(client.pump([&] { return client.peek(id).status == 100; }));
  client.peek(id).upload = "now";
  client.peek(id).hold_end = false;
  nghttp2_session_resume_data(client.h2(), id);
  auto& answer = client.answer(id);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.interim, 1);
  EXPECT_EQ(answer.body, "now");
}

TEST_F(Http2Server, AHandlerThatForgetsOrBreaksOff) {
  Http2TestClient client(port());
  EXPECT_EQ(client.answer(client.request("GET", "/silent")).status, 500);
  auto& cut = client.answer(client.request("GET", "/cut"));
  EXPECT_EQ(cut.status, 200);
  EXPECT_EQ(cut.code, static_cast<uint32_t>(NGHTTP2_INTERNAL_ERROR));
  auto& promise = client.answer(client.request("GET", "/promise"));
  EXPECT_EQ(promise.code, static_cast<uint32_t>(NGHTTP2_INTERNAL_ERROR));
  EXPECT_EQ(client.answer(client.request("GET", "/")).status, 200);  // the connection lives
}

TEST_F(Http2Server, AnAnswerBeforeTheBodyStopsTheUpload) {
  Http2TestClient client(port());
  for (int i = 0; i < 20; ++i) {  // more than the connection's window in all, so it must be given back
    auto& answer = client.answer(client.request("POST", "/unread", {}, pattern(1'000'000)));
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, "no");
    EXPECT_EQ(answer.code, 0u);
    EXPECT_LT(answer.uploaded, 700'000u);
  }
  EXPECT_TRUE(client.answer(client.request("POST", "/", {}, pattern(1'000'000))).body == pattern(1'000'000));
}

TEST_F(Http2Server, APrefaceInPiecesIsStillHttp2) {
  TestClient client(port());
  std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9);
  for (char c : preface) {
    client.say({&c, 1});
    std::this_thread::sleep_for(1ms);
  }
  std::string ack("\0\0\0\4\1\0\0\0\0", 9);
  EXPECT_TRUE(client.hear_until(ack).ends_with(ack));
}

// ---- those who leave

TEST_F(Http2Server, AResetStreamCancelsItsHandlerOnly) {
  Http2TestClient client(port());
  int32_t first = client.request("GET", "/late"), second = client.request("GET", "/wait");
  EXPECT_TRUE(client.pump([&] { return handler.begun == 2; }, 200) ||
              eventually([&] { return handler.begun == 2; }));
  client.reset(first);
  client.send_all();
  EXPECT_TRUE(eventually([&] { return handler.left == 1; }));
  handler.go = true;
  EXPECT_EQ(client.answer(second).status, 200);
  EXPECT_EQ(handler.left, 1);
}

TEST_F(Http2Server, ALostConnectionCancelsAll) {
  {
    Http2TestClient client(port());
    for (int i = 0; i < 5; ++i) client.request("GET", "/late");
    client.send_all();
    EXPECT_TRUE(eventually([&] { return handler.begun == 5; }));
  }
  EXPECT_TRUE(eventually([&] { return handler.left == 5 && handler.ended == 5; }));
  EXPECT_TRUE(eventually([&] { return server->counters.connections == 0; }));
}

TEST_F(Http2Server, ABodyThatEndsTooEarlyOrTooLateIsAnError) {
  Http2TestClient client(port());
  auto& shorter = client.answer(client.request("POST", "/", {{"content-length", "10"}}, "12345"));
  EXPECT_EQ(shorter.code, static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  auto& longer = client.answer(client.request("POST", "/", {{"content-length", "3"}}, "12345"));
  EXPECT_EQ(longer.code, static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  EXPECT_EQ(client.answer(client.request("POST", "/", {{"content-length", "5"}}, "12345")).status, 200);
}

// ---- back-pressure

TEST_F(Http2Server, AClientThatDoesNotReadHoldsTheWriter) {
  Http2TestClient client(port(), 100'000, false);
  int32_t id = client.request("GET", "/big");
  client.wait(200);
  EXPECT_LE(client.peek(id).body.size(), 100'000u);
  EXPECT_EQ(handler.written, 0);  // the first piece doesn't fit the windows
  size_t given_back = 0;
  for (int i = 0; i < 2000 && !client.peek(id).closed && !client.ended; ++i) {
    size_t seen = client.peek(id).body.size();
    nghttp2_session_consume(client.h2(), id, seen - std::exchange(given_back, seen));
    client.pump([&] { return client.peek(id).body.size() > seen || client.peek(id).closed; }, 1000);
  }
  EXPECT_EQ(client.peek(id).body.size(), 20u * 256 * 1024);
  EXPECT_EQ(handler.written, 20);
}

TEST_F(Http2Server, AHandlerThatDoesNotReadHoldsTheClient) {
  Http2TestClient client(port());
  int32_t id = client.request("POST", "/wait", {}, pattern(3'000'000));
  client.wait(200);
  EXPECT_LE(client.peek(id).uploaded, 256u * 1024);
  EXPECT_LE(server->counters.buffered_bytes, 512 * 1024);
  handler.go = true;
  EXPECT_TRUE(client.answer(id).body == pattern(3'000'000));
}

TEST_F(Http2Server, AWriteThatDoesNotMoveEndsItsStream) {
  ServerLimits limits;
  limits.write_timeout = milliseconds(80);
  restart(limits);
  Http2TestClient client(port(), 1000, false);
  int32_t id = client.request("GET", "/big");
  auto& answer = client.answer(id);
  EXPECT_EQ(answer.code, static_cast<uint32_t>(NGHTTP2_INTERNAL_ERROR));
  EXPECT_EQ(handler.left, 1);
}

TEST_F(Http2Server, OneBlockedStreamDoesNotBlockAnother) {
  Http2TestClient client(port(), 10'000, false);
  client.request("GET", "/big");
  client.wait(50);
  EXPECT_EQ(client.answer(client.request("GET", "/pieces")).body.size(), 5000u);
}

// ---- limits and bad input

TEST_F(Http2Server, HeadsOverTheLimits) {
  ServerLimits limits;
  limits.head.bytes = 32'000;
  restart(limits);
  Http2TestClient client(port());
  EXPECT_EQ(client.answer(client.request("GET", "/" + std::string(20'000, 'x'))).status, 414);
  Http2TestClient::Fields many, large;
  for (int i = 0; i < 200; ++i) many.emplace_back("x-" + std::to_string(i), "v");
  EXPECT_EQ(client.answer(client.request("GET", "/", many)).status, 431);
  for (int i = 0; i < 5; ++i) large.emplace_back("x-" + std::to_string(i), std::string(7000, 'v'));
  EXPECT_EQ(client.answer(client.request("GET", "/", large)).status, 431);
  EXPECT_EQ(client.answer(client.request("GET", "/")).status, 200);
}

TEST_F(Http2Server, HeadsThatLie) {
  Http2TestClient client(port());
  auto code_of = [&](const Http2TestClient::Fields& extra) {
    auto& answer = client.answer(client.request("GET", "/", extra));
    return answer.status ? answer.status : -static_cast<int>(answer.code);
  };
  EXPECT_EQ(code_of({{"host", "other.test"}}), 400);
  EXPECT_EQ(code_of({{"host", "GATEWAY.test"}}), 200);
  EXPECT_EQ(code_of({{"expect", "a miracle"}}), 417);
  EXPECT_EQ(code_of({{"connection", "close"}}), -NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(code_of({{"transfer-encoding", "chunked"}}), -NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(code_of({{"x-split", "a\r\nb"}}), -NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(client.answer(client.request("get", "/")).status, 400);
  EXPECT_EQ(client.answer(client.request("GET", "/a b")).status, 0);
  EXPECT_EQ(client.answer(client.request("GET", "http://x/")).status, 0);
  auto& no_host = client.answer(client.submit({{":method", "GET"}, {":path", "/"}, {":scheme", "http"}}));
  EXPECT_EQ(no_host.code, static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  auto& bad_host = client.answer(
      client.submit({{":method", "GET"}, {":path", "/"}, {":scheme", "http"}, {":authority", "user@x"}}));
  EXPECT_NE(bad_host.status, 200);
}

TEST_F(Http2Server, BodiesOverTheLimitsAndTooSlow) {
  ServerLimits limits;
  limits.body_timeout = milliseconds(60);
  limits.total_buffer_bytes = 5'000'000;
  restart(limits);
  handler.body_max = 1'000'000;
  Http2TestClient client(port());
  EXPECT_EQ(
      client.answer(client.request("POST", "/", {{"content-length", "1000001"}}, pattern(1'000'001))).status,
      413);
  EXPECT_EQ(client.answer(client.request("POST", "/", {}, pattern(2'000'000))).status, 413);
  EXPECT_EQ(client.answer(client.request("POST", "/", {}, "half", true)).status, 408);
  handler.body_max = 100'000'000;
  EXPECT_EQ(
      client.answer(client.request("POST", "/", {{"content-length", "6000000"}}, pattern(6'000'000))).status,
      503);
  EXPECT_EQ(client.answer(client.request("POST", "/", {}, pattern(6'000'000))).status, 503);
  EXPECT_EQ(client.answer(client.request("POST", "/", {}, "fine")).status, 200);
}

}  // namespace
}  // namespace hanse::net
