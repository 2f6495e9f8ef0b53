#include "net/dns.h"

#include <map>

#include "net/dns_cache.h"
#include "net/test_support.h"

namespace hanse::net {
namespace {

constexpr int kA = 1, kCname = 5, kAaaa = 28;

std::string u16(int value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 255)}; }

std::string wire_name(const std::string& dotted) {
  std::string out;
  for (size_t from = 0; from < dotted.size();) {
    size_t dot = std::min(dotted.find('.', from), dotted.size());
    out += static_cast<char>(dot - from);
    out += dotted.substr(from, dot - from);
    from = dot + 1;
  }
  return out + '\0';
}

// A name server on loopback that says what it is told to, and counts what it is asked.
class NameServer {
 public:
  NameServer() {
    int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    servers = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    EXPECT_TRUE(poll_.open(fd));
    Reactor::current().spawn(run());
  }
  void close() { poll_.close(); }

  void add_a(const std::string& name, int last, int ttl = 60) {
    add(name, kA, ttl, std::string("\x7f\0\0", 3) + static_cast<char>(last));
  }
  void add_aaaa(const std::string& name, int last, int ttl = 60) {
    add(name, kAaaa, ttl, std::string("\xfd") + std::string(14, '\0') + static_cast<char>(last));
  }
  void add_cname(const std::string& name, const std::string& target, int ttl = 60) {
    add(name, kCname, ttl, wire_name(target));
  }
  void forget(const std::string& name) { records_.erase(name); }

  std::string servers;
  bool silent = false;
  int asked = 0;

 private:
  struct Record {
    int type;
    int ttl;
    std::string data;
  };
  void add(const std::string& name, int type, int ttl, std::string data) {
    records_[name].push_back({type, ttl, std::move(data)});
  }

