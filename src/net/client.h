// The client side: pooled HTTP/1.1 connections to one origin (a pool a core and provider), and one call on
// one of them.
//
//   Call call(pool);
//   auto head = co_await call.request(parts, bounds...);         // sends; returns when the answer's head is
//   there while (!call.done()) { auto piece = co_await call.read(bounds); ... }
//
// The Call owns its connection until it ends; a Call that ends before its answer is whole closes the
// connection, which tells the provider to stop. Redirects are never followed. Not thread-safe: pool, calls
// and connections stay on their reactor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/block.h"
#include "net/content_decoder.h"
#include "net/dns.h"
#include "net/http/chunked.h"
#include "net/http/head.h"
#include "net/stream.h"

namespace hanse::net {

struct Origin {
  std::string host;
  uint16_t port = 443;
  bool tls = true;
};

struct PoolLimits {
  size_t connections = 1024;            // at once, a core
  milliseconds connect_timeout{5'000};  // name, TCP and TLS together
  milliseconds idle_timeout{60'000};
};

class ClientPool {
 public:
  ClientPool(Origin origin, PoolLimits limits, Resolver& resolver, std::shared_ptr<TlsClientContext> tls)
      : origin_(std::move(origin)), limits_(limits), resolver_(resolver), tls_(std::move(tls)) {}

  struct Connection {
    Stream stream;
    Time idle_since = kNever;
    bool reused = false;  // has answered before
  };

  // An idle connection that still seems alive, or (fresh, or none idle) a new one.
  Task<Result<std::unique_ptr<Connection>>> acquire(bool fresh, Cancel* cancel);
  void give_back(std::unique_ptr<Connection> connection);
  void gone() { --open_; }
  // Closes what has been idle too long; call now and then.
  void sweep();
  void use_limits(const PoolLimits& limits) { limits_ = limits; }
  size_t open() const { return open_; }
  size_t idle() const { return idle_.size(); }
  const Origin& origin() const { return origin_; }

 private:
  Task<Result<void>> connect(Connection& connection, Cancel* cancel);
  std::unique_ptr<Connection> take_idle();
  Origin origin_;
  PoolLimits limits_;
  Resolver& resolver_;
  std::shared_ptr<TlsClientContext> tls_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last used is taken first
  size_t open_ = 0;
};

class Call {
 public:
  // The pool must outlive the call.
  explicit Call(std::shared_ptr<ClientPool> pool) : pool_(std::move(pool)) {}
  ~Call() { end(); }
  Call(const Call&) = delete;

  // Sends head and body (as gathered parts, which must stay until this returns) and waits for the answer's
  // head. A kept-alive connection that turns out dead before a byte came back is replaced once. The head and
  // its views live until the next wait of any kind on this thread: read it at once. Errors: unreachable,
  // timed_out, cancelled, malformed_reply, overloaded (pool is full).
  Task<Result<const http::ResponseHead*>> request(std::span<const iovec> parts, std::string_view method,
                                                  Time first_byte_deadline, milliseconds stall_max,
                                                  Cancel* cancel);
  // The next piece of the body without its framing and its Content-Encoding; empty when it has ended. Lives
  // until the next read(). A body that ends too early is malformed_reply.
  Task<Result<std::string_view>> read(Bounds bounds) {
    return decoder_ ? read_decoded(bounds) : read_framed(bounds);
  }
  // The body has ended with the piece that was last returned.
  bool done() const { return decoder_ ? done_ : body_ended_; }
  bool decoded() const { return decoder_ != nullptr; }  // then the head's content-length is not the body's
  // The whole rest of the body, up to bytes_max (beyond: malformed_reply).
  Task<Result<std::string>> read_all(size_t bytes_max, Bounds bounds);
  // Gives the connection back when the answer is whole, else closes it.
  void end();
  uint64_t bytes_in() const { return bytes_in_; }

 private:
  enum class Body : unsigned char { none, length, chunked, until_close };
  Task<Result<const http::ResponseHead*>> try_request(std::span<const iovec> parts, std::string_view method,
                                                      Time first_byte_deadline, milliseconds stall_max,
                                                      Cancel* cancel);
  Task<Result<std::string_view>> read_framed(Bounds bounds);
  Task<Result<std::string_view>> read_decoded(Bounds bounds);
  Result<std::optional<size_t>> receive(size_t offset);
  Result<bool> parse_head(std::string_view method, size_t size);
  Result<std::string_view> next_piece();

  std::shared_ptr<ClientPool> pool_;
  std::unique_ptr<ClientPool::Connection> connection_;
  Block block_;
  char* rest_ = nullptr;  // received, not yet returned: in block_
  size_t rest_size_ = 0;
  Body body_ = Body::none;
  uint64_t length_left_ = 0;
  http::ChunkedDecoder chunked_;
  std::unique_ptr<ContentDecoder> decoder_;  // of encoded answers
  std::string_view encoded_;                 // of the current piece, not yet decoded
  std::string decoded_;
  bool body_ended_ = false;  // of the framing: with a decoder, done_ comes when it too has ended
  uint64_t bytes_in_ = 0;
  bool got_bytes_ = false;  // anything of an answer came
  bool reusable_ = false;
  bool done_ = false;
};

}  // namespace hanse::net
