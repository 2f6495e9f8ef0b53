// The server: listens on every core (SO_REUSEPORT), speaks HTTP/1.1 and HTTP/2 (h2c by prior knowledge on
// plain ports, ALPN on TLS), and gives each request to a Handler. One Server a reactor.
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
  size_t connections = 20000;                       // all cores together
  size_t stream_buffer_bytes = 256 * 1024;          // HTTP/2: unsent bytes a stream; windows
  size_t total_buffer_bytes = 1024u * 1024 * 1024;  // request bodies in memory, all cores together
  size_t http2_streams = 256;                       // at once on one connection, as we promise to the client
  size_t http2_window_bytes = 8u << 20;             // bodies under way on one connection
  size_t http2_stream_window_bytes = 2u << 20;      // of a stream whose handler reads a large body
  size_t http2_resets_per_second = 50;              // and ten times as many in a burst
  size_t http2_controls_per_second = 100;           // likewise
  milliseconds head_timeout{10'000};
  milliseconds body_timeout{60'000};  // the whole body
  milliseconds idle_timeout{75'000};
  milliseconds write_timeout{120'000};  // one write that doesn't move
  milliseconds drain_timeout{30'000};
};

// Shared by the cores; relaxed atomics, one writer each would be finer but these change once a connection
// only.
struct ServerCounters {
  std::atomic<int64_t> connections{0};
  std::atomic<int64_t> accepted{0};
  std::atomic<int64_t> refused{0};
  std::atomic<int64_t> buffered_bytes{0};  // bodies too large for the block they came in
};

// Opens a listening socket: SO_REUSEPORT so that each core has its own. Port 0 picks one; `bound` tells
// which. `must_be_free`: an error when somebody listens there already; for the first core.
Result<int> listen_on(const std::string& host, uint16_t port, uint16_t* bound, bool must_be_free = false);

class Server {
 public:
  Server(Handler& handler, ServerLimits limits, ServerCounters& counters)
      : handler_(handler), limits_(limits), counters_(counters) {}

  // Accepts on `listener` (taken) until the reactor stops; then drains: idle connections close at once, busy
  // ones after their answer, all at the drain limit. TLS when a context is given.
  Task<void> run(int listener);
  // For connections from now on; nullptr is plain TCP.
  void use_tls(std::shared_ptr<const TlsServerContext> context) { tls_ = std::move(context); }

  // From now on, for what waits already only where it looks again.
  void use_limits(const ServerLimits& limits) { limits_ = limits; }

  Handler& handler() { return handler_; }
  const ServerLimits& limits() const { return limits_; }
  ServerCounters& counters() { return counters_; }
  bool draining() const { return draining_; }

  // What ends early at a drain: `idle` when it starts, every entry of `busy` at its limit.
  Cancel& idle() { return idle_; }
  struct Busy : Link {
    Cancel* cancel = nullptr;
  };
  void enter(Busy& busy, Cancel& cancel) {
    busy.cancel = &cancel;
    busy_.push_back(busy);
  }

 private:
  Task<void> serve(int fd);
  Task<void> drain();
  void accept_all(Poll& listener);
  Handler& handler_;
  ServerLimits limits_;
  ServerCounters& counters_;
  std::shared_ptr<const TlsServerContext> tls_;
  Cancel idle_;
  List busy_;
  size_t open_ = 0;  // connections of this core
  bool draining_ = false;
  Wait drained_;  // woken when the last connection has closed
};

// One connection each, to its end. `stream` is open (and its handshake done). http2: first_bytes were read
// already.
Task<void> serve_http1(Server& server, Stream& stream);
Task<void> serve_http2(Server& server, Stream& stream, std::string_view first_bytes);

}  // namespace hanse::net