  Task<void> run() {
    while (poll_.is_open()) {
      char query[512];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      ssize_t n = ::recvfrom(poll_.fd(), query, sizeof query, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (n < 0) {
        Wake why = co_await poll_.until_readable({});
        if (why != Wake::ready) break;
        continue;
      }
      ++asked;
      if (silent) continue;
      std::string reply = answer({query, static_cast<size_t>(n)});
      ::sendto(poll_.fd(), reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  std::string answer(std::string_view query) const {
    std::string name;
    size_t at = 12;
    for (; query[at]; at += static_cast<size_t>(query[at]) + 1)
      name.append(name.empty() ? "" : ".").append(query.substr(at + 1, static_cast<size_t>(query[at])));
    int type = query[at + 2];
    std::string body;
    int count = 0;
    bool known = append_records(name, type, body, count);
    std::string head(query.substr(0, 2));
    head += u16(0x8180 | (known ? 0 : 3));
    head += u16(1) + u16(count) + u16(0) + u16(0);
    return head + std::string(query.substr(12, at + 5 - 12)) + body;
  }

  bool append_records(const std::string& name, int type, std::string& out, int& count) const {
    auto found = records_.find(name);
    if (found == records_.end()) return false;
    for (const Record& record : found->second) {
      if (record.type != type && record.type != kCname) continue;
      ++count;
      out += wire_name(name) + u16(record.type) + u16(1) + u16(0) + u16(record.ttl);
      out += u16(static_cast<int>(record.data.size())) + record.data;
      size_t dots = record.data.size();
      if (record.type == kCname && dots) append_records(targets_of(record.data), type, out, count);
    }
    return true;
  }
  static std::string targets_of(const std::string& wire) {
    std::string out;
    for (size_t at = 0; wire[at]; at += static_cast<size_t>(wire[at]) + 1)
      out.append(out.empty() ? "" : ".").append(wire.substr(at + 1, static_cast<size_t>(wire[at])));
    return out;
  }

  std::map<std::string, std::vector<Record>> records_;
  Poll poll_;
};

std::string text_of(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr, text,
                sizeof text);
  }
  return text;
}

using Answer = Result<std::vector<Address>>;

std::string texts_of(const Answer& answer) {
  if (!answer) return "error: " + answer.error().message;
  std::string out;
  for (const Address& a : *answer) out.append(out.empty() ? "" : " ").append(text_of(a));
  return out;
}

// A name server and a resolver that asks it.
struct Net {
  NameServer server;
  Resolver resolver{ResolverOptions{server.servers, milliseconds(50), 2}};
  ~Net() { server.close(); }
};

TEST(Dns, LiteralsNeedNoLookup) {
  auto body = [&]() -> Task<void> {
    Net net;
    auto v4 = co_await net.resolver.resolve("127.0.0.9", 80, soon());
    EXPECT_EQ(texts_of(v4), "127.0.0.9");
    EXPECT_EQ(ntohs(reinterpret_cast<const sockaddr_in*>(v4->front().get())->sin_port), 80);
    auto v6 = co_await net.resolver.resolve("[::1]", 443, soon());
    EXPECT_EQ(texts_of(v6), "::1");
    EXPECT_EQ(v6->front().length, sizeof(sockaddr_in6));
    EXPECT_EQ(ntohs(reinterpret_cast<const sockaddr_in6*>(v6->front().get())->sin6_port), 443);
    EXPECT_EQ(net.server.asked, 0);
  };
  run_on_reactor(body);
}

TEST(Dns, LocalhostIsLoopbackWithoutAServer) {
  auto body = [&]() -> Task<void> {
    Net net;
    auto found = co_await net.resolver.resolve("localhost", 80, soon());
    EXPECT_TRUE(texts_of(found).find("127.0.0.1") != std::string::npos ||
                texts_of(found).find("::1") != std::string::npos)
        << texts_of(found);
    EXPECT_EQ(net.server.asked, 0);
  };
  run_on_reactor(body);
}

TEST(Dns, FamiliesAlternate) {
  auto body = [&]() -> Task<void> {
    Net net;
    for (int i = 1; i <= 3; ++i) net.server.add_a("both.test", i);
    for (int i = 1; i <= 2; ++i) net.server.add_aaaa("both.test", i);
    auto found = co_await net.resolver.resolve("both.test", 443, soon());
    EXPECT_TRUE(found);
    if (!found) co_return;
    EXPECT_EQ(found->size(), 5u);
    std::string families;
    for (const Address& a : *found) families += a.storage.ss_family == AF_INET ? '4' : '6';
    EXPECT_TRUE(families == "46464" || families == "64644") << families;
    for (const Address& a : *found)  // the port is in both
      EXPECT_EQ(ntohs(reinterpret_cast<const sockaddr_in*>(a.get())->sin_port), 443);
  };
  run_on_reactor(body);
}

TEST(Dns, AnswersAreKeptForTheirTtl) {
  auto body = [&]() -> Task<void> {
    Net net;
    net.server.add_a("short.test", 1, 1);
    auto first = co_await net.resolver.resolve("short.test", 443, soon());
    EXPECT_EQ(texts_of(first), "127.0.0.1");
    int asked = net.server.asked;
    auto second = co_await net.resolver.resolve("SHORT.test", 80, soon());
    EXPECT_EQ(texts_of(second), "127.0.0.1");
    EXPECT_EQ(net.server.asked, asked);
    net.server.forget("short.test");
    net.server.add_a("short.test", 2, 60);
    co_await pause(1050);
    auto third = co_await net.resolver.resolve("short.test", 443, soon());
    EXPECT_EQ(texts_of(third), "127.0.0.2");
    EXPECT_GT(net.server.asked, asked);
  };
  run_on_reactor(body);
}

TEST(Dns, ManyWaitersShareOneLookup) {
  auto body = [&]() -> Task<void> {
    Net net;
    net.server.add_a("shared.test", 7);
    int ended = 0;
    auto ask = [&]() -> Task<void> {
      auto found = co_await net.resolver.resolve("shared.test", 443, soon());
      EXPECT_EQ(texts_of(found), "127.0.0.7");
      ++ended;
    };
    for (int i = 0; i < 50; ++i) Reactor::current().spawn(ask());
    for (int i = 0; i < 200 && ended < 50; ++i) co_await pause(5);
    EXPECT_EQ(ended, 50);
    EXPECT_EQ(net.server.asked, 2);  // A and AAAA
  };
  run_on_reactor(body);
}

TEST(Dns, CnamesAreFollowed) {
  auto body = [&]() -> Task<void> {
    Net net;
    net.server.add_cname("alias.test", "real.test");
    net.server.add_a("real.test", 5);
    auto found = co_await net.resolver.resolve("alias.test", 443, soon());
    EXPECT_EQ(texts_of(found), "127.0.0.5");
  };
  run_on_reactor(body);
}

TEST(Dns, UnknownNamesAreUnreachableForASecond) {
  auto body = [&]() -> Task<void> {
    Net net;
    auto missing = co_await net.resolver.resolve("missing.test", 443, soon());
    EXPECT_TRUE(failed_with(missing, Code::unreachable));
    EXPECT_NE(texts_of(missing).find("'missing.test': no such host"), std::string::npos) << texts_of(missing);
    int asked = net.server.asked;
    net.server.add_a("missing.test", 1);
    auto again = co_await net.resolver.resolve("missing.test", 443, soon());
    EXPECT_FALSE(again);
    EXPECT_EQ(net.server.asked, asked);
    co_await pause(1050);
    auto there = co_await net.resolver.resolve("missing.test", 443, soon());
    EXPECT_EQ(texts_of(there), "127.0.0.1");
  };
  run_on_reactor(body);
}

TEST(Dns, ASilentServerTimesOut) {
  auto body = [&]() -> Task<void> {
    Net net;
    net.server.silent = true;
    auto found = co_await net.resolver.resolve("silent.test", 443, soon());
    EXPECT_TRUE(failed_with(found, Code::timed_out));
    EXPECT_GE(net.server.asked, 2);  // tried again
  };
  run_on_reactor(body);
}

TEST(Dns, WaitersObeyTheirOwnBoundsAndTheLookupLivesOn) {
  auto body = [&]() -> Task<void> {
    Net net;
    net.server.silent = true;
    net.server.add_a("late.test", 3);
    Bounds bounds{from_now(10), nullptr};
    auto late = co_await net.resolver.resolve("late.test", 443, bounds);
    EXPECT_TRUE(failed_with(late, Code::timed_out));
    Cancel cancel;
    cancel.fire();
    Bounds cancelled{kNever, &cancel};
    auto gone = co_await net.resolver.resolve("late.test", 443, cancelled);
    EXPECT_TRUE(failed_with(gone, Code::cancelled));
    net.server.silent = false;  // the second try is answered, though nobody waits
    co_await pause(150);
    int asked = net.server.asked;
    auto found = co_await net.resolver.resolve("late.test", 443, soon());
    EXPECT_EQ(texts_of(found), "127.0.0.3");
    EXPECT_EQ(net.server.asked, asked);
  };
  run_on_reactor(body);
}

TEST(Dns, AReactorThatStopsDoesNotWaitForALookupNobodyWantsAnyMore) {
  Time begin = Clock::now();
  auto resolver = std::make_unique<Resolver>(ResolverOptions{"127.0.0.1:9", milliseconds(30'000), 3});
  auto body = [&]() -> Task<void> {
    NameServer server;
    server.silent = true;
    resolver = std::make_unique<Resolver>(ResolverOptions{server.servers, milliseconds(30'000), 3});
    Bounds bounds{from_now(10), nullptr};
    auto late = co_await resolver->resolve("never.test", 443, bounds);
    EXPECT_FALSE(late);
    server.close();
  };
  run_on_reactor(body);
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
}

TEST(Dns, AResolverThatEndsEndsItsLookups) {
  auto body = [&]() -> Task<void> {
    NameServer server;
    server.silent = true;
    auto resolver = std::make_unique<Resolver>(ResolverOptions{server.servers, milliseconds(30'000), 3});
    bool ended = false;
    auto ask = [&]() -> Task<void> {
      auto found = co_await resolver->resolve("never.test", 443, soon());
      EXPECT_TRUE(failed_with(found, Code::cancelled));
      ended = true;
    };
    Reactor::current().spawn(ask());
    co_await pause(10);
    resolver.reset();
    co_await pause(10);
    EXPECT_TRUE(ended);
    server.close();
  };
  run_on_reactor(body);
}

TEST(DnsCache, IsBoundedAndClampsTtls) {
  DnsCache cache;
  Time now = Clock::now();
  std::vector<Address> one(1);
  using std::chrono::seconds;
  cache.keep("zero", one, seconds(0), now);
  EXPECT_TRUE(cache.find("zero", now + milliseconds(900)));
  EXPECT_FALSE(cache.find("zero", now + milliseconds(1100)));
  cache.keep("year", one, seconds(365 * 86400), now);
  EXPECT_TRUE(cache.find("year", now + seconds(3500)));
  EXPECT_FALSE(cache.find("year", now + seconds(3700)));
  cache.keep("failed", fail(Code::unreachable, "no"), seconds(3600), now);
  EXPECT_FALSE(cache.find("failed", now + milliseconds(1100)));
  for (int i = 0; i < 3000; ++i) cache.keep("n" + std::to_string(i), one, seconds(100 + i), now);
  EXPECT_EQ(cache.size(), DnsCache::kNamesMax);
  EXPECT_TRUE(cache.find("n2999", now));
  EXPECT_FALSE(cache.find("n0", now));
}

}  // namespace
}  // namespace hanse::net
