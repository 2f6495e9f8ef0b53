// Stream: one connection's bytes, plain TCP or TLS. Belongs to one reactor. Never blocks: try_* do what is
// possible now, until_* wait. Unmovable, closed with the object.
//
//   while (true) {
//     Wake why = co_await stream.until_readable(bounds);     // returns at once when there may be something
//     Block block = Block::borrow();
//     IoResult got = stream.try_read(block.data(), block.size());
//     ...
//
// After a short read no second read is tried before the next edge (a read that says EAGAIN costs as much as
// parsing three requests).
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <memory>
#include <span>

#include "net/reactor.h"
#include "net/tls.h"

namespace hanse::net {

class Stream {
 public:
  Stream() = default;

  // Takes a connected, non-blocking socket.
  Result<void> open(int fd);
  // Runs the handshake on the open socket.
  Task<Result<void>> start_tls(std::unique_ptr<TlsSession> tls, Bounds bounds);
  void close();
  // Closes with RST: the peer sees a broken connection, not an orderly end.
  void reset();
  // Sends FIN, keeps reading.
  void shut_down_sending();

  bool is_open() const { return poll_.is_open(); }
  int fd() const { return poll_.fd(); }
  bool hung_up() const { return poll_.hung_up; }
  bool encrypted() const { return tls_ != nullptr; }
  std::string_view alpn() const { return tls_ ? tls_->alpn() : std::string_view(); }
  bool resumed() const { return tls_ && tls_->resumed(); }
  // Fires `cancel` when the peer is seen to close; nullptr to stop watching.
  void watch_hang_up(Cancel* cancel) { poll_.watch_hang_up(cancel); }

  bool maybe_readable() const { return poll_.readable || tls_holds_bytes_; }
  Suspension until_readable(Bounds bounds) { return poll_.until_readable(bounds); }
  Suspension until_writable(Bounds bounds) { return poll_.until_writable(bounds); }

  IoResult try_read(char* data, size_t size);
  // As much as goes now. Gathers; `parts` isn't changed.
  IoResult try_write(std::span<const iovec> parts);

  // Bytes into `data`; 0 at the end of the stream.
  Task<Result<size_t>> read(char* data, size_t size, Bounds bounds);
  // All of `parts` (16 at most), in order, with all else that this turn of the reactor sends; the bytes must
  // stay until it ends. Gives up when nothing moves for `stall_max`: a slow reader may take its time, a dead
  // one not. Costs no coroutine when all goes at once.
  class WriteAll;
  WriteAll write(std::span<const iovec> parts, milliseconds stall_max, Cancel* cancel);

  std::string peer() const;  // "127.0.0.1:4711"

 private:
  IoResult read_tls(char* data, size_t size);
  IoResult write_tls(std::span<const iovec> parts);
  Task<Result<void>> write_rest(std::span<const iovec> parts, size_t sent, milliseconds stall_max,
                                Cancel* cancel);
  Poll poll_;
  std::unique_ptr<TlsSession> tls_;
  bool tls_holds_bytes_ = false;
};

// What Stream::write gives to co_await.
class [[nodiscard]] Stream::WriteAll final : Departure {
 public:
  WriteAll(Stream& stream, std::span<const iovec> parts, milliseconds stall_max, Cancel* cancel)
      : stream_(stream), parts_(parts), stall_max_(stall_max), cancel_(cancel) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    enqueue();
  }
  Result<void> await_resume() { return rest_ ? rest_->await_resume() : Result<void>(); }

 private:
  Stream& stream_;
  std::span<const iovec> parts_;
  milliseconds stall_max_;
  Cancel* cancel_;
  std::coroutine_handle<> depart() override;
  std::coroutine_handle<> awaiting_;
  std::optional<Task<Result<void>>> rest_;
};
inline Stream::WriteAll Stream::write(std::span<const iovec> parts, milliseconds stall_max, Cancel* cancel) {
  return WriteAll(*this, parts, stall_max, cancel);
}

Error wake_error(Wake why, std::string_view doing);  // cancelled or timed_out
Error io_error(const IoResult& result, std::string_view doing);

// Connects to one address, non-blocking. Error unreachable or timed_out.
Task<Result<void>> connect(Stream& stream, const sockaddr* address, unsigned length, Bounds bounds);

}  // namespace hanse::net
