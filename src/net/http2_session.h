// One HTTP/2 server connection: nghttp2 between the socket and the exchanges. Private to the server.
//
//   Http2Session session(server, stream);
//   co_await session.run(first_bytes);          // to the connection's end; no stream's task outlives it
//
// Three kinds of coroutines share it, on one reactor: the reader (run itself) feeds nghttp2; the keeper, alone, writes,
// and watches the times; one for each stream runs its handler. What they ask for in one turn goes out as one write.
#pragma once

#include <memory>
#include <string>

#include "net/http2_exchange.h"
#include "net/rate_budget.h"
#include "net/server.h"

struct nghttp2_session;
struct nghttp2_option;

namespace hanse::net {

class Http2Session {
 public:
  static constexpr uint32_t kStreamsMax = 256;                       // at once, as we promise to the client
  static constexpr size_t kTasksMax = 2 * kStreamsMax;               // handlers of streams that were reset linger a bit
  static constexpr int32_t kConnectionWindow = 8 * 1024 * 1024;      // bodies under way, all streams of the connection
  static constexpr int32_t kReadingWindow = 2 * 1024 * 1024;         // of a stream whose handler reads

  Http2Session(Server& server, Stream& stream);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;

  Task<void> run(std::string_view first_bytes);

  // ---- for exchanges
  Server& server() { return server_; }
  nghttp2_session* h2() { return h2_; }
  const std::string& peer() const { return peer_; }
  // Has the keeper write what nghttp2 wants to send, after what runs now.
  void wake_keeper() { keeper_wait_.wake(Wake::ready); dirty_ = true; }

 private:
  friend struct Http2Callbacks;
  enum class Drain : unsigned char { none, noticed, final };

  void open();
  Task<void> read_all();
  void feed(std::string_view bytes);
  void start_exchanges();
  Task<void> run_exchange(std::unique_ptr<Http2Exchange> exchange);

  Task<void> keep();
  Task<bool> flush();
  Task<bool> send(std::string_view bytes, bool& moved_out);
  size_t fill(char* data, size_t size);
  bool look_after();
  Time next_deadline() const;
  void begin_drain();
  void go_away(uint32_t code);
  Task<void> linger();

  Http2Exchange* begin_exchange(int32_t id);
  void stream_closed(Http2Exchange& exchange, uint32_t code);
  // The client did something that costs us and may be an attack; too much of it ends the connection.
  void note_reset();
  void note_control();

  Server& server_;
  Stream& stream_;
  nghttp2_session* h2_ = nullptr;
  std::string peer_;
  List fresh_;                     // exchanges whose head is not whole yet, or whose task hasn't begun: owned here
  List running_;                   // exchanges with a task
  size_t tasks_ = 0;
  bool keeper_runs_ = false;
  bool dirty_ = false;
  bool dead_ = false;              // nothing more is read or sent
  bool flooded_ = false;
  Cancel closing_;                 // ends the reader's wait and the keeper's writes
  Wait keeper_wait_;
  Wait ended_wait_;                // of run(), for tasks and keeper
  Drain drain_ = Drain::none;
  Time final_at_ = kNever;         // when the second GOAWAY of a drain goes out
  Time idle_since_;                // no stream since then
  Time head_begun_ = kNever;       // the preface, or a head, is under way since then
  RateBudget resets_, controls_;
};

}  // namespace hanse::net
