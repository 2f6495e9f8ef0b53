#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/tls_bio.h"
#include "net/tls_sessions.h"

namespace hanse::net {

using Kind = IoResult::Kind;

namespace {

constexpr unsigned char kServerProtocols[] = "\x02h2\x08http/1.1";
constexpr unsigned char kClientProtocols[] = "\x08http/1.1";

// The reason of OpenSSL's oldest queued error, and an empty queue.
std::string queued_error() {
  unsigned long e = ERR_get_error();
  ERR_clear_error();
  const char* reason = e ? ERR_reason_error_string(e) : nullptr;
  if (reason) return reason;
  if (e && ERR_SYSTEM_ERROR(e)) return std::strerror(static_cast<int>(ERR_GET_REASON(e)));
  return "unknown TLS error";
}

int refuse_password(char*, int, int, void*) { return -1; }  // else OpenSSL asks on the terminal

SSL_CTX* new_context(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  if (!context) return nullptr;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // A record's header and body in one receive.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_passwd_cb(context, refuse_password);
  return context;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  int found =
      SSL_select_next_proto(&chosen, out_size, kServerProtocols, sizeof kServerProtocols - 1, in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Failed load_error(const std::string& what, const std::string& file) {
  return fail(Code::bad_request, what + " '" + file + "': " + queued_error());
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

// ---- TlsSession

TlsSession::TlsSession(ssl_st* ssl, int fd) : ssl_(ssl), fd_(fd) {
  BIO* bio = SocketBio::make(*this);
  SSL_set_bio(ssl_, bio, bio);
}

TlsSession::~TlsSession() {
  // Else OpenSSL forbids the resumption of a session whose connection was cut, however sound it was.
  if (!broken_) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

IoResult TlsSession::outcome(int returned) {
  int error = SSL_get_error(ssl_, returned);
  if (error == SSL_ERROR_WANT_READ) return {Kind::want_read};
  if (error == SSL_ERROR_WANT_WRITE) return {Kind::want_write};
  if (error == SSL_ERROR_ZERO_RETURN) return {Kind::end};
  broken_ = true;
  int cause = error == SSL_ERROR_SYSCALL ? errno_ : 0;
  failure_ = cause ? std::strerror(cause) : reason();
  return {Kind::failed, 0, cause};
}

std::string TlsSession::reason() const {
  if (long verified = SSL_get_verify_result(ssl_); verified != X509_V_OK) {
    ERR_clear_error();
    return std::string("certificate: ") + X509_verify_cert_error_string(verified);
  }
  if (eof_) {
    ERR_clear_error();
    return "closed by the peer without close_notify";
  }
  return queued_error();
}

IoResult TlsSession::handshake() {
  ERR_clear_error();
  int done = SSL_do_handshake(ssl_);
  return done == 1 ? IoResult{Kind::bytes, 1} : outcome(done);
}

IoResult TlsSession::read(char* data, size_t size) {
  ERR_clear_error();
  size_t n = 0;
  int done = SSL_read_ex(ssl_, data, size, &n);
  if (done == 1) return {Kind::bytes, n};
  return outcome(done);
}

IoResult TlsSession::write(const char* data, size_t size) {
  ERR_clear_error();
  size_t n = 0;
  int done = SSL_write_ex(ssl_, data, size, &n);
  return done == 1 ? IoResult{Kind::bytes, n} : outcome(done);
}

void TlsSession::shutdown() {
  if (broken_ || SSL_in_init(ssl_)) return;
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool TlsSession::holds_bytes() const { return SSL_has_pending(ssl_); }

std::string_view TlsSession::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsSession::resumed() const { return SSL_session_reused(ssl_) == 1; }

// ---- TlsServerContext

TlsServerContext::~TlsServerContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(const std::string& cert_file,
                                                                       const std::string& key_file) {
  ERR_clear_error();
  std::shared_ptr<TlsServerContext> made(new TlsServerContext);
  SSL_CTX* context = made->context_ = new_context(TLS_server_method());
  if (!context) return fail(Code::internal, "TLS: " + queued_error());
  if (SSL_CTX_use_certificate_chain_file(context, cert_file.c_str()) != 1)
    return load_error("can't load the certificate", cert_file);
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return load_error("can't load the private key", key_file);
  if (SSL_CTX_check_private_key(context) != 1)
    return load_error("the private key doesn't belong to '" + cert_file + "':", key_file);
  // Forward secrecy and AEAD only, which is also what HTTP/2 asks for (RFC 9113 appendix A).
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  // Resumption is by tickets, which need no memory here and work on every core.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  constexpr unsigned char kId[] = "hanse";
  SSL_CTX_set_session_id_context(context, kId, sizeof kId - 1);
  return made;
}

Result<std::unique_ptr<TlsSession>> TlsServerContext::session(int fd) const {
  SSL* ssl = SSL_new(context_);
  if (!ssl) return fail(Code::overloaded, "TLS: " + queued_error());
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsSession>(ssl, fd);
}

// ---- TlsClientContext

TlsClientContext::~TlsClientContext() { SSL_CTX_free(context_); }

int TlsClientContext::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* owner = static_cast<TlsSession*>(SSL_get_app_data(ssl));
  owner->sessions_->keep(owner->host_, session);
  return 1;  // the session is ours now
}

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::load(const std::string& ca_file) {
  ERR_clear_error();
  std::shared_ptr<TlsClientContext> made(new TlsClientContext);
  SSL_CTX* context = made->context_ = new_context(TLS_client_method());
  if (!context) return fail(Code::internal, "TLS: " + queued_error());
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      return fail(Code::internal, "can't load the system's root certificates: " + queued_error());
  } else if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
    return load_error("can't load the root certificates", ca_file);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context, kClientProtocols, sizeof kClientProtocols - 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  made->sessions_ = std::make_shared<TlsSession::Sessions>();
  return made;
}

Result<std::unique_ptr<TlsSession>> TlsClientContext::session(int fd, const std::string& host) {
  std::string name(without_brackets(host));
  if (name.ends_with('.')) name.pop_back();
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  SSL* ssl = SSL_new(context_);
  if (!ssl) return fail(Code::overloaded, "TLS: " + queued_error());
  auto made = std::make_unique<TlsSession>(ssl, fd);
  SSL_set_connect_state(ssl);
  X509_VERIFY_PARAM* checks = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool set = X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) == 1 ||  // fails for what is no address
             (!name.empty() && SSL_set1_host(ssl, name.c_str()) == 1 &&
              SSL_set_tlsext_host_name(ssl, name.c_str()) == 1);
  if (!set) return fail(Code::bad_request, "'" + host + "' is no host name or address");
  SSL_set_app_data(ssl, made.get());
  made->sessions_ = sessions_;
  made->host_ = name;
  if (SSL_SESSION* known = sessions_->find(name)) SSL_set_session(ssl, known);
  ERR_clear_error();
  return made;
}

}  // namespace hanse::net
