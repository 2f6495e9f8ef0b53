// TLS by OpenSSL 3 on a non-blocking socket. A session is driven by its Stream; contexts are immutable and shared by
// all cores (a new certificate is a new context, swapped whole).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

struct ssl_st;
struct ssl_ctx_st;

namespace hanse::net {

// What one try on a non-blocking transport gave.
struct IoResult {
  enum class Kind : unsigned char { bytes, end, want_read, want_write, failed };
  Kind kind = Kind::failed;
  size_t size = 0;       // of `bytes`: > 0
  int error = 0;         // of `failed`: errno, or 0 for a TLS fault
};

class TlsSession {
 public:
  TlsSession(ssl_st* ssl) : ssl_(ssl) {}   // takes it
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;

  // bytes (size 1) means done.
  IoResult handshake();
  IoResult read(char* data, size_t size);
  IoResult write(const char* data, size_t size);
  // Sends close_notify if that is possible at once.
  void shutdown();
  std::string_view alpn() const;           // "h2", "http/1.1" or empty
  std::string failure() const;             // why the handshake failed, for logs and errors
  bool resumed() const;

 private:
  ssl_st* ssl_;
  std::string failure_;
};

class TlsServerContext {
 public:
  // PEM files. ALPN h2 and http/1.1 in that order.
  static Result<std::shared_ptr<const TlsServerContext>> load(const std::string& cert_file, const std::string& key_file);
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
  struct Sessions;
  ssl_ctx_st* context_ = nullptr;
  std::unique_ptr<Sessions> sessions_;
};

}  // namespace hanse::net
