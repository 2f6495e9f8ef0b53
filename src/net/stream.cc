#include "net/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace hanse::net {

using Kind = IoResult::Kind;

Error wake_error(Wake why, std::string_view doing) {
  if (why == Wake::deadline) return Error(Code::timed_out, std::string(doing) + ": timed out");
  return Error(Code::cancelled, std::string(doing) + ": cancelled");
}

Error io_error(const IoResult& result, std::string_view doing) {
  if (result.kind == Kind::end) return Error(Code::unreachable, std::string(doing) + ": closed by the peer");
  std::string why = result.error ? std::strerror(result.error) : "TLS failure";
  return Error(Code::unreachable, std::string(doing) + ": " + why);
}

Result<void> Stream::open(int fd) {
  int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return poll_.open(fd);
}

Task<Result<void>> Stream::start_tls(std::unique_ptr<TlsSession> tls, Bounds bounds) {
  tls_ = std::move(tls);
  while (true) {
    IoResult step = tls_->handshake();
    if (step.kind == Kind::bytes) {
      poll_.readable = true;  // the handshake may have read what comes behind it: no edge tells of that
      co_return Result<void>();
    }
    if (step.kind != Kind::want_read && step.kind != Kind::want_write)
      co_return fail(Code::unreachable, "TLS handshake failed: " + tls_->failure());
    bool reading = step.kind == Kind::want_read;
    Wake why = reading ? co_await until_readable(bounds) : co_await until_writable(bounds);
    if (why != Wake::ready) co_return fail(wake_error(why, "TLS handshake"));
  }
}

void Stream::close() {
  if (tls_ && poll_.is_open()) tls_->shutdown();
  poll_.close();
  tls_.reset();
  tls_holds_bytes_ = false;
}

