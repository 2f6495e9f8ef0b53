// OpenSSL's way to a socket, ours: never raises SIGPIPE, remembers errno and whether the last receive was
// short (which saves the receive that would only say EAGAIN). Private to TlsSession.
#pragma once

#include <openssl/bio.h>

namespace hanse::net {

class TlsSession;

struct SocketBio {
  // Refers to `session`, which owns it through its SSL.
  static BIO* make(TlsSession& session);

 private:
  static int read(BIO* bio, char* data, int size);
  static int write(BIO* bio, const char* data, int size);
  static long control(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* method();
};

}  // namespace hanse::net
