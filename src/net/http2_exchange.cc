#include "net/http2_exchange.h"

#include <nghttp2/nghttp2.h>

#include <cstring>

#include "base/assert.h"
#include "net/date.h"
#include "net/http/scan.h"
#include "net/http2_session.h"
#include "net/status.h"

namespace hanse::net {
namespace {

nghttp2_nv field_of(std::string_view name, std::string_view value) {
  auto bytes = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// Fields that belong to HTTP/1.1's connection: in HTTP/2 they make an answer malformed (RFC 9113
// section 8.2.2).
bool is_of_connection(std::string_view name) {
  return name == "connection" || name == "transfer-encoding" || name == "keep-alive" || name == "upgrade" ||
         name == "proxy-connection";
}

Error over_limit(size_t bytes_max) {
  return Error(Code::too_large,
               "the request's body is over the limit of " + std::to_string(bytes_max) + " bytes");
}

}  // namespace

Http2Exchange::Http2Exchange(Http2Session& session, int32_t id)
    : session_(session),
      id_(id),
      fields_(session.server().limits().head),
      body_(session.server().counters().buffered_bytes, session.server().limits().total_buffer_bytes) {}

Http2Exchange::~Http2Exchange() {
  drop_body();
  if (open_) nghttp2_session_set_stream_user_data(session_.h2(), id_, nullptr);
}

std::string Http2Exchange::peer() const { return session_.peer(); }

// ---- what the session tells

void Http2Exchange::head_complete(bool end_stream) {
  head_done_ = true;
  if (auto fine = fields_.finish(end_stream); !fine) head_error_ = std::move(fine.error());
  if (end_stream) body_complete();
}

void Http2Exchange::data_received(std::string_view bytes) {
  if (body_dropped_) {
    nghttp2_session_consume_connection(session_.h2(), bytes.size());
    return;
  }
  bytes_in_ += bytes.size();
  unconsumed_ += bytes.size();
  auto kept = body_.size() + bytes.size() > body_max_ ? fail(over_limit(body_max_)) : body_.append(bytes);
  if (!kept) {
    body_error_ = std::move(kept.error());
    drop_body();
    body_wait_.wake(Wake::ready);
  } else if (reading_) {
    open_window();
  }
}

void Http2Exchange::body_complete() {
  body_done_ = true;
  body_wait_.wake(Wake::ready);
}

ssize_t Http2Exchange::take(uint8_t* data, size_t size, uint32_t& flags) {
  size_t n = std::min(size, pending_.size());
  if (n == 0 && !last_) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  std::memcpy(data, pending_.data(), n);
  pending_.remove_prefix(n);
  if (!pending_.empty()) return static_cast<ssize_t>(n);
  if (last_) flags |= NGHTTP2_DATA_FLAG_EOF;
  ended_ = last_;
  taken_ = true;
  write_wait_.wake(Wake::ready);
  return static_cast<ssize_t>(n);
}

void Http2Exchange::closed() {
  if (!open_) return;
  drop_body();
  open_ = false;
  if (!ended_) cancel_.fire();
}

// ---- the life of it

Task<void> Http2Exchange::run() {
  Server& server = session_.server();
  server.enter(busy_, cancel_);
  if (head_error_) {
    Error error = std::move(*head_error_);
    co_await refuse(std::move(error));
  } else {
    co_await server.handler().handle(*this);
  }
  if (!started_ && open_) {
    Error error(Code::internal, "the request was not answered");
    co_await refuse(std::move(error));
  }
  if (!finished_) abort();
}

Task<void> Http2Exchange::refuse(Error error) {
  Refusal refusal = session_.server().handler().refusal(error, head().target);
  std::vector<HeaderField> fields;
  fields.push_back({"content-type", refusal.content_type});
  for (const auto& [name, value] : refusal.headers) fields.push_back({name, value});
  auto sent = co_await answer(error.http_status(), fields, refusal.body);
  if (!sent) abort();
}

void Http2Exchange::abort() {
  finished_ = true;
  pending_ = {};
  if (!open_ || ended_) return;
  nghttp2_submit_rst_stream(session_.h2(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_INTERNAL_ERROR);
  session_.wake_keeper();
}

// ---- the body

// Tells the client that it may send as much again.
void Http2Exchange::open_window() {
  nghttp2_session_consume(session_.h2(), id_, std::exchange(unconsumed_, 0));
}

// Nobody wants the body (any more): the other streams get their share of the connection's window back.
void Http2Exchange::drop_body() {
  body_dropped_ = true;
  if (open_ && unconsumed_) nghttp2_session_consume_connection(session_.h2(), std::exchange(unconsumed_, 0));
}

Task<Result<std::string_view>> Http2Exchange::read_body(size_t bytes_max) {
  if (head().content_length.value_or(0) > bytes_max || body_.size() > bytes_max)
    co_return fail(over_limit(bytes_max));
  if (!body_done_ && !body_error_) {
    auto received = co_await receive_body(bytes_max);
    if (!received) co_return fail(std::move(received.error()));
  }
  if (body_error_) co_return fail(*body_error_);
  co_return body_.view();
}

Task<Result<void>> Http2Exchange::receive_body(size_t bytes_max) {
  if (!open_) co_return fail(Code::cancelled, "the client reset the stream");
  body_max_ = bytes_max;
  begin_reading();
  CO_TRY_VOID(body_.reserve(head().content_length.value_or(0)));
  Bounds bounds{after(Reactor::current().now(), session_.server().limits().body_timeout), &cancel_};
  while (!body_done_ && !body_error_) {
    Wake why = co_await suspend(body_wait_, bounds);
    if (why == Wake::deadline)
      body_error_ = Error(Code::request_timeout, "the request's body did not arrive in time");
    if (why == Wake::cancelled) co_return fail(Code::cancelled, "the client left in the middle of the body");
  }
  co_return Result<void>();
}

void Http2Exchange::begin_reading() {
  if (std::exchange(reading_, true)) return;
  nghttp2_session* h2 = session_.h2();
  if (head().expect_continue && bytes_in_ == 0) {
    nghttp2_nv go_on = field_of(":status", "100");
    nghttp2_submit_headers(h2, NGHTTP2_FLAG_NONE, id_, nullptr, &go_on, 1, nullptr);
  }
  // A body that doesn't fit the first window flows through a larger one: its memory is accounted for.
  const ServerLimits& limits = session_.server().limits();
  size_t window = limits.stream_buffer_bytes, larger = limits.http2_stream_window_bytes;
  if (larger > window && head().content_length.value_or(window + 1) > window)
    nghttp2_session_set_local_window_size(h2, NGHTTP2_FLAG_NONE, id_, static_cast<int32_t>(larger));
  open_window();
  session_.wake_keeper();
}

// ---- the answer

void Http2Exchange::send_head(int status, std::span<const HeaderField> headers, bool has_body) {
  HANSE_ASSERT(!started_);
  started_ = true;
  std::string status_text = std::to_string(status), length_text, cleaned;
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.size() + 3);
  fields.push_back(field_of(":status", status_text));
  fields.push_back(field_of("date", http_date_now()));
  Arena arena;
  for (const HeaderField& field : headers) {
    if (is_of_connection(field.name)) continue;
    std::string_view value = field.value;
    if (!http::all(value, http::kText)) {
      cleaned.clear();
      append_header_value(value, cleaned);
      value = arena.copy(cleaned);
    }
    fields.push_back(field_of(field.name, value));
  }
  if (length_promised_ >= 0 && status != 204) {
    length_text = std::to_string(length_promised_);
    fields.push_back(field_of("content-length", length_text));
  }
  ended_ = !has_body;
  if (!open_) return;
  nghttp2_data_provider provider{};
  provider.read_callback = [](nghttp2_session* h2, int32_t id, uint8_t* data, size_t size, uint32_t* flags,
                              nghttp2_data_source*, void*) -> ssize_t {
    auto* exchange = static_cast<Http2Exchange*>(nghttp2_session_get_stream_user_data(h2, id));
    return exchange ? exchange->take(data, size, *flags) : ssize_t{NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE};
  };
  nghttp2_submit_response(session_.h2(), id_, fields.data(), fields.size(), has_body ? &provider : nullptr);
}

bool Http2Exchange::is_silent(int status) const {
  return head().method == "HEAD" || status == 204 || status == 304;
}

Task<Result<void>> Http2Exchange::answer(int status, std::span<const HeaderField> headers,
                                         std::string_view body) {
  length_promised_ = static_cast<int64_t>(body.size());
  silent_ = is_silent(status);
  if (silent_) body = {};
  send_head(status, headers, !body.empty());
  finished_ = true;
  if (!open_) co_return fail(Code::cancelled, "the client reset the stream");
  session_.wake_keeper();
  if (body.empty()) co_return Result<void>();
  bytes_out_ += body.size();
  last_ = true;
  auto sent = co_await drain(body);
  co_return sent;
}

void Http2Exchange::start(int status, std::span<const HeaderField> headers, int64_t content_length) {
  length_promised_ = content_length;
  silent_ = is_silent(status);
  send_head(status, headers, !silent_);
}

Task<Result<void>> Http2Exchange::write(std::string_view bytes, bool last) {
  HANSE_ASSERT(started_);
  if (!open_ || finished_) co_return fail(Code::cancelled, "the client reset the stream");
  finished_ = last;
  session_.wake_keeper();
  if (silent_) co_return Result<void>();
  if (length_promised_ >= 0) {
    uint64_t left = static_cast<uint64_t>(length_promised_) - bytes_out_;
    if (bytes.size() > left || (last && bytes.size() < left)) {
      abort();  // the promise would be broken
      co_return fail(Code::internal, "the answer's length is not what its head promised");
    }
  }
  if (bytes.empty() && !last) co_return Result<void>();
  bytes_out_ += bytes.size();
  last_ = last;
  auto sent = co_await drain(bytes);
  co_return sent;
}

// Until all of `bytes` has gone into frames. Nothing is copied meanwhile: a slow client holds its writer, not
// memory.
Task<Result<void>> Http2Exchange::drain(std::string_view bytes) {
  pending_ = bytes;
  taken_ = false;
  if (std::exchange(deferred_, false)) nghttp2_session_resume_data(session_.h2(), id_);
  session_.wake_keeper();
  size_t left = bytes.size();
  while (!taken_) {
    Bounds bounds{after(Reactor::current().now(), session_.server().limits().write_timeout), &cancel_};
    Wake why = co_await suspend(write_wait_, bounds);
    if (why == Wake::ready) continue;
    if (why == Wake::deadline && std::exchange(left, pending_.size()) != pending_.size()) continue;
    abort();
    co_return fail(wake_error(why, "write"));
  }
  co_return Result<void>();
}

}  // namespace hanse::net
