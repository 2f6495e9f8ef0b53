// For tests: an Exchange without a socket, which keeps what a handler answers.
#pragma once

#include <string>
#include <vector>

#include "net/exchange.h"

namespace hanse::net {

class FakeExchange final : public Exchange {
 public:
  FakeExchange(std::string_view method, std::string_view target, std::string_view sent = "")
      : request_body_(sent) {
    head_.method = method;
    head_.target = target;
  }
  FakeExchange& with(std::string_view name, std::string_view value) {
    head_.headers.add({name, value});
    return *this;
  }

  int status = 0;
  std::string body;
  std::vector<size_t> writes;  // sizes
  bool finished = false, aborted = false;
  std::string header(std::string_view name) const {
    for (const auto& [known, value] : headers_)
      if (known == name) return value;
    return "";
  }
  Cancel client;  // fire it: the client leaves

  const http::RequestHead& head() const override { return head_; }
  int http_version() const override { return 1; }
  std::string peer() const override { return "127.0.0.1:1"; }
  Task<Result<std::string_view>> read_body(size_t) override { co_return std::string_view(request_body_); }
  Task<Result<void>> answer(int code, std::span<const HeaderField> headers, std::string_view bytes) override {
    start(code, headers, static_cast<int64_t>(bytes.size()));
    body = bytes;
    finished = true;
    co_return Result<void>();
  }
  void start(int code, std::span<const HeaderField> headers, int64_t) override {
    status = code;
    for (const auto& field : headers) headers_.emplace_back(field.name, field.value);
  }
  Task<Result<void>> write(std::string_view bytes, bool last) override {
    body.append(bytes);
    writes.push_back(bytes.size());
    finished = last;
    co_return Result<void>();
  }
  void abort() override { aborted = true; }
  bool started() const override { return status != 0; }
  Cancel& cancel() override { return client; }
  uint64_t bytes_in() const override { return request_body_.size(); }
  uint64_t bytes_out() const override { return body.size(); }

 private:
  http::RequestHead head_;
  std::string request_body_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

// Runs the handler on this thread's reactor, or one of its own, until it is done.
inline void run(Reactor& reactor, Handler& handler, FakeExchange& exchange) {
  struct Detached {
    static Task<void> go(Handler& h, FakeExchange& e) {
      co_await h.handle(e);
      Reactor::current().stop();
    }
  };
  reactor.spawn(Detached::go(handler, exchange));
  reactor.run();
}
inline void run(Handler& handler, FakeExchange& exchange) {
  Reactor reactor;
  run(reactor, handler, exchange);
}

}  // namespace hanse::net
