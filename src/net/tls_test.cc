#include "net/tls.h"

#include "net/test_certificates.h"
#include "net/test_support.h"

namespace hanse::net {
namespace {

iovec part(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

class Tls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    files = new TestCertificates;
    files->make_ca("ca");
    files->make_ca("stranger");
    files->make_leaf("server", "ca", "DNS:gateway.test,DNS:*.wild.test,IP:127.0.0.1,IP:::1");
    files->make_leaf("expired", "ca", "DNS:gateway.test", -60);
  }
  static void TearDownTestSuite() { delete files; }

  struct Ends {
    Stream client, server;
    Result<void> client_done, server_done;
  };
  static std::shared_ptr<const TlsServerContext> server_context(const std::string& name = "server") {
    auto context = TlsServerContext::load(files->path(name + ".pem"), files->path(name + ".key"));
    EXPECT_TRUE(context) << context.error().message;
    return *context;
  }
  static std::shared_ptr<TlsClientContext> client_context(const std::string& ca = "ca") {
    auto context = TlsClientContext::load(files->path(ca + ".pem"));
    EXPECT_TRUE(context) << context.error().message;
    return *context;
  }

  // Handshakes on both ends at once.
  static Task<void> shake_hands(Ends& ends, const TlsServerContext& server, TlsClientContext& client,
                                const std::string& host) {
    Loopback sockets = connect_loopback();
    EXPECT_TRUE(ends.client.open(sockets.client) && ends.server.open(sockets.server));
    bool server_ended = false;
    auto serve = [&]() -> Task<void> {
      auto session = server.session(sockets.server);
      ends.server_done = co_await ends.server.start_tls(std::move(*session), soon());
      server_ended = true;
    };
    Reactor::current().spawn(serve());
    auto session = client.session(sockets.client, host);
    EXPECT_TRUE(session);
    ends.client_done = co_await ends.client.start_tls(std::move(*session), soon());
    if (!ends.client_done) ends.client.close();
    for (int i = 0; i < 200 && !server_ended; ++i) co_await pause(5);
  }

  // What a client says about `host` when the server shows `certificate`; empty when it is content.
  static std::string verdict(const std::string& host, const std::string& certificate, const std::string& ca) {
    std::string message;
    auto server = server_context(certificate);
    auto client = client_context(ca);
    auto body = [&]() -> Task<void> {
      Ends ends;
      co_await shake_hands(ends, *server, *client, host);
      if (!ends.client_done) message = ends.client_done.error().message;
    };
    run_on_reactor(body);
    return message;
  }

