#include "net/tls_bio.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/assert.h"
#include "net/tls.h"

namespace hanse::net {
namespace {

TlsSession& session_of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

}  // namespace

int SocketBio::read(BIO* bio, char* data, int size) {
  TlsSession& session = session_of(bio);
  BIO_clear_retry_flags(bio);
  ssize_t n = ::recv(session.fd_, data, static_cast<size_t>(size), 0);
  session.socket_drained_ = n > 0 ? n < size : n < 0 && errno == EAGAIN;
  if (n > 0) return static_cast<int>(n);
  session.eof_ = n == 0;
  session.errno_ = n == 0 ? 0 : errno;
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return n == 0 ? 0 : -1;
}

int SocketBio::write(BIO* bio, const char* data, int size) {
  TlsSession& session = session_of(bio);
  BIO_clear_retry_flags(bio);
  ssize_t n = ::send(session.fd_, data, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (n >= 0) return static_cast<int>(n);
  session.errno_ = errno;
  if (errno == EAGAIN || errno == EINTR) BIO_set_retry_write(bio);
  return -1;
}

long SocketBio::control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return session_of(bio).eof_;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

const BIO_METHOD* SocketBio::method() {
  static const BIO_METHOD* const made = [] {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hanse socket");
    HANSE_ASSERT(m);
    BIO_meth_set_read(m, read);
    BIO_meth_set_write(m, write);
    BIO_meth_set_ctrl(m, control);
    return m;
  }();
  return made;
}

BIO* SocketBio::make(TlsSession& session) {
  BIO* bio = BIO_new(method());
  HANSE_ASSERT(bio);
  BIO_set_data(bio, &session);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace hanse::net
