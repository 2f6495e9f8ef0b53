// One request and its answer over HTTP/1.1: the Exchange behind serve_http1. Private to the server.
#pragma once

#include <memory>
#include <string>

#include "net/block.h"
#include "net/http/chunked.h"
#include "net/server.h"

namespace hanse::net {

// What becomes of the connection after a request.
enum class After : unsigned char { next, close, linger, reset, http2 };

// Reads one request (first from `leftover`, which then holds what came behind it), has it handled, and says
// what's next.
Task<After> serve_one_http1(Server& server, Stream& stream, std::string& leftover);

class Http1Exchange final : public Exchange {
 public:
  Http1Exchange(Server& server, Stream& stream, std::string& leftover)
      : server_(server), stream_(stream), leftover_(leftover) {}
  ~Http1Exchange() override;

  // Reads and parses the head. False: the connection is done, `after` says how.
  Task<bool> receive_head();
  // From here the drain limit ends it.
  void enter() { server_.enter(busy_, cancel_); }
  // Answers a request that never reached the handler, and asks for the connection's end.
  Task<void> refuse(Error error);
  // After the handler: ends what it left open and says what's next.
  Task<After> finish();
  After after = After::close;

  const http::RequestHead& head() const override { return head_; }
  int http_version() const override { return 1; }
  std::string peer() const override { return stream_.peer(); }
  Task<Result<std::string_view>> read_body(size_t bytes_max) override;
  Task<Result<void>> answer(int status, std::span<const HeaderField> headers, std::string_view body) override;
  void start(int status, std::span<const HeaderField> headers, int64_t content_length) override;
  Task<Result<void>> write(std::string_view bytes, bool last) override;
  void abort() override { aborted_ = !finished_; }
  bool started() const override { return started_; }
  Cancel& cancel() override { return cancel_; }
  uint64_t bytes_in() const override { return bytes_in_; }
  uint64_t bytes_out() const override { return bytes_out_; }

 private:
  enum class Body : unsigned char { none, length, chunked };

  Task<bool> receive_bytes(std::string& held, Time deadline);
  Result<bool> parse_head();
  Result<void> head_received(size_t head_size);
  void body_complete();
  Result<void> make_room(size_t size);
  Task<Result<void>> read_length_body();
  Task<Result<void>> read_chunked_body(size_t bytes_max);
  Task<Result<size_t>> receive(char* data, size_t size);
  void write_head(int status, std::span<const HeaderField> headers);
  bool will_keep_alive() const;
  Task<void> skip_body();

  Server& server_;
  Stream& stream_;
  std::string& leftover_;  // of the connection: bytes behind this request
  Server::Busy busy_;
  Cancel cancel_;

  // The received bytes that hold the head (and whatever came with it): a block while they are many, else an
  // exact copy.
  Block block_;
  std::unique_ptr<char[]> copy_;
  char* bytes_ = nullptr;
  size_t bytes_size_ = 0;
  http::RequestHead head_;

  Body body_kind_ = Body::none;
  std::string_view early_;  // body bytes that came with the head
  uint64_t length_left_ = 0;
  http::ChunkedDecoder chunked_;
  struct FreeDeleter {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, FreeDeleter> body_;  // of bodies that didn't come whole with the head
  size_t body_size_ = 0;
  size_t body_room_ = 0;
  Time body_deadline_ = kNever;
  bool body_done_ = false;

  std::string out_head_;  // begun, not yet sent
  bool started_ = false;
  bool finished_ = false;  // the answer is whole
  bool aborted_ = false;
  bool chunk_answer_ = false;
  bool silent_ = false;  // HEAD, 204, 304: no body is sent
  bool keep_alive_ = true;
  int64_t length_promised_ = -1;
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
};

}  // namespace hanse::net
