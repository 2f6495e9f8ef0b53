#include "net/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace hanse::net {
namespace {

thread_local Reactor* t_reactor = nullptr;

int64_t tick_of(Time t, std::chrono::milliseconds tick) { return t.time_since_epoch() / tick; }

}  // namespace

// ---- Wait, Cancel

void Wait::wake(Wake why) {
  if (!handle_) return;
  timer_.unlink();
  cancel_.unlink();
  why_ = why;
  Reactor::current().ready_.push_back(std::exchange(handle_, {}));
}

bool Suspension::await_ready() {
  if (!bounds.cancel || !bounds.cancel->fired()) return false;
  wait.why_ = Wake::cancelled;
  return true;
}

void Suspension::await_suspend(std::coroutine_handle<> handle) {
  HANSE_ASSERT(!wait.pending());
  wait.handle_ = handle;
  if (bounds.deadline != kNever) Reactor::current().arm(wait, bounds.deadline);
  if (bounds.cancel) {
    wait.cancel_.wait = &wait;
    bounds.cancel->waits_.push_back(wait.cancel_);
  }
}

void Cancel::fire() {
  fired_ = true;
  while (Link* link = waits_.first()) static_cast<Wait::CancelLink*>(link)->wait->wake(Wake::cancelled);
}

// ---- Poll

Result<void> Poll::open(int fd) {
  close();
  fd_ = fd;
  readable = false;  // what is there already brings an edge of its own
  writable = true;
  hung_up = false;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (::epoll_ctl(Reactor::current().epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return {};
  int e = errno;
  close();
  return fail(Code::internal, std::string("epoll_ctl: ") + std::strerror(e));
}

void Poll::close() {
  if (fd_ < 0) return;
  ::close(fd_);  // also leaves the epoll set
  fd_ = -1;
  on_hang_up = nullptr;
  reader_.wake(Wake::cancelled);
  writer_.wake(Wake::cancelled);
}

void Poll::on_events(uint32_t events) {
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
    readable = true;
    reader_.wake(Wake::ready);
  }
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
    writable = true;
    writer_.wake(Wake::ready);
  }
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
    hung_up = true;
    if (on_hang_up) on_hang_up->fire();
  }
}

// ---- Reactor

Reactor::Reactor() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  HANSE_ASSERT(epoll_ >= 0 && wake_fd_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  HANSE_ASSERT(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event) == 0);
  read_clock();
  tick_ = tick_of(now_, kTick);
  HANSE_ASSERT(!t_reactor);
  t_reactor = this;
}

Reactor::~Reactor() {
  ::close(wake_fd_);
  ::close(epoll_);
  if (t_reactor == this) t_reactor = nullptr;
}

Reactor& Reactor::current() {
  HANSE_ASSERT(t_reactor);
  return *t_reactor;
}

void Reactor::run() {
  while (!stop_.load(std::memory_order_relaxed) || tasks_ > 0) turn();
}

void Reactor::stop() {
  post([this] {
    stop_ = true;
    stopping_.fire();
  });
}

void Reactor::post(std::move_only_function<void()> message) {
  // The write is under the lock too: once a message is taken (stop() sends one) the reactor may end and close the
  // descriptor.
  std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
  has_messages_.store(true, std::memory_order_release);
  uint64_t one = 1;
  (void)!::write(wake_fd_, &one, sizeof one);
}

namespace {

// Owns a detached task and counts it; its own frame goes when the task has ended.
struct Detached {
  struct promise_type {
    static void* operator new(size_t size) { return take_frame(size); }
    static void operator delete(void* frame, size_t size) noexcept { give_frame(frame, size); }
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

Detached run_detached(Task<void> task, size_t& tasks) {
  ++tasks;
  co_await task;
  --tasks;
}

}  // namespace

void Reactor::spawn(Task<void> task) { run_detached(std::move(task), tasks_); }

void Reactor::turn() {
  epoll_event events[256];
  int n = ::epoll_wait(epoll_, events, 256, timeout_ms());
  read_clock();
  for (int i = 0; i < n; ++i) {
    if (events[i].data.ptr) {
      static_cast<Poll*>(events[i].data.ptr)->on_events(events[i].events);
    } else {
      uint64_t count;
      (void)!::read(wake_fd_, &count, sizeof count);
    }
  }
  expire();
  if (has_messages_.load(std::memory_order_acquire)) run_messages();
  // Twice: who has sent something goes on to wait for the answer. Then it's the others' turn.
  for (int round = 0; round < 2 && has_work(); ++round) {
    run_ready();
    send_departures();
  }
  if (end_of_turn) end_of_turn();
}

void Reactor::run_ready() {
  while (!ready_.empty()) {
    running_.swap(ready_);
    for (auto handle : running_) {
      handle.resume();
      if (departures_.size() == kDeparturesMax) send_departures();
    }
    running_.clear();
  }
}

void Reactor::send_departures() {
  for (Departure* departure : departures_) ready_.push_back(departure->depart());
  departures_.clear();
}

void Departure::enqueue() { Reactor::current().departures_.push_back(this); }

void Reactor::run_messages() {
  std::vector<std::move_only_function<void()>> batch;
  {
    std::lock_guard lock(mutex_);
    batch.swap(messages_);
    has_messages_.store(false, std::memory_order_relaxed);
  }
  for (auto& message : batch) message();
}

void Reactor::arm(Wait& wait, Time deadline) {
  // The tick after the deadline, so a wait never ends early.
  int64_t tick = std::max(tick_of(deadline, kTick) + 1, tick_ + 1);
  wait.deadline_ = deadline;
  wait.timer_.wait = &wait;
  auto slot = static_cast<size_t>(tick) % kSlots;
  wheel_[slot].push_back(wait.timer_);
  occupied_.set(slot);
}

void Reactor::expire() {
  int64_t current = tick_of(now_, kTick);
  int64_t steps = std::min<int64_t>(current - tick_, kSlots);
  for (int64_t i = 0; i < steps; ++i) {
    auto slot = static_cast<size_t>(current - i) % kSlots;
    if (!occupied_.test(slot)) continue;
    for (Link* link = wheel_[slot].first(); link;) {
      Wait* wait = static_cast<Wait::TimerLink*>(link)->wait;
      link = wheel_[slot].next(link);
      if (wait->deadline_ <= now_) wait->wake(Wake::deadline);
    }
    if (wheel_[slot].empty()) occupied_.reset(slot);
  }
  tick_ = current;
}

int Reactor::timeout_ms() const {
  if (has_work() || has_messages_.load(std::memory_order_relaxed)) return 0;
  if (occupied_.none()) return -1;
  // To the end of the next slot that holds anything, at most a round away.
  for (size_t i = 1; i <= kSlots; ++i) {
    int64_t tick = tick_ + static_cast<int64_t>(i);
    if (!occupied_.test(static_cast<size_t>(tick) % kSlots)) continue;
    Time start = Time(kTick * tick);
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(start - now_).count();
    return static_cast<int>(std::max<int64_t>(wait, 0));
  }
  return -1;
}

Task<bool> sleep(Bounds bounds) {
  Wait wait;
  Wake why = co_await suspend(wait, bounds);
  co_return why == Wake::deadline;
}

}  // namespace hanse::net
