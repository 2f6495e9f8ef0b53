// One HTTP/2 stream as a handler sees it: the Exchange behind serve_http2. Private to the server.
//
// Owned by its session until its head is whole, then by the task that runs its handler; nghttp2 knows it as
// the stream's user data. When nghttp2 closes the stream first (reset, connection lost) the exchange is told
// by closed() and asks nothing of nghttp2 any more.
#pragma once

#include <optional>
#include <string>

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
  int32_t id() const { return id_; }
  Http2Head& fields() { return fields_; }
  void head_complete(bool end_stream);
  bool head_done() const { return head_done_; }
  bool has_task() const { return has_task_; }  // which owns it then
  void take_task() { has_task_ = true; }
  void data_received(std::string_view bytes);
  void body_complete();
  // The next bytes of the answer, for a DATA frame of at most `size`; or an error code of nghttp2.
  ssize_t take(uint8_t* data, size_t size, uint32_t& flags);
  // nghttp2 has closed the stream, or the connection is gone. The handler is told unless its answer is out.
  void closed();
  // Runs the handler, or the refusal that the head asks for, and ends what it left open.
  Task<void> run();

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
  Task<void> refuse(Error error);
  Task<Result<void>> receive_body(size_t bytes_max);
  void begin_reading();
  void open_window();
  void drop_body();
  bool is_silent(int status) const;
  void send_head(int status, std::span<const HeaderField> headers, bool has_body);
  Task<Result<void>> drain(std::string_view bytes);

  Http2Session& session_;
  const int32_t id_;
  bool open_ = true;  // nghttp2 has the stream
  Server::Busy busy_;
  Cancel cancel_;

  Http2Head fields_;
  bool head_done_ = false;
  bool has_task_ = false;
  std::optional<Error> head_error_;  // why the request never reaches the handler

  BodyBuffer body_;
  size_t body_max_ = SIZE_MAX;  // as the reader says; before that the window is the limit
  std::optional<Error> body_error_;
  bool body_done_ = false;
  bool body_dropped_ = false;  // its bytes are thrown away as they come
  bool reading_ = false;
  size_t unconsumed_ = 0;  // received, and not yet given back to the windows
  Wait body_wait_;

  std::string_view pending_;  // of the write under way: the caller's bytes, not yet in a frame
  bool last_ = false;         // the answer ends with pending_
  bool taken_ = false;        // all of the write under way is in frames
  bool ended_ = false;        // ... and so is the answer's end
  bool deferred_ = false;     // nghttp2 waits to be told of more
  bool started_ = false;
  bool finished_ = false;  // the handler has said all that it will
  bool silent_ = false;    // HEAD, 204, 304: no body is sent
  int64_t length_promised_ = -1;
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
  Wait write_wait_;
};

}  // namespace hanse::net
