// One HTTP/2 server connection: nghttp2 between the socket and the exchanges. Private to the server.
//
//   Http2Session session(server, stream);
//   co_await session.run(first_bytes);          // to the connection's end; no stream's task outlives it
//
// Three kinds of coroutines share it, on one reactor: the reader (run itself) feeds nghttp2; the keeper alone
// writes, and watches the times; one for each stream runs its handler. What they ask for in one turn goes out
// as one write.
#pragma once

#include <memory>
#include <string>

#include "net/http2_exchange.h"
#include "net/rate_budget.h"
#include "net/server.h"
#include "net/stream_ids.h"

struct nghttp2_session;

namespace hanse::net {

class Http2Session {
 public:
  Http2Session(Server& server, Stream& stream);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;

  Task<void> run(std::string_view first_bytes);

  // ---- for exchanges
  Server& server() { return server_; }
  nghttp2_session* h2() { return h2_; }
  const std::string& peer() const { return peer_; }
  // What nghttp2 has to send goes out when this turn's coroutines have run.
  void wake_keeper() {
    dirty_ = true;
    keeper_wait_.wake(Wake::ready);
  }

 private:
  friend struct Http2Callbacks;
  enum class Drain : unsigned char { none, noticed, final };

  // http2_session.cc: the reader, the tasks, the beginning and the end
  void greet();
  Task<void> read_all();
  void feed(std::string_view bytes);
  void start_exchanges();
  Task<void> run_exchange(std::unique_ptr<Http2Exchange> exchange);
  Task<void> end_all();
  Task<void> linger();

  // http2_keeper.cc
  Task<void> keep();
  Task<bool> flush();
  size_t fill(char* data, size_t size);
  size_t send_now(std::string_view bytes);
  bool look_after();
  bool is_idle() const { return tasks_ == 0 && waiting_.empty(); }
  void look_at_drain(Time now);
  Time next_deadline() const;

  // http2_callbacks.cc: what nghttp2 reports
  void stream_begins(int32_t id);
  void stream_closed(Http2Exchange& exchange);
  // The client did what costs us more than it; too much of that ends the connection.
  void note_reset();
  void note_control();
  void draw(RateBudget& budget);

  Server& server_;
  Stream& stream_;
  nghttp2_session* h2_ = nullptr;
  std::string peer_;
  List waiting_;  // exchanges without a task, owned here: the head is not whole yet, or only just
  List running_;  // exchanges with one
  size_t tasks_ = 0;
  bool keeper_runs_ = false;
  bool dirty_ = false;      // nghttp2 may have something to send
  bool congested_ = false;  // the last write didn't fit: collect less at a time
  bool dead_ = false;       // the connection is gone, or must be treated so
  bool flooded_ = false;
  Cancel closing_;  // ends the reader's wait and the keeper's writes
  Wait keeper_wait_;
  Wait ended_wait_;  // run() waits for tasks and keeper
  Drain drain_ = Drain::none;
  Time final_at_ = kNever;  // when the second GOAWAY of a drain goes out
  Time idle_since_;
  Time head_begun_;  // since when the preface, or a head, is under way; else never
  RateBudget resets_, controls_;
  StreamIds ids_;
};

}  // namespace hanse::net
