// One HTTP/2 stream as a handler sees it: the Exchange behind serve_http2. Private to the server.
//
// Owned by its session until its head is whole, then by the task that runs its handler; nghttp2 knows it as the
// stream's user data. When nghttp2 closes the stream first (reset, connection lost) the exchange is told by closed() and
// asks nothing of nghttp2 any more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/body_buffer.h"
#include "net/http2_head.h"
#include "net/server.h"

namespace hanse::net {

class Http2Session;

class Http2Exchange final : public Exchange, public Link {
 public:
  Http2Exchange(Http2Session& session, int32_t id);
  ~Http2Exchange() override;

  // ---- for the session
  Http2Head& fields() { return fields_; }
  void head_complete(bool end_stream);
  bool head_done() const { return head_done_; }
  void data_received(std::string_view bytes);
  void body_complete();
  bool body_done() const { return body_done_; }
  // The next bytes of the answer for a DATA frame of at most `size`. Negative: an error of nghttp2.
  ssize_t take(uint8_t* data, size_t size, uint32_t& flags);
  // nghttp2 has closed the stream. `lost`: not in order; the handler is told.
  void closed(bool lost);
  // Runs the handler, or the refusal that the head asks for, and ends what it left open.
  Task<void> run();
  int32_t id() const { return id_; }

  // ---- Exchange
  const http::RequestHead& head() const override { return fields_.get(); }
  int http_version() const override { return 2; }
  std::string peer() const override;
  Task<Result<std::string_view>> read_body(size_t bytes_max) override;
  Task<Result<void>> answer(int status, std::span<const HeaderField> headers, std::string_view body) override;
  void start(int status, std::span<const HeaderField> headers, int64_t content_length) override;
  Task<Result<void>> write(std::string_view bytes, bool last) override;
  void abort() override;
  bool started() const override { return started_; }
  Cancel& cancel() override { return cancel_; }
  uint64_t bytes_in() const override { return bytes_in_; }
  uint64_t bytes_out() const override { return bytes_out_; }

 private:
  Task<Result<void>> receive_body(size_t bytes_max);
  Task<Result<void>> refuse(Error error);
  Task<Result<void>> drain_pending();
  Result<void> body_state(size_t bytes_max) const;
  void send_head(int status, std::span<const HeaderField> headers, int64_t content_length, bool has_body);
  void consume();
  void release_window();
  void reset(uint32_t code);

  Http2Session& session_;
  const int32_t id_;
  bool open_ = true;                 // nghttp2 has the stream
  Server::Busy busy_;
  Cancel cancel_;

  Http2Head fields_;
  bool head_done_ = false;
  Error head_error_;                 // why the request never reaches the handler
  bool head_fine_ = true;

  BodyBuffer body_;
  Error body_error_;                 // no room for what came
  bool body_fine_ = true;
  bool body_done_ = false;
  bool body_dropped_ = false;        // nobody wants it: its bytes are thrown away as they come
  bool reading_ = false;
  size_t unconsumed_ = 0;            // received, not yet given back to the windows
  Wait body_wait_;

  std::string_view pending_;         // of the write under way: the caller's bytes, not yet in a frame
  bool last_ = false;                // the answer ends with pending_
  bool deferred_ = false;            // nghttp2 waits to be told of more
  bool started_ = false;
  bool finished_ = false;            // the answer is whole, as far as the handler goes
  bool silent_ = false;              // HEAD, 204, 304: no body is sent
  int64_t length_promised_ = -1;
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
  Wait write_wait_;
};

}  // namespace hanse::net
