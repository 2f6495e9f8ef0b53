#include "net/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "net/dns_cache.h"

namespace hanse::net {
namespace {

struct Waiter : Link {
  Wait wait;
};

// One lookup under way and those who wait for it.
struct Flight {
  std::string host;
  List waiters;
  bool done = false;
  DnsCache::Answer answer;
};

Address address_of(const sockaddr* from, size_t length) {
  Address address;
  std::memcpy(&address.storage, from, std::min(length, sizeof address.storage));
  address.length = static_cast<unsigned>(length);
  return address;
}

// "127.0.0.1", "::1" or "[::1]".
std::optional<Address> literal(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1)
    return address_of(reinterpret_cast<sockaddr*>(&v4), sizeof v4);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1)
    return address_of(reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  return std::nullopt;
}

// c-ares has put what this machine can reach first; from there the families take turns.
std::vector<Address> alternate(const ares_addrinfo& info) {
  std::vector<Address> first, second, out;
  for (auto* node = info.nodes; node; node = node->ai_next) {
    bool same = first.empty() || first.front().storage.ss_family == node->ai_family;
    (same ? first : second).push_back(address_of(node->ai_addr, node->ai_addrlen));
  }
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

std::chrono::seconds ttl_of(const ares_addrinfo& info) {
  int ttl = static_cast<int>(DnsCache::kTtlMax.count());
  for (auto* node = info.nodes; node; node = node->ai_next) ttl = std::min(ttl, node->ai_ttl);
  for (auto* name = info.cnames; name; name = name->next) ttl = std::min(ttl, name->ttl);
  return std::chrono::seconds(ttl);
}

Failed lookup_error(const std::string& host, int status) {
  std::string what = "DNS: '" + host + "': ";
  if (status == ARES_ETIMEOUT) return fail(Code::timed_out, what + "no answer in time");
  if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
    return fail(Code::cancelled, what + "cancelled");
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA)
    return fail(Code::unreachable, what + "no such host");
  return fail(Code::unreachable, what + ares_strerror(status));
}

Result<std::vector<Address>> with_port(const DnsCache::Answer& answer, uint16_t port) {
  Result<std::vector<Address>> out = answer;
  if (!out) return out;
  // Both families have the port at the same place.
  for (Address& a : *out) reinterpret_cast<sockaddr_in&>(a.storage).sin_port = htons(port);
  return out;
}

}  // namespace

// c-ares' sockets stand in an epoll of their own (level-triggered, as c-ares wants it), and that stands in
// the reactor: c-ares opens and closes its sockets without our knowing their lifetimes.
struct Resolver::State {
  explicit State(ResolverOptions o) : options(std::move(o)) {}
  ~State() { close(); }

  Result<void> open();
  void close();
  // Joins the lookup under way, or starts one. May be done on return.
  std::shared_ptr<Flight> lookup(const std::string& host);
  void landed(Flight& flight, int status, const ares_addrinfo* info);
  void process();
  Time next_timeout() const;
  static Task<void> drive(std::shared_ptr<State> state);
  static void on_socket(void* data, ares_socket_t fd, int readable, int writable);

  // What c-ares carries for one lookup.
  struct Ticket {
    State* state;
    std::shared_ptr<Flight> flight;
  };

  ResolverOptions options;
  ares_channel channel = nullptr;
  Poll poll;  // of the inner epoll
  Time opened;
  DnsCache cache;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights;
  size_t waiters = 0;
  bool driven = false;
};

Result<void> Resolver::State::open() {
  // c-ares reads resolv.conf when a channel opens; a fresh one now and then sees what changed.
  constexpr std::chrono::seconds kRenewAfter{60};
  Time now = Reactor::current().now();
  if (channel && (driven || now - opened < kRenewAfter)) return {};
  close();
  TRY_VOID(poll.open(::epoll_create1(EPOLL_CLOEXEC)));
  ares_options wanted{};
  wanted.timeout = static_cast<int>(options.query_timeout.count());
  wanted.tries = options.tries;
  wanted.sock_state_cb = on_socket;
  wanted.sock_state_cb_data = this;
  int status =
      ares_init_options(&channel, &wanted, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status == ARES_SUCCESS && !options.servers.empty())
    status = ares_set_servers_ports_csv(channel, options.servers.c_str());
  if (status != ARES_SUCCESS) return fail(Code::internal, std::string("DNS: ") + ares_strerror(status));
  opened = now;
  return {};
}

