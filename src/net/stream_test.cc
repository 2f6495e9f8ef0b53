#include "net/stream.h"

#include <sys/ioctl.h>

#include <numeric>

#include "net/block.h"
#include "net/test_support.h"

namespace hanse::net {
namespace {

using Kind = IoResult::Kind;

iovec part(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

struct Pair {
  Stream client, server;
  explicit Pair(int receive_buffer = 0) {
    Loopback ends = connect_loopback(receive_buffer);
    EXPECT_TRUE(client.open(ends.client) && server.open(ends.server));
  }
};

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

Task<void> read_to_end(Stream& stream, std::string& out) {
  char buffer[3000];
  while (true) {
    auto got = co_await stream.read(buffer, sizeof buffer, soon());
    if (!got || *got == 0) break;
    out.append(buffer, *got);
  }
}

TEST(Stream, BytesGoBothWaysAndTheEndIsSeen) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    std::string hello = "hello ", world = "world";
    iovec parts[] = {part(hello), part(""), part(world)};
    auto sent = co_await pair.client.write(parts, milliseconds(1000), nullptr);
    EXPECT_TRUE(sent);
    pair.client.shut_down_sending();
    std::string got;
    co_await read_to_end(pair.server, got);
    EXPECT_EQ(got, "hello world");
    EXPECT_TRUE(pair.server.hung_up());
    iovec back[] = {part("back")};
    auto answered = co_await pair.server.write(back, milliseconds(1000), nullptr);
    EXPECT_TRUE(answered);
    char buffer[16];
    auto n = co_await pair.client.read(buffer, sizeof buffer, soon());
    EXPECT_EQ(n.value_or(0), 4u);
  };
  run_on_reactor(body);
}

TEST(Stream, AShortReadWaitsForTheNextEdge) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    EXPECT_EQ(::send(pair.client.fd(), "abc", 3, 0), 3);
    co_await pause(5);
    char two[2], more[8];
    IoResult first = pair.server.try_read(two, sizeof two);
    EXPECT_EQ(first.size, 2u);
    EXPECT_TRUE(pair.server.maybe_readable());  // the buffer was full: there may be more
    IoResult second = pair.server.try_read(more, sizeof more);
    EXPECT_EQ(second.size, 1u);
    EXPECT_FALSE(pair.server.maybe_readable());
    EXPECT_EQ(::send(pair.client.fd(), "d", 1, 0), 1);
    Wake why = co_await pair.server.until_readable(soon());
    EXPECT_EQ(why, Wake::ready);
    EXPECT_TRUE(pair.server.maybe_readable());
  };
  run_on_reactor(body);
}

TEST(Stream, BytesAndAnEndThatCameTogetherAreBothSeen) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    EXPECT_EQ(::send(pair.client.fd(), "abc", 3, 0), 3);
    pair.client.close();
    co_await pause(5);
    std::string got;
    co_await read_to_end(pair.server, got);
    EXPECT_EQ(got, "abc");
  };
  run_on_reactor(body);
}

TEST(Stream, ALargeGatheredWriteArrivesWholeThroughASmallBuffer) {
  auto body = [&]() -> Task<void> {
    Pair pair(4096);
    std::string text = pattern(3'000'000), got;
    auto writer = [&]() -> Task<void> {
      std::string_view all = text;
      iovec parts[] = {part(all.substr(0, 10)), part(all.substr(10, 1'000'000)), part(all.substr(1'000'010))};
      auto sent = co_await pair.client.write(parts, milliseconds(5000), nullptr);
      EXPECT_TRUE(sent);
      pair.client.close();
    };
    Reactor::current().spawn(writer());
    co_await read_to_end(pair.server, got);
    EXPECT_EQ(got.size(), text.size());
    EXPECT_TRUE(got == text);
  };
  run_on_reactor(body);
}

