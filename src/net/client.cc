#include "net/client.h"

#include <algorithm>
#include <cstring>

namespace hanse::net {
// ---- the pool

std::unique_ptr<ClientPool::Connection> ClientPool::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    // Closed, or speaking out of turn (TLS may: session tickets).
    bool odd = connection->stream.hung_up() ||
               (connection->stream.maybe_readable() && !connection->stream.encrypted());
    if (!odd) return connection;
    --open_;
  }
  return nullptr;
}

Task<Result<std::unique_ptr<ClientPool::Connection>>> ClientPool::acquire(bool fresh, Cancel* cancel) {
  if (auto connection = fresh ? nullptr : take_idle()) {
    connection->reused = true;
    co_return std::move(connection);
  }
  if (open_ >= limits_.connections)
    co_return fail(Code::overloaded, "all " + std::to_string(limits_.connections) + " connections to " +
                                         origin_.host + " are busy");
  auto connection = std::make_unique<Connection>();
  ++open_;
  auto connected = co_await connect(*connection, cancel);
  if (!connected) {
    --open_;
    co_return fail(std::move(connected.error()));
  }
  co_return std::move(connection);
}

Task<Result<void>> ClientPool::connect(Connection& connection, Cancel* cancel) {
  Time now = Reactor::current().now();
  Bounds bounds{after(now, limits_.connect_timeout), cancel};
  auto addresses = co_await resolver_.resolve(origin_.host, origin_.port, bounds);
  if (!addresses) co_return fail(std::move(addresses.error()));
  Result<void> connected = fail(Code::unreachable, "no address for " + origin_.host);
  for (size_t i = 0; i < addresses->size(); ++i) {
    // A dead address may use its share of the time, not all of it.
    now = Reactor::current().now();
    Bounds share{now + (bounds.deadline - now) / static_cast<int>(addresses->size() - i), cancel};
    if (bounds.deadline == kNever) share.deadline = kNever;
    const Address& address = (*addresses)[i];
    connected = co_await net::connect(connection.stream, address.get(), address.length, share);
    if (connected || connected.error().code == Code::cancelled) break;
  }
  if (!connected) {
    connected.error().message += " (" + origin_.host + ":" + std::to_string(origin_.port) + ")";
    co_return fail(std::move(connected.error()));
  }
  if (!origin_.tls) co_return Result<void>();
  auto session = tls_->session(connection.stream.fd(), origin_.host);
  if (!session) co_return fail(std::move(session.error()));
  auto secured = co_await connection.stream.start_tls(std::move(*session), bounds);
  co_return secured;
}

void ClientPool::give_back(std::unique_ptr<Connection> connection) {
  connection->idle_since = Reactor::current().now();
  idle_.push_back(std::move(connection));
}

void ClientPool::sweep() {
  Time limit = Reactor::current().now() - limits_.idle_timeout;
  auto stale = [&](const std::unique_ptr<Connection>& c) {
    return c->stream.hung_up() || c->idle_since < limit;
  };
  open_ -= std::erase_if(idle_, stale);
}

// ---- a call

Task<Result<const http::ResponseHead*>> Call::request(std::span<const iovec> parts, std::string_view method,
                                                      Time first_byte_deadline, milliseconds stall_max,
                                                      Cancel* cancel) {
  for (bool fresh : {false, true}) {
    auto acquired = co_await pool_->acquire(fresh, cancel);
    if (!acquired) co_return fail(std::move(acquired.error()));
    connection_ = std::move(*acquired);
    auto head = co_await try_request(parts, method, first_byte_deadline, stall_max, cancel);
    if (head) co_return *head;
    // The provider may close a kept connection at the moment we take it. No byte came back, so nothing was
    // answered: it is asked once more, on a connection of its own.
    bool unanswered = connection_->reused && !got_bytes_ && head.error().code == Code::unreachable;
    end();
    if (!unanswered) co_return fail(std::move(head.error()));
  }
  co_return fail(Code::internal, "unreachable");
}

Task<Result<const http::ResponseHead*>> Call::try_request(std::span<const iovec> parts,
                                                          std::string_view method, Time first_byte_deadline,
                                                          milliseconds stall_max, Cancel* cancel) {
  got_bytes_ = done_ = body_ended_ = reusable_ = false;
  auto sent = co_await connection_->stream.write(parts, stall_max, cancel);
  // A provider may refuse a body and close before it has read it all: its answer is worth more than our
  // error.
  if (!sent && sent.error().code != Code::unreachable) co_return fail(std::move(sent.error()));
  size_t size = 0;
  std::string held;
  while (true) {
    if (!connection_->stream.maybe_readable()) {
      Bounds bounds{first_byte_deadline, cancel};
      Wake why = co_await connection_->stream.until_readable(bounds);
      if (why != Wake::ready) co_return fail(wake_error(why, "waiting for the provider"));
    }
    auto received = receive(held.size());
    if (!received) co_return fail(std::move(sent ? received.error() : sent.error()));
    if (!*received) continue;
    size_t got = **received;
    if (got == 0)
      co_return fail(got_bytes_ ? Code::malformed_reply : Code::unreachable,
                     "the provider closed the connection before it answered");
    got_bytes_ = true;
    std::memcpy(block_.data(), held.data(), held.size());
    size = held.size() + got;
    CO_TRY(bool complete, parse_head(method, size));
    if (complete) break;
    held.assign(block_.data(), size);
    block_.give_back();
  }
  if (!sent) reusable_ = false;
  co_return &http::scratch_response_head();
}

