// What the load, the provider and the measurements share: one epoll loop, loopback sockets, clocks and /proc.
//
//   Loop loop;
//   loop.add(source);          // edge-triggered, both directions, once for the socket's whole life
//   loop.turn(10);             // waits at most 10 ms, then calls ready() of every source that has news
//
// One thread, one loop. Everything that cannot go on ends the program through die(): a benchmark that
// swallows an error measures the error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

[[noreturn]] void die(const std::string& why);

std::int64_t now_ns();
void sleep_ms(int milliseconds);

// What the scheduler's own books say of all threads of a process. Loopback soft-irq work is included in
// `cpu_ns`.
struct Books {
  std::int64_t cpu_ns = 0;
  std::int64_t waited_ns = 0;  // ready to run while something else had the core
};
Books books_of(int pid);
// Resident memory of a process in kB.
std::int64_t rss_kb(int pid);
void raise_open_files(std::uint64_t wanted);

int listen_on(int port);
int connect_to(int port);

// Something with a socket. It must outlive its registration; closing the socket ends that.
class Source {
 public:
  explicit Source(int fd = -1) : fd_(fd) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source();
  virtual void ready(std::uint32_t events) = 0;
  int fd() const { return fd_; }

 protected:
  int fd_;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  void add(Source& source);
  void turn(int timeout_ms);
  // Keeps a closed source alive until the events at hand are done with: one of them may still name it.
  void retire(std::unique_ptr<Source> source) { retired_.push_back(std::move(source)); }

 private:
  int epoll_;
  std::vector<std::unique_ptr<Source>> retired_;
};

// Receives into one big shared buffer and hands on what came. Returns false when the other side has closed.
// A short read is not followed by another: the edge will come again (and a wasted recv costs a microsecond).
inline constexpr std::size_t kReadBytes = 64 * 1024;
char* read_buffer();
template <typename Take>
bool receive(int fd, std::uint32_t events, Take&& take);

// Sends what the socket takes; returns how much that was.
std::size_t send_some(int fd, std::string_view bytes);
// One recv. -1: nothing there now, 0: closed.
long receive_once(int fd);
bool peer_is_leaving(std::uint32_t events);

template <typename Take>
bool receive(int fd, std::uint32_t events, Take&& take) {
  for (;;) {
    const long got = receive_once(fd);
    if (got < 0) return true;
    if (got == 0) return false;
    take(std::string_view(read_buffer(), static_cast<std::size_t>(got)));
    if (got < static_cast<long>(kReadBytes) && !peer_is_leaving(events)) return true;
  }
}

}  // namespace bench
