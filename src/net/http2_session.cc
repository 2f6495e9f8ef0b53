#include "net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include "net/block.h"
#include "net/http2_callbacks.h"

namespace hanse::net {
namespace {

// A client that resets what it asked for, or has us answer frames that carry nothing, may do so in bursts,
// not for ever.
// Ten seconds' worth at once: a client that leaves resets all that it had asked for.
RateBudget budget(size_t per_second, Time now) {
  auto rate = static_cast<double>(per_second);
  return {10 * rate, rate, now};
}

}  // namespace

Http2Session::Http2Session(Server& server, Stream& stream)
    : server_(server),
      stream_(stream),
      peer_(stream.peer()),
      idle_since_(Reactor::current().now()),
      head_begun_(idle_since_),
      resets_(budget(server.limits().http2_resets_per_second, idle_since_)),
      controls_(budget(server.limits().http2_controls_per_second, idle_since_)) {}

Http2Session::~Http2Session() { nghttp2_session_del(h2_); }

Task<void> Http2Session::run(std::string_view first_bytes) {
  if (nghttp2_session_server_new2(&h2_, http2_callbacks(), this, http2_options()) != 0) co_return;
  greet();
  Reactor::current().spawn(keep());  // ends before run() does
  if (!first_bytes.empty()) feed(first_bytes);
  co_await read_all();
  co_await end_all();
  if (!dead_) co_await linger();
}

void Http2Session::greet() {
  const ServerLimits& limits = server_.limits();
  auto capped = [](size_t n) { return static_cast<uint32_t>(std::min<size_t>(n, NGHTTP2_MAX_WINDOW_SIZE)); };
  nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, capped(limits.http2_streams)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, capped(limits.stream_buffer_bytes)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, capped(limits.head.bytes)},
  };
  nghttp2_submit_settings(h2_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(h2_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<int32_t>(capped(limits.http2_window_bytes)));
}

// ---- the reader

Task<void> Http2Session::read_all() {
  while (!closing_.fired() && !dead_ && nghttp2_session_want_read(h2_)) {
    if (!stream_.maybe_readable()) {
      Wake why = co_await stream_.until_readable({kNever, &closing_});
      if (why != Wake::ready) co_return;
    }
    Block block = Block::borrow();
    IoResult got = stream_.try_read(block.data(), block.size());
    if (got.kind == IoResult::Kind::bytes) feed({block.data(), got.size});
    block.give_back();
    if (got.kind == IoResult::Kind::end || got.kind == IoResult::Kind::failed) dead_ = true;
    if (got.kind != IoResult::Kind::want_write) continue;
    Wake why = co_await stream_.until_writable({kNever, &closing_});
    if (why != Wake::ready) co_return;
  }
}

void Http2Session::feed(std::string_view bytes) {
  ssize_t taken = nghttp2_session_mem_recv(h2_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (taken == NGHTTP2_ERR_NOMEM || taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
    dead_ = true;
  else if (taken < 0)
    flooded_ = true;  // more to answer than we let pile up, or a head in too many pieces
  if (flooded_) nghttp2_session_terminate_session(h2_, NGHTTP2_ENHANCE_YOUR_CALM);
  start_exchanges();
  bool news = nghttp2_session_want_write(h2_) || !nghttp2_session_want_read(h2_) || head_begun_ != kNever;
  if (news) wake_keeper();
}

// Apart from nghttp2's callbacks, so that a handler may do what it likes. A stream that was opened and reset
// within what one read brought is gone by now and has cost no task.
void Http2Session::start_exchanges() {
  for (Link* link = waiting_.first(); link && !flooded_;) {
    auto* exchange = static_cast<Http2Exchange*>(link);
    link = waiting_.next(link);
    if (!exchange->head_done()) continue;
    running_.push_back(*exchange);
    exchange->take_task();
    ++tasks_;
    Reactor::current().spawn(
        run_exchange(std::unique_ptr<Http2Exchange>(exchange)));  // ends before run() does
  }
}

Task<void> Http2Session::run_exchange(std::unique_ptr<Http2Exchange> exchange) {
  co_await exchange->run();
  exchange.reset();
  --tasks_;
  idle_since_ = Reactor::current().now();
  ended_wait_.wake(Wake::ready);
  wake_keeper();  // the connection may be idle now, or a drain done
}

// ---- the end

// No coroutine of this connection is left when it returns.
Task<void> Http2Session::end_all() {
  if (dead_) {
    closing_.fire();
    wake_keeper();
  }
  while (keeper_runs_) co_await suspend(ended_wait_, {});
  for (Link* link = running_.first(); link; link = running_.next(link))
    static_cast<Http2Exchange*>(link)->closed();
  while (tasks_ > 0) co_await suspend(ended_wait_, {});
  while (Link* link = waiting_.first()) delete static_cast<Http2Exchange*>(link);
}

// What the client still sends is read for a moment: closing now would have its kernel throw our last words
// away.
Task<void> Http2Session::linger() {
  constexpr size_t kBytesMax = 1024 * 1024;
  stream_.shut_down_sending();
  Bounds bounds{Reactor::current().now() + milliseconds(1000), nullptr};
  for (size_t seen = 0; seen < kBytesMax;) {
    if (!stream_.maybe_readable()) {
      Wake why = co_await stream_.until_readable(bounds);
      if (why != Wake::ready) break;
    }
    Block block = Block::borrow();
    IoResult got = stream_.try_read(block.data(), block.size());
    if (got.kind == IoResult::Kind::bytes)
      seen += got.size;
    else if (got.kind != IoResult::Kind::want_read)
      break;
  }
}

Task<void> serve_http2(Server& server, Stream& stream, std::string_view first_bytes) {
  {
    Http2Session session(server, stream);
    co_await session.run(first_bytes);
  }
  stream.close();
}

}  // namespace hanse::net
