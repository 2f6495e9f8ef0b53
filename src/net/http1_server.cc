// HTTP/1.1 on one server connection: requests one after another, pipelined ones in order. RFC 9112.
#include <cstdlib>
#include <cstring>

#include "base/bytes.h"
#include "net/block.h"
#include "net/date.h"
#include "net/http/chunked.h"
#include "net/http1_exchange.h"
#include "net/server.h"

namespace hanse::net {
namespace {

// After an answer that closes, what the client still sends is read and dropped for a moment, or its kernel
// would throw our answer away with a reset.
Task<void> linger(Stream& stream) {
  stream.shut_down_sending();
  constexpr size_t kBytesMax = 1024 * 1024;
  Bounds bounds{Reactor::current().now() + milliseconds(1000), nullptr};
  size_t seen = 0;
  while (seen < kBytesMax) {
    if (!stream.maybe_readable()) {
      Wake why = co_await stream.until_readable(bounds);
      if (why != Wake::ready) break;
    }
    Block block = Block::borrow();
    IoResult got = stream.try_read(block.data(), block.size());
    if (got.kind == IoResult::Kind::bytes)
      seen += got.size;
    else if (got.kind != IoResult::Kind::want_read)
      break;
  }
}

// Waits for the first byte of the next request, holding no memory.
Task<bool> next_request(Server& server, Stream& stream) {
  Bounds bounds{after(Reactor::current().now(), server.limits().idle_timeout), &server.idle()};
  while (!stream.maybe_readable()) {
    Wake why = co_await stream.until_readable(bounds);
    if (why != Wake::ready) co_return false;
  }
  co_return !server.draining();
}

}  // namespace

Task<void> serve_http1(Server& server, Stream& stream) {
  std::string leftover;
  while (true) {
    // Empty lines behind a body are not the start of a request (RFC 9112 section 2.2).
    leftover.erase(0, std::min(leftover.find_first_not_of("\r\n"), leftover.size()));
    if (leftover.empty()) {
      bool more = co_await next_request(server, stream);
      if (!more) break;
    }
    After after = co_await serve_one_http1(server, stream, leftover);
    if (after == After::next) continue;
    if (after == After::http2) {
      co_await serve_http2(server, stream, leftover);
      co_return;
    }
    if (after == After::linger) co_await linger(stream);
    if (after == After::reset) stream.reset();
    break;
  }
  stream.close();
}

}  // namespace hanse::net
