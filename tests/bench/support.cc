#include "support.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

namespace bench {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string cause() { return std::strerror(errno); }

}  // namespace

void die(const std::string& why) {
  std::string line;  // one line, whatever a server said
  for (const char byte : why.substr(0, 1000)) {
    if (byte == '\n') line += "\\n";
    if (byte != '\n' && byte != '\r') line += byte;
  }
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", line.c_str());
  std::_Exit(1);
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void sleep_ms(int milliseconds) { usleep(static_cast<useconds_t>(milliseconds) * 1000); }

Books books_of(int pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  DIR* directory = opendir(tasks.c_str());
  if (!directory) die("process " + std::to_string(pid) + " is gone");
  Books total;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    std::ifstream schedstat(tasks + "/" + entry->d_name + "/schedstat");
    Books one;
    if (!(schedstat >> one.cpu_ns >> one.waited_ns)) continue;  // a thread that has just ended
    total.cpu_ns += one.cpu_ns;
    total.waited_ns += one.waited_ns;
  }
  closedir(directory);
  return total;
}

std::int64_t rss_kb(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atoll(line.c_str() + 6);
  }
  die("no VmRSS of process " + std::to_string(pid));
}

void raise_open_files(std::uint64_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  if (limit.rlim_max < wanted) limit.rlim_max = wanted;  // works for root only; tried, then checked
  limit.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    die("needs " + std::to_string(wanted) + " open files, the limit is lower: " + cause());
  }
}

int listen_on(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd, 4096) != 0) {
    die("cannot listen on port " + std::to_string(port) + ": " + cause());
  }
  return fd;
}

int connect_to(int port) {
  // Connecting blocks (loopback answers at once); only the traffic afterwards is non-blocking.
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    die("cannot connect to port " + std::to_string(port) + ": " + cause());
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int nonblocking = 1;
  if (ioctl(fd, FIONBIO, &nonblocking) != 0) die("cannot make a socket non-blocking: " + cause());
  return fd;
}

Source::~Source() {
  if (fd_ >= 0) close(fd_);
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Loop::~Loop() { close(epoll_); }

void Loop::add(Source& source) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &source;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, source.fd(), &event) != 0) die("epoll_ctl: " + cause());
}

void Loop::turn(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
  for (int i = 0; i < count; ++i) static_cast<Source*>(events[i].data.ptr)->ready(events[i].events);
  retired_.clear();
}

char* read_buffer() {
  static std::array<char, kReadBytes> buffer;
  return buffer.data();
}

std::size_t send_some(int fd, std::string_view bytes) {
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

long receive_once(int fd) {
  const ssize_t got = recv(fd, read_buffer(), kReadBytes, 0);
  if (got >= 0) return got;
  return errno == EAGAIN || errno == EINTR ? -1 : 0;  // a reset counts as closed
}

bool peer_is_leaving(std::uint32_t events) { return (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0; }

}  // namespace bench
