// The keeper of an HTTP/2 connection: the only one that writes to it, and the one that watches its times.
#include <nghttp2/nghttp2.h>

#include <cstring>

#include "base/assert.h"
#include "net/block.h"
#include "net/http2_session.h"

namespace hanse::net {
namespace {

constexpr size_t kFrameMax = 16 * 1024 + 64;  // what nghttp2 makes at once, with its head
constexpr milliseconds kNoticeTime{1000};     // a drained client learns of it before its requests are refused

}  // namespace

Task<void> Http2Session::keep() {
  keeper_runs_ = true;
  while (!dead_) {
    bool sent = co_await flush();
    if (!sent || !look_after()) break;
    if (dirty_) continue;
    Wake why =
        co_await suspend(keeper_wait_, {next_deadline(), drain_ == Drain::none ? &server_.idle() : nullptr});
    if (why == Wake::cancelled) {
      drain_ = Drain::noticed;
      final_at_ = Reactor::current().now() + kNoticeTime;
      if (!is_idle()) nghttp2_submit_shutdown_notice(h2_);
    }
  }
  keeper_runs_ = false;
  closing_.fire();
  ended_wait_.wake(Wake::ready);
}

// ---- writing

// All that nghttp2 wants to send. False: the connection is dead.
Task<bool> Http2Session::flush() {
  while (true) {
    dirty_ = false;
    Block block = Block::borrow();
    size_t n = fill(block.data(), congested_ ? kFrameMax : block.size());
    size_t sent = send_now({block.data(), n});
    congested_ = sent < n;
    if (n == 0) co_return !dead_;
    if (!congested_) continue;
    std::string rest(block.data() + sent, n - sent);
    block.give_back();
    iovec part{rest.data(), rest.size()};
    auto written = co_await stream_.write({&part, 1}, server_.limits().write_timeout, &closing_);
    if (written) continue;
    dead_ = true;
    co_return false;
  }
}

size_t Http2Session::fill(char* data, size_t size) {
  size_t used = 0;
  while (size - used >= kFrameMax) {
    const uint8_t* frame = nullptr;
    ssize_t n = nghttp2_session_mem_send(h2_, &frame);
    if (n < 0) dead_ = true;
    if (n <= 0) break;
    HANSE_ASSERT(static_cast<size_t>(n) <= size - used);
    std::memcpy(data + used, frame, static_cast<size_t>(n));
    used += static_cast<size_t>(n);
  }
  return used;
}

// What goes at once; the rest is for stream_.write(), which also finds out what is wrong.
size_t Http2Session::send_now(std::string_view bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    iovec part{const_cast<char*>(bytes.data()) + sent, bytes.size() - sent};
    IoResult result = stream_.try_write({&part, 1});
    if (result.kind != IoResult::Kind::bytes) break;
    sent += result.size;
  }
  return sent;
}

// ---- watching

// False: the connection is to end.
bool Http2Session::look_after() {
  if (dead_ || (!nghttp2_session_want_read(h2_) && !nghttp2_session_want_write(h2_))) return false;
  Time now = Reactor::current().now();
  auto terminate = [this](uint32_t code) {
    nghttp2_session_terminate_session(h2_, code);
    dirty_ = true;
  };
  if (head_begun_ != kNever && now >= after(head_begun_, server_.limits().head_timeout))
    terminate(NGHTTP2_NO_ERROR);
  else if (is_idle() && now >= after(idle_since_, server_.limits().idle_timeout))
    terminate(NGHTTP2_NO_ERROR);
  look_at_drain(now);
  return true;
}

// A drain says so twice (RFC 9113 section 6.8): first a notice, so that requests under way still come in,
// then which was the last. Then nghttp2 ends the session with its last stream.
void Http2Session::look_at_drain(Time now) {
  if (drain_ != Drain::noticed || (now < final_at_ && !is_idle())) return;
  drain_ = Drain::final;
  final_at_ = kNever;
  nghttp2_submit_goaway(h2_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  dirty_ = true;
}

Time Http2Session::next_deadline() const {
  Time next = final_at_;
  if (head_begun_ != kNever) next = std::min(next, after(head_begun_, server_.limits().head_timeout));
  if (is_idle()) next = std::min(next, after(idle_since_, server_.limits().idle_timeout));
  return next;
}

}  // namespace hanse::net
