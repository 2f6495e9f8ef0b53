// TLS by OpenSSL 3 on a non-blocking socket. A session is driven by its Stream; contexts are immutable and
// shared by all cores (a new certificate is a new context, swapped whole).
//
//   TRY(auto context, TlsServerContext::load("cert.pem", "key.pem"));
//   auto session = context->session(fd);               // then stream.start_tls(std::move(*session), bounds)
//
// TLS 1.2 and 1.3. Clients always verify certificate and host name. An end without close_notify is a failure,
// never `end`: a body that runs to the close can't be cut short unnoticed.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct bio_st;

namespace hanse::net {

// What one try on a non-blocking transport gave.
struct IoResult {
  enum class Kind : unsigned char { bytes, end, want_read, want_write, failed };
  Kind kind = Kind::failed;
  size_t size = 0;  // of `bytes`: > 0
  int error = 0;    // of `failed`: errno, or 0 for a TLS fault
};

class TlsSession {
 public:
  // Takes `ssl`, which talks through `fd` (not taken) from now on.
  TlsSession(ssl_st* ssl, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;

  // bytes (size 1) means done.
  IoResult handshake();
  IoResult read(char* data, size_t size);
  // After want_read or want_write the next write must begin with the same bytes (they may have moved).
  IoResult write(const char* data, size_t size);
  // Sends close_notify if that is possible at once.
  void shutdown();
  // Received bytes are held back here, which bring no edge.
  bool holds_bytes() const;
  // Has the socket been seen empty since this was last asked? Then the next bytes bring an edge.
  bool saw_empty_socket() { return std::exchange(socket_drained_, false); }
  std::string_view alpn() const;                           // "h2", "http/1.1" or empty
  const std::string& failure() const { return failure_; }  // why it failed, for logs and errors
  bool resumed() const;

 private:
  friend struct SocketBio;
  friend class TlsClientContext;
  struct Sessions;
  IoResult outcome(int returned);
  std::string reason() const;

  ssl_st* ssl_;
  int fd_;
  int errno_ = 0;  // of the last failed call on the socket
  bool eof_ = false;
  bool socket_drained_ = false;  // the last receive was short
  bool broken_ = false;          // after a fatal error nothing may be sent any more
  std::string failure_;
  // Of clients: where sessions for resumption go, and under which name.
  std::shared_ptr<Sessions> sessions_;
  std::string host_;
};

class TlsServerContext {
 public:
  // PEM files; the certificate's may hold its chain. ALPN h2 and http/1.1 in that order.
  static Result<std::shared_ptr<const TlsServerContext>> load(const std::string& cert_file,
                                                              const std::string& key_file);
  Result<std::unique_ptr<TlsSession>> session(int fd) const;
  ~TlsServerContext();

 private:
  TlsServerContext() = default;
  ssl_ctx_st* context_ = nullptr;
};

class TlsClientContext {
 public:
  // System roots, or only those in ca_file when given. Certificates and host names are always verified.
  static Result<std::shared_ptr<TlsClientContext>> load(const std::string& ca_file = {});
  // Resumes the last session with `host` where there is one. Used by one core.
  Result<std::unique_ptr<TlsSession>> session(int fd, const std::string& host);
  ~TlsClientContext();

 private:
  TlsClientContext() = default;
  static int keep_session(ssl_st* ssl, ssl_session_st* session);
  ssl_ctx_st* context_ = nullptr;
  std::shared_ptr<TlsSession::Sessions> sessions_;
};

}  // namespace hanse::net
