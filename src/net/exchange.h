// Exchange: one request and its answer, as a handler sees it, over HTTP/1.1 or HTTP/2 alike.
//
//   Task<void> Echo::handle(Exchange& exchange) {
//     auto body = co_await exchange.read_body(1 << 20);
//     if (!body) { co_await exchange.answer(400, {}, ...); co_return; }
//     ...
//
// Views into the request stay until the exchange ends. A handler answers exactly once: answer(), or start(), write()
// ... with last, or abort(). A handler that ends without that gets a 500 (nothing sent yet) or a cut stream.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/head.h"
#include "net/reactor.h"

namespace hanse::net {

struct HeaderField {
  std::string_view name;   // lower case
  std::string_view value;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const http::RequestHead& head() const = 0;
  virtual int http_version() const = 0;               // 1 or 2
  virtual std::string peer() const = 0;
  // The whole body, contiguous. Errors: too_large, request_timeout, bad_request (framing), cancelled.
  virtual Task<Result<std::string_view>> read_body(size_t bytes_max) = 0;

  // A whole answer. Content-Length and Date are set here; HEAD sends no body.
  virtual Task<Result<void>> answer(int status, std::span<const HeaderField> headers, std::string_view body) = 0;
  // Begins an answer whose length isn't known, or is (content_length >= 0). Sent with the first write.
  virtual void start(int status, std::span<const HeaderField> headers, int64_t content_length = -1) = 0;
  // Returns when the bytes have gone to the kernel or into the flow-control window: that is the back-pressure.
  virtual Task<Result<void>> write(std::string_view bytes, bool last) = 0;
  // Ends an answer so that the client sees it broken: RST_STREAM, or a closed connection without the last chunk. No
  // effect on an answer that is whole.
  virtual void abort() = 0;

  virtual bool started() const = 0;                   // something of the answer was sent or begun
  // Fires when the client leaves (or the drain limit ends): pass it to every wait.
  virtual Cancel& cancel() = 0;
  virtual uint64_t bytes_in() const = 0;              // of the body read so far
  virtual uint64_t bytes_out() const = 0;             // of the body written so far
};

// An answer that the server gives by itself, to a request that could not be handed over.
struct Refusal {
  std::string body;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;   // x-request-id, ...
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<void> handle(Exchange& exchange) = 0;
  // Words the server's own refusal (malformed head, over a limit, too slow) in the language of `target`'s path, which
  // is empty when not known yet. Default: plain text.
  virtual Refusal refusal(const Error& error, std::string_view target);
};

}  // namespace hanse::net