void Stream::reset() {
  linger hard{1, 0};
  if (poll_.is_open()) ::setsockopt(poll_.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  poll_.close();
  tls_.reset();
  tls_holds_bytes_ = false;
}

void Stream::shut_down_sending() {
  if (tls_) tls_->shutdown();
  ::shutdown(poll_.fd(), SHUT_WR);
}

IoResult Stream::try_read(char* data, size_t size) {
  if (tls_) return read_tls(data, size);
  ssize_t n = ::recv(poll_.fd(), data, size, 0);
  // A short read has emptied the socket; the next bytes bring an edge. A close may have come with these bytes
  // and brings none, so it is asked for.
  if (n > 0) {
    poll_.readable = static_cast<size_t>(n) == size || poll_.hung_up;
    return {Kind::bytes, static_cast<size_t>(n)};
  }
  if (n == 0) return {Kind::end};
  if (errno == EAGAIN || errno == EINTR) {
    poll_.readable = errno == EINTR;
    return {Kind::want_read};
  }
  return {Kind::failed, 0, errno};
}

IoResult Stream::read_tls(char* data, size_t size) {
  IoResult result = tls_->read(data, size);
  const bool got_bytes = result.kind == Kind::bytes;
  // An edge may have come since TLS last looked at the socket, so what it holds says nothing about the socket.
  if (tls_->saw_empty_socket()) poll_.readable = poll_.hung_up && got_bytes;
  tls_holds_bytes_ = got_bytes && tls_->holds_bytes();
  return result;
}

IoResult Stream::try_write(std::span<const iovec> parts) {
  if (tls_) return write_tls(parts);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  ssize_t n = ::sendmsg(poll_.fd(), &message, MSG_NOSIGNAL);
  if (n > 0) return {Kind::bytes, static_cast<size_t>(n)};
  if (n == 0 || errno == EAGAIN || errno == EINTR) {
    poll_.writable = false;
    return {Kind::want_write};
  }
  return {Kind::failed, 0, errno};
}

// Gathers small parts into full records: a record costs as much as copying its bytes several times.
IoResult Stream::write_tls(std::span<const iovec> parts) {
  constexpr size_t kRecord = 16 * 1024;
  if (parts.size() == 1) return tls_->write(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len);
  char record[kRecord];
  size_t filled = 0;
  for (const iovec& part : parts) {
    size_t n = std::min(part.iov_len, kRecord - filled);
    std::memcpy(record + filled, part.iov_base, n);
    filled += n;
    if (filled == kRecord) break;
  }
  return tls_->write(record, filled);
}

Task<Result<size_t>> Stream::read(char* data, size_t size, Bounds bounds) {
  while (true) {
    if (!maybe_readable()) {
      Wake why = co_await until_readable(bounds);
      if (why != Wake::ready) co_return fail(wake_error(why, "read"));
    }
    if (!is_open()) co_return fail(Code::cancelled, "read: connection closed");
    IoResult got = try_read(data, size);
    if (got.kind == Kind::bytes) co_return got.size;
    if (got.kind == Kind::end) co_return size_t{0};
    if (got.kind == Kind::failed) co_return fail(io_error(got, "read"));
    if (got.kind == Kind::want_write) {
      Wake why = co_await until_writable(bounds);
      if (why != Wake::ready) co_return fail(wake_error(why, "read"));
    }
  }
}

std::coroutine_handle<> Stream::WriteAll::depart() {
  size_t sent = 0, all = 0;
  for (const iovec& part : parts_) all += part.iov_len;
  if (stream_.is_open()) {
    IoResult now = stream_.try_write(parts_);
    if (now.kind == Kind::bytes) sent = now.size;
  }
  if (sent == all) return awaiting_;
  // The slow path tries again, and says what is wrong.
  rest_.emplace(stream_.write_rest(parts_, sent, stall_max_, cancel_));
  return rest_->await_suspend(awaiting_);
}

Task<Result<void>> Stream::write_rest(std::span<const iovec> parts, size_t sent, milliseconds stall_max,
                                      Cancel* cancel) {
  iovec left[16];
  HANSE_ASSERT(parts.size() <= std::size(left));
  std::copy(parts.begin(), parts.end(), left);
  size_t first = 0;
  while (true) {
    while (first < parts.size() && sent >= left[first].iov_len) sent -= left[first++].iov_len;
    if (first == parts.size()) co_return Result<void>();
    left[first].iov_base = static_cast<char*>(left[first].iov_base) + sent;
    left[first].iov_len -= sent;
    sent = 0;
    if (!is_open()) co_return fail(Code::cancelled, "write: connection closed");
    IoResult now = try_write(std::span(left + first, parts.size() - first));
    if (now.kind == Kind::bytes) {
      sent = now.size;
      continue;
    }
    if (now.kind == Kind::failed || now.kind == Kind::end) co_return fail(io_error(now, "write"));
    bool reading = now.kind == Kind::want_read;
    Bounds bounds{after(Reactor::current().now(), stall_max), cancel};
    Wake why = reading ? co_await until_readable(bounds) : co_await until_writable(bounds);
    if (why != Wake::ready) co_return fail(wake_error(why, "write"));
  }
}

namespace {
std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address.ss_family == AF_INET) {
    auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
}
}  // namespace

std::string Stream::peer() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(poll_.fd(), reinterpret_cast<sockaddr*>(&address), &length) != 0) return "?";
  return address_text(address);
}

Task<Result<void>> connect(Stream& stream, const sockaddr* address, unsigned length, Bounds bounds) {
  int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail(Code::overloaded, std::string("socket: ") + std::strerror(errno));
  int rc = ::connect(fd, address, length);
  int error = rc == 0 ? 0 : errno;
  if (error != 0 && error != EINPROGRESS) {
    ::close(fd);
    co_return fail(Code::unreachable, std::string("connect: ") + std::strerror(error));
  }
  CO_TRY_VOID(stream.open(fd));
  if (error == EINPROGRESS) {
    Wake why = co_await stream.until_writable(bounds);
    if (why != Wake::ready) {
      stream.close();
      co_return fail(wake_error(why, "connect"));
    }
  }
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    stream.close();
    co_return fail(Code::unreachable, std::string("connect: ") + std::strerror(error));
  }
  co_return Result<void>();
}

}  // namespace hanse::net