void Resolver::State::close() {
  if (channel) ares_destroy(std::exchange(channel, nullptr));  // lands every flight
  poll.close();
}

void Resolver::State::on_socket(void* data, ares_socket_t fd, int readable, int writable) {
  int inner = static_cast<State*>(data)->poll.fd();
  epoll_event event{};
  event.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
  event.data.fd = fd;
  if (!readable && !writable)
    ::epoll_ctl(inner, EPOLL_CTL_DEL, fd, nullptr);
  else if (::epoll_ctl(inner, EPOLL_CTL_MOD, fd, &event) != 0)
    ::epoll_ctl(inner, EPOLL_CTL_ADD, fd, &event);
}

std::shared_ptr<Flight> Resolver::State::lookup(const std::string& host) {
  if (auto found = flights.find(host); found != flights.end()) return found->second;
  auto flight = std::make_shared<Flight>();
  flight->host = host;
  flights.emplace(host, flight);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  auto on_answer = [](void* data, int status, int, ares_addrinfo* info) {
    std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(data));
    ticket->state->landed(*ticket->flight, status, info);
    if (info) ares_freeaddrinfo(info);
  };
  ares_getaddrinfo(channel, host.c_str(), nullptr, &hints, on_answer, new Ticket{this, flight});
  return flight;
}

void Resolver::State::landed(Flight& flight, int status, const ares_addrinfo* info) {
  std::chrono::seconds ttl{0};
  if (status == ARES_SUCCESS && info && info->nodes) {
    flight.answer = alternate(*info);
    ttl = ttl_of(*info);
  } else {
    flight.answer = lookup_error(flight.host, status == ARES_SUCCESS ? ARES_ENODATA : status);
  }
  flight.done = true;
  bool about_the_name = flight.answer || flight.answer.error().code != Code::cancelled;
  if (about_the_name) cache.keep(flight.host, flight.answer, ttl, Reactor::current().now());
  while (Link* waiter = flight.waiters.first()) {
    waiter->unlink();
    static_cast<Waiter*>(waiter)->wait.wake(Wake::ready);
  }
  flights.erase(flight.host);
}

void Resolver::State::process() {
  epoll_event events[16];
  while (channel) {
    int n = ::epoll_wait(poll.fd(), events, 16, 0);
    if (n <= 0) break;
    for (int i = 0; i < n && channel; ++i) {
      bool in = events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR);
      bool out = events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
      int fd = events[i].data.fd;
      ares_process_fd(channel, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
    }
  }
  if (channel) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what has timed out
}

Time Resolver::State::next_timeout() const {
  // Often enough to see that the reactor stops.
  timeval most{0, 200'000}, left{};
  ares_timeout(channel, &most, &left);
  return Reactor::current().now() + std::chrono::seconds(left.tv_sec) +
         std::chrono::microseconds(left.tv_usec);
}

// Detached (see Reactor): serves c-ares while lookups are under way.
Task<void> Resolver::State::drive(std::shared_ptr<State> state) {
  state->driven = true;
  while (!state->flights.empty()) {
    if (state->waiters == 0 && Reactor::current().stopping().fired()) {
      ares_cancel(state->channel);
      break;
    }
    Bounds bounds{state->next_timeout(), nullptr};
    co_await state->poll.until_readable(bounds);
    state->process();
  }
  state->driven = false;
}

Resolver::Resolver(ResolverOptions options) : state_(std::make_shared<State>(std::move(options))) {}

Resolver::~Resolver() { state_->close(); }

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, uint16_t port, Bounds bounds) {
  for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  if (auto address = literal(host)) co_return with_port(std::vector<Address>{*address}, port);
  std::shared_ptr<State> state = state_;
  if (auto* known = state->cache.find(host, Reactor::current().now())) co_return with_port(*known, port);
  CO_TRY_VOID(state->open());
  std::shared_ptr<Flight> flight = state->lookup(host);
  if (!flight->done && !state->driven) Reactor::current().spawn(State::drive(state));
  while (!flight->done) {
    Waiter waiter;
    flight->waiters.push_back(waiter);
    ++state->waiters;
    Wake why = co_await suspend(waiter.wait, bounds);
    --state->waiters;
    if (why == Wake::deadline) co_return fail(Code::timed_out, "DNS: '" + host + "': no answer in time");
    if (why == Wake::cancelled) co_return fail(Code::cancelled, "DNS: '" + host + "': cancelled");
  }
  co_return with_port(flight->answer, port);
}

}  // namespace hanse::net
