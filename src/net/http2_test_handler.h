// For tests of the HTTP/2 server: a handler whose path says what it does.
#pragma once

#include <atomic>
#include <string>

#include "net/server.h"

namespace hanse::net {

struct PathHandler final : Handler {
  size_t body_max = 8 * 1024 * 1024;
  std::atomic<int> begun{0}, left{0}, ended{0}, written{0};
  std::atomic<bool> go{false};  // what /wait waits for

  Task<void> handle(Exchange& exchange) override {
    ++begun;
    std::string_view path = exchange.head().target;
    if (path == "/head")
      co_await show_head(exchange);
    else if (path == "/pieces")
      co_await pieces(exchange, 50, 100, true);
    else if (path == "/big")
      co_await pieces(exchange, 20, 256 * 1024, true);
    else if (path == "/cut")
      co_await pieces(exchange, 3, 10, false);
    else if (path == "/promise")
      co_await broken_promise(exchange);
    else if (path == "/late")
      co_await wait(exchange, 10'000);
    else if (path == "/unread")
      co_await text(exchange, 401, "no");
    else if (path == "/204")
      co_await text(exchange, 204, "");
    else if (path == "/304")
      co_await text(exchange, 304, "never seen");
    else if (path.starts_with("/wait"))
      co_await echo_when_told(exchange);
    else if (path != "/silent")
      co_await echo(exchange);
    ++ended;
  }

 private:
  static Task<void> text(Exchange& exchange, int status, std::string_view body) {
    auto sent = co_await exchange.answer(status, {}, body);
    (void)sent;
  }
  Task<bool> wait(Exchange& exchange, int ms) {
    Bounds bounds{Reactor::current().now() + milliseconds(ms), &exchange.cancel()};
    bool slept = co_await sleep(bounds);
    if (!slept) ++left;
    co_return slept;
  }
  Task<void> echo(Exchange& exchange) {
    auto body = co_await exchange.read_body(body_max);
    if (!body) {
      co_await text(exchange, body.error().http_status(), body.error().message);
      co_return;
    }
    HeaderField fields[] = {{"content-type", "text/plain"}, {"connection", "close"}, {"x-odd", "a\r\nb: c"}};
    auto sent = co_await exchange.answer(200, fields, *body);
    (void)sent;
  }
  Task<void> echo_when_told(Exchange& exchange) {
    while (!go) {
      bool slept = co_await wait(exchange, 5);
      if (!slept) co_return;
    }
    co_await echo(exchange);
  }
  Task<void> show_head(Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    std::string out =
        std::string(head.method) + " " + std::string(head.target) + " host=" + std::string(head.host) + "\n";
    for (const http::Header& h : head.headers) out.append(h.name).append("=").append(h.value).append("\n");
    co_await text(exchange, 200, out);
  }
  Task<void> pieces(Exchange& exchange, int count, size_t size, bool whole) {
    std::string piece(size, 'p');
    exchange.start(200, {});
    for (int i = 0; i < count; ++i) {
      auto sent = co_await exchange.write(piece, whole && i + 1 == count);
      if (!sent) {
        ++left;
        co_return;
      }
      ++written;
    }
    if (!whole) exchange.abort();
  }
  static Task<void> broken_promise(Exchange& exchange) {
    exchange.start(200, {}, 10);
    auto sent = co_await exchange.write("five.", true);
    (void)sent;
  }
};

}  // namespace hanse::net
