// The server: listens on every core (SO_REUSEPORT), speaks HTTP/1.1 and HTTP/2 (h2c by prior knowledge on plain ports,
// ALPN on TLS), and gives each request to a Handler. One Server a reactor.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "net/exchange.h"
#include "net/stream.h"
#include "net/tls.h"

namespace hanse::net {

struct ServerLimits {
  http::HeadLimits head;
  size_t connections = 20000;                   // all cores together
  size_t stream_buffer_bytes = 256 * 1024;      // HTTP/2: unsent bytes a stream; windows
  size_t requests_per_connection = 0;           // 0: no limit
  milliseconds head_timeout{10'000};
  milliseconds body_timeout{60'000};            // the whole body
  milliseconds idle_timeout{75'000};
  milliseconds write_timeout{120'000};          // one write that doesn't move
  milliseconds drain_timeout{30'000};
};

// Shared by the cores; relaxed atomics, one writer each would be finer but these change once a connection only.
struct ServerCounters {
  std::atomic<int64_t> connections{0};
  std::atomic<int64_t> accepted{0};
  std::atomic<int64_t> refused{0};
};

// Opens a listening socket: SO_REUSEPORT so that each core has its own. Port 0 picks one; `port` tells which.
Result<int> listen_on(const std::string& host, uint16_t port, uint16_t* bound);

class Server {
 public:
  Server(Handler& handler, ServerLimits limits, ServerCounters& counters)
      : handler_(handler), limits_(limits), counters_(counters) {}

  // Accepts on `listener` (taken) until the reactor stops; then drains: idle connections close at once, busy ones
  // after their answer, all at the drain limit. TLS when a context is given.
  Task<void> run(int listener);
  void use_tls(std::shared_ptr<const TlsServerContext> context) { tls_ = std::move(context); }

  Handler& handler() { return handler_; }
  const ServerLimits& limits() const { return limits_; }
  bool draining() const { return draining_; }

 private:
  Task<void> serve(int fd);
  Handler& handler_;
  ServerLimits limits_;
  ServerCounters& counters_;
  std::shared_ptr<const TlsServerContext> tls_;
  Cancel idle_;      // fired when draining starts: ends waits for a next request
  Cancel all_;       // fired at the drain limit
  bool draining_ = false;

  friend Task<void> serve_http1(Server& server, Stream& stream);
  friend Task<void> serve_http2(Server& server, Stream& stream, std::string_view first_bytes);
 public:
  Cancel& idle_cancel() { return idle_; }
  Cancel& hard_cancel() { return all_; }
};

// One connection each, to its end. `stream` is open (and its handshake done). http2: first_bytes were read already.
Task<void> serve_http1(Server& server, Stream& stream);
Task<void> serve_http2(Server& server, Stream& stream, std::string_view first_bytes);

}  // namespace hanse::net