TEST(Stream, AWriteThatDoesNotMoveTimesOut) {
  auto body = [&]() -> Task<void> {
    Pair pair(4096);
    std::string text(32'000'000, 'x');
    iovec parts[] = {part(text)};
    auto sent = co_await pair.client.write(parts, milliseconds(60), nullptr);
    EXPECT_TRUE(failed_with(sent, Code::timed_out));
  };
  run_on_reactor(body);
}

TEST(Stream, AWriteEndsWithItsCancel) {
  auto body = [&]() -> Task<void> {
    Pair pair(4096);
    Cancel cancel;
    auto firing = [&]() -> Task<void> {
      co_await pause(20);
      cancel.fire();
    };
    Reactor::current().spawn(firing());
    std::string text(32'000'000, 'x');
    iovec parts[] = {part(text)};
    auto sent = co_await pair.client.write(parts, milliseconds(5000), &cancel);
    EXPECT_TRUE(failed_with(sent, Code::cancelled));
  };
  run_on_reactor(body);
}

TEST(Stream, AReadTimesOut) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    char buffer[8];
    Bounds bounds{from_now(20), nullptr};
    auto got = co_await pair.server.read(buffer, sizeof buffer, bounds);
    EXPECT_TRUE(failed_with(got, Code::timed_out));
  };
  run_on_reactor(body);
}

TEST(Stream, AResetIsAFailureOnBothSidesOfTheTalk) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    pair.client.reset();
    co_await pause(5);
    char buffer[8];
    auto got = co_await pair.server.read(buffer, sizeof buffer, soon());
    EXPECT_TRUE(failed_with(got, Code::unreachable));
    iovec parts[] = {part("too late")};
    auto sent = co_await pair.server.write(parts, milliseconds(1000), nullptr);
    EXPECT_FALSE(sent);
  };
  run_on_reactor(body);
}

TEST(Stream, AHangUpCancelsWhoWatches) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    Cancel left;
    pair.server.watch_hang_up(&left);
    auto leaving = [&]() -> Task<void> {
      co_await pause(10);
      pair.client.close();
    };
    Reactor::current().spawn(leaving());
    Bounds bounds{from_now(5000), &left};
    bool slept = co_await sleep(bounds);
    EXPECT_FALSE(slept);
    Cancel late;
    pair.server.watch_hang_up(&late);  // seen before: at once
    EXPECT_TRUE(late.fired());
  };
  run_on_reactor(body);
}

TEST(Stream, ClosingEndsAnothersRead) {
  auto body = [&]() -> Task<void> {
    Pair pair;
    auto closing = [&]() -> Task<void> {
      co_await pause(10);
      pair.server.close();
    };
    Reactor::current().spawn(closing());
    char buffer[8];
    auto got = co_await pair.server.read(buffer, sizeof buffer, soon());
    EXPECT_TRUE(failed_with(got, Code::cancelled));
  };
  run_on_reactor(body);
}

sockaddr_in local(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

TEST(Connect, ReachesAListenerAndSaysWhenThereIsNone) {
  auto body = [&]() -> Task<void> {
    int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    Stream refused;
    auto failed = co_await connect(refused, reinterpret_cast<sockaddr*>(&address), size, soon());
    EXPECT_TRUE(failed_with(failed, Code::unreachable));  // bound, not listening
    EXPECT_EQ(::listen(listener, 4), 0);
    Stream stream;
    auto fine = co_await connect(stream, reinterpret_cast<sockaddr*>(&address), size, soon());
    EXPECT_TRUE(fine);
    EXPECT_EQ(stream.peer(), "127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
    ::close(listener);
  };
  run_on_reactor(body);
}

TEST(Block, IsBorrowedAndGivenBack) {
  Block a = Block::borrow();
  char* data = a.data();
  a.give_back();
  EXPECT_FALSE(a);
  Block b = Block::borrow();
  EXPECT_EQ(b.data(), data);  // the last one given back
  Block c = std::move(b);
  EXPECT_FALSE(b);
  EXPECT_TRUE(c);
}

}  // namespace
}  // namespace hanse::net