  static inline TestCertificates* files = nullptr;
};

Task<void> echo(Stream& stream) {
  char buffer[5000];
  while (true) {
    auto got = co_await stream.read(buffer, sizeof buffer, soon());
    if (!got || *got == 0) break;
    iovec back[] = {part({buffer, *got})};
    auto sent = co_await stream.write(back, milliseconds(5000), nullptr);
    if (!sent) break;
  }
  stream.close();
}

TEST_F(Tls, BytesGoBothWays) {
  auto server = server_context();
  auto client = client_context();
  auto body = [&]() -> Task<void> {
    Ends ends;
    co_await shake_hands(ends, *server, *client, "gateway.test");
    EXPECT_TRUE(ends.client_done && ends.server_done);
    EXPECT_EQ(ends.client.alpn(), "http/1.1");
    EXPECT_EQ(ends.server.alpn(), "http/1.1");
    Reactor::current().spawn(echo(ends.server));
    std::string text(2'000'000, '?'), got;
    for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
    auto writer = [&]() -> Task<void> {
      std::string_view all = text;
      iovec parts[] = {part(all.substr(0, 100)), part(all.substr(100, 50'000)), part(all.substr(50'100))};
      auto sent = co_await ends.client.write(parts, milliseconds(5000), nullptr);
      EXPECT_TRUE(sent);
    };
    Reactor::current().spawn(writer());
    char buffer[7777];
    while (got.size() < text.size()) {
      auto n = co_await ends.client.read(buffer, sizeof buffer, soon());
      if (!n || *n == 0) break;
      got.append(buffer, *n);
    }
    EXPECT_TRUE(got == text);
    ends.client.shut_down_sending();
    auto end = co_await ends.client.read(buffer, sizeof buffer, soon());
    EXPECT_EQ(end.value_or(1), 0u);  // close_notify: an orderly end
  };
  run_on_reactor(body);
}

TEST_F(Tls, BytesThatTlsHoldsBackAreReadWithoutAnEdge) {
  auto server = server_context();
  auto client = client_context();
  auto body = [&]() -> Task<void> {
    Ends ends;
    co_await shake_hands(ends, *server, *client, "gateway.test");
    std::string text(16'000, 'x');
    iovec parts[] = {part(text)};
    auto sent = co_await ends.server.write(parts, milliseconds(5000), nullptr);
    EXPECT_TRUE(sent);
    co_await pause(20);
    size_t seen = 0;
    char buffer[100];
    while (ends.client.maybe_readable()) {
      IoResult got = ends.client.try_read(buffer, sizeof buffer);
      if (got.kind == IoResult::Kind::bytes) seen += got.size;
    }
    EXPECT_EQ(seen, text.size());
  };
  run_on_reactor(body);
}

TEST_F(Tls, AnEdgeIsKeptWhileTlsHoldsBytesBack) {
  auto server = server_context();
  auto client = client_context();
  auto body = [&]() -> Task<void> {
    Ends ends;
    co_await shake_hands(ends, *server, *client, "gateway.test");
    iovec one[] = {part("one")}, two[] = {part("two")}, three[] = {part("three")};
    (void)co_await ends.server.write(one, milliseconds(1000), nullptr);
    (void)co_await ends.server.write(two, milliseconds(1000), nullptr);
    co_await pause(20);
    char buffer[100];
    auto got = co_await ends.client.read(buffer, sizeof buffer, soon());  // both have left the socket
    EXPECT_EQ(got.value_or(0), 3u);
    (void)co_await ends.server.write(three, milliseconds(1000), nullptr);
    co_await pause(20);
    for (size_t size : {3u, 5u}) {
      Bounds bounds{from_now(500), nullptr};
      auto more = co_await ends.client.read(buffer, sizeof buffer, bounds);
      EXPECT_EQ(more.value_or(0), size);
    }
  };
  run_on_reactor(body);
}

TEST_F(Tls, ALaterSessionResumes) {
  auto server = server_context();
  auto client = client_context();
  auto body = [&]() -> Task<void> {
    for (bool resumed : {false, true, true}) {
      Ends ends;
      co_await shake_hands(ends, *server, *client, "Gateway.TEST");
      EXPECT_TRUE(ends.client_done && ends.server_done);
      EXPECT_EQ(ends.client.resumed(), resumed);
      iovec parts[] = {part("x")};
      auto sent = co_await ends.server.write(parts, milliseconds(1000), nullptr);
      EXPECT_TRUE(sent);
      char buffer[8];
      auto got = co_await ends.client.read(buffer, sizeof buffer, soon());  // the tickets come with it
      EXPECT_EQ(got.value_or(0), 1u);
      ends.client.reset();  // a cut connection doesn't spoil the session
    }
    Ends other;
    co_await shake_hands(other, *server, *client, "a.wild.test");
    EXPECT_TRUE(other.client_done);
    EXPECT_FALSE(other.client.resumed());
  };
  run_on_reactor(body);
}

TEST_F(Tls, NamesAndAddressesAreVerified) {
  EXPECT_EQ(verdict("gateway.test", "server", "ca"), "");
  EXPECT_EQ(verdict("gateway.test.", "server", "ca"), "");
  EXPECT_EQ(verdict("a.wild.test", "server", "ca"), "");
  EXPECT_EQ(verdict("127.0.0.1", "server", "ca"), "");
  EXPECT_EQ(verdict("[::1]", "server", "ca"), "");
  EXPECT_NE(verdict("other.test", "server", "ca").find("hostname mismatch"), std::string::npos);
  EXPECT_NE(verdict("a.b.wild.test", "server", "ca").find("hostname mismatch"), std::string::npos);
  EXPECT_NE(verdict("127.0.0.2", "server", "ca").find("IP address mismatch"), std::string::npos);
}

TEST_F(Tls, StrangersAndExpiredCertificatesAreRefused) {
  EXPECT_NE(verdict("gateway.test", "server", "stranger").find("certificate: unable to get local issuer"),
            std::string::npos);
  EXPECT_NE(verdict("gateway.test", "expired", "ca").find("certificate has expired"), std::string::npos);
}

TEST_F(Tls, ACutConnectionIsAFailureNotAnEnd) {
  auto server = server_context();
  auto client = client_context();
  auto body = [&]() -> Task<void> {
    Ends ends;
    co_await shake_hands(ends, *server, *client, "gateway.test");
    iovec parts[] = {part("half of an ans")};
    auto sent = co_await ends.server.write(parts, milliseconds(1000), nullptr);
    EXPECT_TRUE(sent);
    ::shutdown(ends.server.fd(), SHUT_WR);  // FIN without close_notify, as who cuts a stream would send
    char buffer[64];
    auto first = co_await ends.client.read(buffer, sizeof buffer, soon());
    EXPECT_EQ(first.value_or(0), 14u);
    auto second = co_await ends.client.read(buffer, sizeof buffer, soon());
    EXPECT_TRUE(failed_with(second, Code::unreachable));
  };
  run_on_reactor(body);
}

TEST_F(Tls, PlainTextAndSilenceEndTheHandshake) {
  auto server = server_context();
  auto body = [&]() -> Task<void> {
    for (bool silent : {false, true}) {
      Loopback sockets = connect_loopback();
      Stream stream;
      EXPECT_TRUE(stream.open(sockets.server));
      EXPECT_GE(::send(sockets.client, "GET / HTTP/1.1\r\n\r\n", silent ? 0 : 18, 0), 0);
      auto session = server->session(sockets.server);
      Bounds bounds{from_now(50), nullptr};
      auto done = co_await stream.start_tls(std::move(*session), bounds);
      EXPECT_TRUE(failed_with(done, silent ? Code::timed_out : Code::unreachable));
      stream.close();
      ::close(sockets.client);
    }
  };
  run_on_reactor(body);
}

TEST_F(Tls, LoadErrorsNameTheFile) {
  std::string cert = files->path("server.pem"), key = files->path("server.key");
  auto no_cert = TlsServerContext::load(files->path("nowhere.pem"), key);
  ASSERT_FALSE(no_cert);
  EXPECT_NE(no_cert.error().message.find("nowhere.pem"), std::string::npos);
  auto garbage = TlsServerContext::load(files->write("garbage.pem", "no PEM at all"), key);
  ASSERT_FALSE(garbage);
  EXPECT_NE(garbage.error().message.find("garbage.pem"), std::string::npos);
  auto no_key = TlsServerContext::load(cert, files->path("nowhere.key"));
  ASSERT_FALSE(no_key);
  EXPECT_NE(no_key.error().message.find("nowhere.key"), std::string::npos);
  auto others_key = TlsServerContext::load(cert, files->path("ca.key"));
  ASSERT_FALSE(others_key);
  EXPECT_NE(others_key.error().message.find("ca.key"), std::string::npos);
  auto no_roots = TlsClientContext::load(files->path("nowhere-ca.pem"));
  ASSERT_FALSE(no_roots);
  EXPECT_NE(no_roots.error().message.find("nowhere-ca.pem"), std::string::npos);
}

TEST_F(Tls, SystemRootsLoad) { EXPECT_TRUE(TlsClientContext::load()); }

}  // namespace
}  // namespace hanse::net
