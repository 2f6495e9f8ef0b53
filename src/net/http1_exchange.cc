#include "net/http1_exchange.h"

#include <cstring>

#include "base/assert.h"
#include "net/date.h"
#include "net/status.h"

namespace hanse::net {
namespace {

constexpr size_t kCopyMax = 16 * 1024;   // up to here a request is copied out of its block
constexpr size_t kSkipMax = 256 * 1024;  // an unread body up to here is skipped rather than closing

iovec part(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

}  // namespace

Http1Exchange::~Http1Exchange() {
  stream_.watch_hang_up(nullptr);
  if (body_room_)
    server_.counters().buffered_bytes.fetch_sub(static_cast<int64_t>(body_room_), std::memory_order_relaxed);
}

// ---- the head

Task<bool> Http1Exchange::receive_head() {
  std::string held = std::move(leftover_);
  leftover_.clear();
  Time deadline = hanse::after(Reactor::current().now(), server_.limits().head_timeout);
  bool from_leftover = !held.empty();
  while (true) {
    if (from_leftover) {
      copy_ = std::make_unique_for_overwrite<char[]>(held.size());
      std::memcpy(copy_.get(), held.data(), held.size());
      bytes_ = copy_.get();
      bytes_size_ = held.size();
      from_leftover = false;
    } else {
      bool received = co_await receive_bytes(held, deadline);
      if (!received) co_return false;
    }
    if (http::is_h2_preface_prefix({bytes_, bytes_size_})) {
      leftover_.assign(bytes_, bytes_size_);
      after = After::http2;
      co_return false;
    }
    auto complete = parse_head();
    if (!complete) {
      co_await refuse(std::move(complete.error()));
      co_return false;
    }
    if (*complete) co_return true;
    held.assign(bytes_, bytes_size_);
    block_.give_back();
  }
}

// Puts `held` and what one read brings behind it at bytes_. False: nothing came, `after` is set.
Task<bool> Http1Exchange::receive_bytes(std::string& held, Time deadline) {
  while (true) {
    if (!stream_.maybe_readable()) {
      Wake why = co_await stream_.until_readable({deadline, &server_.idle()});
      if (why == Wake::deadline && !held.empty())
        co_await refuse(Error(Code::request_timeout, "the request's head did not arrive in time"));
      if (why != Wake::ready) co_return false;
    }
    block_ = Block::borrow();
    std::memcpy(block_.data(), held.data(), held.size());
    IoResult got = stream_.try_read(block_.data() + held.size(), block_.size() - held.size());
    if (got.kind == IoResult::Kind::bytes) {
      bytes_ = block_.data();
      bytes_size_ = held.size() + got.size;
      break;
    }
    block_.give_back();
    if (got.kind != IoResult::Kind::want_read) co_return false;
  }
  if (bytes_size_ > kCopyMax) co_return true;
  copy_ = std::make_unique_for_overwrite<char[]>(bytes_size_);
  std::memcpy(copy_.get(), bytes_, bytes_size_);
  bytes_ = copy_.get();
  block_.give_back();
  co_return true;
}

Result<bool> Http1Exchange::parse_head() {
  TRY(size_t head_size, http::parse_request_head({bytes_, bytes_size_}, server_.limits().head, head_));
  if (head_size == 0) {
    if (bytes_size_ >= std::min(server_.limits().head.bytes, kBlockSize))
      return fail(Code::head_too_large, "the request's head is over the limit");
    return false;
  }
  TRY_VOID(head_received(head_size));
  return true;
}

Result<void> Http1Exchange::head_received(size_t head_size) {
  keep_alive_ = head_.keep_alive;
  std::string_view behind(bytes_ + head_size, bytes_size_ - head_size);
  if (head_.chunked) {
    body_kind_ = Body::chunked;
    early_ = behind;
    return {};
  }
  uint64_t length = head_.content_length.value_or(0);
  body_kind_ = length ? Body::length : Body::none;
  early_ = behind.substr(0, std::min<uint64_t>(length, behind.size()));
  leftover_.assign(behind.substr(early_.size()));
  length_left_ = length - early_.size();
  bytes_in_ = early_.size();
  if (length_left_ == 0) body_complete();
  return {};
}

// From here on a client that closes has left; before, it may close its side behind the body.
void Http1Exchange::body_complete() {
  body_done_ = true;
  stream_.watch_hang_up(&cancel_);
}

// ---- the body

Task<Result<std::string_view>> Http1Exchange::read_body(size_t bytes_max) {
  if (body_kind_ == Body::none) co_return std::string_view();
  if (head_.content_length.value_or(0) > bytes_max) {
    keep_alive_ = false;
    co_return fail(Code::too_large,
                   "the request's body is over the limit of " + std::to_string(bytes_max) + " bytes");
  }
  if (!body_done_ && body_deadline_ == kNever) {
    body_deadline_ = hanse::after(Reactor::current().now(), server_.limits().body_timeout);
    if (head_.expect_continue && early_.empty()) {
      std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      iovec one = part(go_on);
      std::span<const iovec> parts(&one, 1);
      auto sent = co_await stream_.write(parts, server_.limits().write_timeout, &cancel_);
      if (!sent) co_return fail(std::move(sent.error()));
    }
    Result<void> read;
    if (body_kind_ == Body::length)
      read = co_await read_length_body();
    else
      read = co_await read_chunked_body(bytes_max);
    if (!read) {
      keep_alive_ = false;
      co_return fail(std::move(read.error()));
    }
  }
  if (!body_done_) co_return fail(Code::cancelled, "the body was not received");
  co_return body_ ? std::string_view(body_.get(), body_size_) : early_;
}

// Room for `size` bytes of body in all, counted against what all requests may hold.
Result<void> Http1Exchange::make_room(size_t size) {
  if (size <= body_room_) return {};
  auto& held = server_.counters().buffered_bytes;
  auto more = static_cast<int64_t>(size - body_room_);
  if (held.fetch_add(more, std::memory_order_relaxed) + more >
      static_cast<int64_t>(server_.limits().total_buffer_bytes)) {
    held.fetch_sub(more, std::memory_order_relaxed);
    return fail(Code::overloaded, "too many bytes of requests are in memory; try again");
  }
  body_room_ = size;
  char* grown = static_cast<char*>(std::realloc(body_.get(), size));
  if (!grown) return fail(Code::overloaded, "out of memory");
  (void)body_.release();
  body_.reset(grown);
  return {};
}

Task<Result<void>> Http1Exchange::read_length_body() {
  CO_TRY_VOID(make_room(early_.size() + length_left_));
  std::memcpy(body_.get(), early_.data(), early_.size());
  body_size_ = early_.size();
  while (length_left_ > 0) {
    auto got = co_await receive(body_.get() + body_size_, length_left_);
    if (!got) co_return fail(std::move(got.error()));
    body_size_ += *got;
    bytes_in_ += *got;
    length_left_ -= *got;
  }
  body_complete();
  co_return Result<void>();
}

Task<Result<void>> Http1Exchange::read_chunked_body(size_t bytes_max) {
  size_t raw = early_.size();  // undecoded bytes at body_ + body_size_
  CO_TRY_VOID(make_room(std::max<size_t>(raw, 4096)));
  std::memcpy(body_.get(), early_.data(), raw);
  while (true) {
    if (raw > 0) {
      CO_TRY(auto out, chunked_.feed(body_.get() + body_size_, raw));
      size_t behind = raw - out.consumed;
      if (chunked_.done()) leftover_.assign(body_.get() + body_size_ + out.consumed, behind);
      if (out.begin)
        std::memmove(body_.get() + body_size_, body_.get() + body_size_ + out.begin, out.payload);
      body_size_ += out.payload;
      bytes_in_ += out.payload;
    }
    if (body_size_ > bytes_max)
      co_return fail(Code::too_large,
                     "the request's body is over the limit of " + std::to_string(bytes_max) + " bytes");
    if (chunked_.done()) break;
    if (body_room_ - body_size_ < 4096) CO_TRY_VOID(make_room(body_room_ * 2));
    auto got = co_await receive(body_.get() + body_size_, body_room_ - body_size_);
    if (!got) co_return fail(std::move(got.error()));
    raw = *got;
  }
  body_complete();
  co_return Result<void>();
}

Task<Result<size_t>> Http1Exchange::receive(char* data, size_t size) {
  auto got = co_await stream_.read(data, size, {body_deadline_, &cancel_});
  if (!got && got.error().code == Code::timed_out)
    co_return fail(Code::request_timeout, "the request's body did not arrive in time");
  if (got && *got == 0) {
    after = After::close;
    co_return fail(Code::bad_request, "the connection was closed in the middle of the request's body");
  }
  co_return got;
}

// ---- the answer

bool Http1Exchange::will_keep_alive() const {
  if (!keep_alive_ || !head_.keep_alive || server_.draining()) return false;
  if (body_done_) return true;
  return body_kind_ == Body::length && length_left_ <= kSkipMax && !head_.expect_continue &&
         body_deadline_ == kNever;
}

void Http1Exchange::write_head(int status, std::span<const HeaderField> headers) {
  HANSE_ASSERT(!started_);
  started_ = true;
  silent_ = head_.method == "HEAD" || status == 204 || status == 304 || status < 200;
  chunk_answer_ = length_promised_ < 0 && !silent_ && head_.minor >= 1;
  if (length_promised_ < 0 && !chunk_answer_ && !silent_) keep_alive_ = false;
  keep_alive_ = will_keep_alive();
  out_head_.reserve(512);
  append_status_line(status, out_head_);
  out_head_.append("date: ").append(http_date_now()).append("\r\n");
  for (const HeaderField& field : headers) {
    out_head_.append(field.name).append(": ");
    append_header_value(field.value, out_head_);
    out_head_.append("\r\n");
  }
  if (chunk_answer_)
    out_head_.append("transfer-encoding: chunked\r\n");
  else if (length_promised_ >= 0 && status != 204 && status >= 200)
    out_head_.append("content-length: ").append(std::to_string(length_promised_)).append("\r\n");
  if (!keep_alive_)
    out_head_.append("connection: close\r\n");
  else if (head_.minor == 0)
    out_head_.append("connection: keep-alive\r\n");
  out_head_.append("\r\n");
}

Task<Result<void>> Http1Exchange::answer(int status, std::span<const HeaderField> headers,
                                         std::string_view body) {
  length_promised_ = static_cast<int64_t>(body.size());
  write_head(status, headers);
  finished_ = true;
  if (silent_) body = {};
  iovec parts[] = {part(out_head_), part(body)};
  bytes_out_ += body.size();
  auto sent = co_await stream_.write(std::span(parts, body.empty() ? 1 : 2), server_.limits().write_timeout,
                                     &cancel_);
  if (!sent) keep_alive_ = false;
  co_return sent;
}

void Http1Exchange::start(int status, std::span<const HeaderField> headers, int64_t content_length) {
  length_promised_ = content_length;
  write_head(status, headers);
}

Task<Result<void>> Http1Exchange::write(std::string_view bytes, bool last) {
  HANSE_ASSERT(started_ && !finished_);
  if (silent_) bytes = {};
  if (length_promised_ >= 0 && !silent_) {
    uint64_t left = static_cast<uint64_t>(length_promised_) - bytes_out_;
    if (bytes.size() > left || (last && bytes.size() < left)) aborted_ = true;  // the promise would be broken
    bytes = bytes.substr(0, left);
  }
  char size_line[24];
  int size_length = 0;
  std::string_view tail;
  if (chunk_answer_) {
    if (!bytes.empty()) size_length = std::snprintf(size_line, sizeof size_line, "%zx\r\n", bytes.size());
    tail = bytes.empty() ? (last ? "0\r\n\r\n" : "") : (last ? "\r\n0\r\n\r\n" : "\r\n");
  }
  iovec parts[4];
  size_t count = 0;
  for (std::string_view piece : {std::string_view(out_head_),
                                 std::string_view(size_line, static_cast<size_t>(size_length)), bytes, tail})
    if (!piece.empty()) parts[count++] = part(piece);
  finished_ = last && !aborted_;
  bytes_out_ += bytes.size();
  if (count == 0) co_return Result<void>();
  auto sent = co_await stream_.write(std::span(parts, count), server_.limits().write_timeout, &cancel_);
  out_head_.clear();
  if (!sent) aborted_ = true;
  co_return sent;
}

Task<void> Http1Exchange::refuse(Error error) {
  keep_alive_ = false;
  Refusal refusal = server_.handler().refusal(error, head_.target);
  std::vector<HeaderField> fields;
  fields.push_back({"content-type", refusal.content_type});
  for (const auto& [name, value] : refusal.headers) fields.push_back({name, value});
  (void)co_await answer(error.http_status(), fields, refusal.body);
  after = After::linger;
}

// ---- the end

// What of a small body nobody read: a client that sends it all before it reads must not be cut off.
Task<void> Http1Exchange::skip_body() {
  body_deadline_ = hanse::after(Reactor::current().now(), server_.limits().body_timeout);
  while (length_left_ > 0) {
    char waste[4096];
    auto got = co_await receive(waste, std::min<uint64_t>(sizeof waste, length_left_));
    if (!got) {
      keep_alive_ = false;
      co_return;
    }
    length_left_ -= *got;
  }
}

Task<After> Http1Exchange::finish() {
  if (!started_ && aborted_) co_return After::reset;
  if (!started_) co_await refuse(Error(Code::internal, "the request was not answered"));
  if (!finished_ || aborted_) co_return chunk_answer_ || length_promised_ >= 0 ? After::close : After::reset;
  if (!keep_alive_) co_return After::linger;
  if (!body_done_) co_await skip_body();
  co_return keep_alive_ ? After::next : After::linger;
}

Task<After> serve_one_http1(Server& server, Stream& stream, std::string& leftover) {
  Http1Exchange exchange(server, stream, leftover);
  bool received = co_await exchange.receive_head();
  if (!received) co_return exchange.after;
  exchange.enter();
  co_await server.handler().handle(exchange);
  After after = co_await exchange.finish();
  co_return after;
}

}  // namespace hanse::net