// Borrows a block and reads into it behind `offset` what is there now. Nothing there: no value.
Result<std::optional<size_t>> Call::receive(size_t offset) {
  Stream& stream = connection_->stream;
  block_ = Block::borrow();
  IoResult got = stream.try_read(block_.data() + offset, block_.size() - offset);
  if (got.kind == IoResult::Kind::bytes) return got.size;
  if (got.kind == IoResult::Kind::end) return size_t{0};
  if (got.kind == IoResult::Kind::failed) return fail(io_error(got, "reading from the provider"));
  block_.give_back();
  return std::optional<size_t>();
}

// False: more bytes are needed. Interim answers (1xx) are passed over.
Result<bool> Call::parse_head(std::string_view method, size_t size) {
  http::ResponseHead& head = http::scratch_response_head();
  static constexpr http::HeadLimits kLimits{.bytes = kBlockSize - 1024};
  size_t at = 0;
  while (true) {
    auto parsed = http::parse_response_head({block_.data() + at, size - at}, kLimits, method, head);
    if (!parsed)
      return fail(Code::malformed_reply, "the provider's answer is not HTTP: " + parsed.error().message);
    if (*parsed == 0) {
      if (size >= kLimits.bytes)
        return fail(Code::malformed_reply, "the head of the provider's answer is too large");
      return false;
    }
    at += *parsed;
    if (head.status >= 200) break;
    if (head.status == 101) return fail(Code::malformed_reply, "the provider switched protocols");
  }
  rest_ = block_.data() + at;
  rest_size_ = size - at;
  reusable_ = head.keep_alive;
  bool bodiless = method == "HEAD" || head.status == 204 || head.status == 304;
  chunked_ = {};
  if (bodiless)
    body_ = Body::none;
  else if (head.chunked)
    body_ = Body::chunked;
  else if (head.content_length)
    body_ = Body::length;
  else
    body_ = Body::until_close;
  length_left_ = body_ == Body::length ? *head.content_length : 0;
  body_ended_ = body_ == Body::none || (body_ == Body::length && length_left_ == 0);
  done_ = body_ended_;
  encoded_ = {};
  TRY(decoder_, ContentDecoder::make(head.headers.get("content-encoding")));
  return true;
}

// What rest_ holds of the body, moved out of its framing.
Result<std::string_view> Call::next_piece() {
  std::string_view piece(rest_, rest_size_);
  rest_size_ = 0;
  switch (body_) {
    case Body::none:
      return std::string_view();
    case Body::until_close:
      return piece;
    case Body::length:
      if (piece.size() > length_left_) reusable_ = false;  // bytes that no request asked for
      piece = piece.substr(0, length_left_);
      length_left_ -= piece.size();
      body_ended_ = length_left_ == 0;
      return piece;
    case Body::chunked:
      break;
  }
  auto out = chunked_.feed(const_cast<char*>(piece.data()), piece.size());
  if (!out) return fail(Code::malformed_reply, "the provider's chunks are malformed: " + out.error().message);
  body_ended_ = chunked_.done();
  if (body_ended_ && out->consumed < piece.size()) reusable_ = false;
  return piece.substr(out->begin, out->payload);
}

Task<Result<std::string_view>> Call::read_framed(Bounds bounds) {
  while (true) {
    if (rest_size_ > 0) {
      auto piece = next_piece();
      if (!piece) {
        reusable_ = false;
        co_return piece;
      }
      bytes_in_ += piece->size();
      if (!piece->empty() || body_ended_) co_return *piece;
    }
    if (body_ended_) co_return std::string_view();
    block_.give_back();
    if (!connection_->stream.maybe_readable()) {
      Wake why = co_await connection_->stream.until_readable(bounds);
      if (why != Wake::ready) co_return fail(wake_error(why, "waiting for the provider"));
    }
    auto received = receive(0);
    if (!received)
      co_return fail(Code::malformed_reply, "the provider's answer broke off: " + received.error().message);
    if (!*received) continue;
    rest_ = block_.data();
    rest_size_ = **received;
    if (rest_size_ > 0) continue;
    reusable_ = false;
    if (body_ != Body::until_close)
      co_return fail(Code::malformed_reply, "the provider's answer ended too early");
    body_ended_ = true;
  }
}

Task<Result<std::string_view>> Call::read_decoded(Bounds bounds) {
  decoded_.clear();
  while (decoded_.empty() && !done_) {
    if (encoded_.empty() && !body_ended_) {
      auto piece = co_await read_framed(bounds);
      if (!piece) co_return piece;
      encoded_ = *piece;
    }
    CO_TRY_VOID(decoder_->step(encoded_, decoded_));
    bool full = decoded_.size() >= ContentDecoder::kStepBytes;
    if (!body_ended_ || !encoded_.empty() || full) continue;
    if (!decoder_->ended())
      co_return fail(Code::malformed_reply, "the provider's encoded answer ended too early");
    done_ = true;
  }
  co_return std::string_view(decoded_);
}

Task<Result<std::string>> Call::read_all(size_t bytes_max, Bounds bounds) {
  std::string all;
  while (!done()) {
    auto piece = co_await read(bounds);
    if (!piece) co_return fail(std::move(piece.error()));
    if (all.size() + piece->size() > bytes_max)
      co_return fail(Code::malformed_reply,
                     "the provider's answer is over the limit of " + std::to_string(bytes_max) + " bytes");
    all += *piece;
  }
  co_return std::move(all);
}

void Call::end() {
  block_.give_back();
  rest_size_ = 0;
  if (!connection_) return;
  if (done() && reusable_) {
    pool_->give_back(std::move(connection_));
    return;
  }
  connection_.reset();
  pool_->gone();
}

}  // namespace hanse::net
