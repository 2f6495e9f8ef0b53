// The reactor: one a core, one epoll, edge-triggered. Everything on it runs on one thread; only post() and
// stop() may be called from others. A connection, its provider's pool and its counters stay on their core.
//
//   Reactor reactor;
//   reactor.spawn(server.run(fd));    // detached work: README.md lists its places
//   reactor.run();                    // until stop(), then until every spawned task has ended
//
// Waiting is one mechanism: a Wait ends by readiness, by its deadline, or by its Cancel, whichever comes
// first, and exactly once. Resumptions are queued and run after the batch of events, so a resumed coroutine
// may close any socket.
#pragma once

#include <atomic>
#include <bitset>
#include <coroutine>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/list.h"
#include "net/task.h"

namespace hanse::net {

class Reactor;
class Cancel;

enum class Wake : uint8_t { ready, deadline, cancelled };

// What bounds a wait on somebody else: pass it down, by value.
struct Bounds {
  Time deadline = kNever;
  Cancel* cancel = nullptr;
};

// One suspended operation. Lives in the awaiting coroutine's frame.
class Wait {
 public:
  Wait() = default;
  bool pending() const { return static_cast<bool>(handle_); }
  // Ends the wait; the coroutine is resumed from the reactor's queue. No effect when not pending.
  void wake(Wake why);

 private:
  friend class Reactor;
  friend class Cancel;
  friend struct Suspension;
  struct TimerLink : Link {
    Wait* wait = nullptr;
  } timer_;
  struct CancelLink : Link {
    Wait* wait = nullptr;
  } cancel_;
  Time deadline_ = kNever;
  std::coroutine_handle<> handle_;
  Wake why_ = Wake::ready;
};

// `co_await suspend(wait, bounds)` parks the coroutine until wait.wake() or its bounds end it.
struct Suspension {
  Wait& wait;
  Bounds bounds;
  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle);
  Wake await_resume() const { return wait.why_; }
};
inline Suspension suspend(Wait& wait, Bounds bounds) { return {wait, bounds}; }

// The one way to end other's waits early: a client that leaves, a request that was answered, a drain that ran
// out. Fires once; waits begun afterwards end at once.
class Cancel {
 public:
  Cancel() = default;
  Cancel(const Cancel&) = delete;
  void fire();
  bool fired() const { return fired_; }

 private:
  friend struct Suspension;
  List waits_;
  bool fired_ = false;
};

// Something to be sent. What a turn's coroutines want to send goes out together when they have all run: a peer
// on this machine that slept is woken once for all of it, not once for each, which costs as much as a request
// does. Lives in the frame of the coroutine that waits for it.
class Departure {
 public:
  void enqueue();

 protected:
  ~Departure() = default;
  // Sends what can be sent now and returns who is to be resumed.
  virtual std::coroutine_handle<> depart() = 0;

 private:
  friend class Reactor;
};

// One file descriptor in the reactor. Owns it. Registered once for everything, edge-triggered; no epoll_ctl
// after.
class Poll {
 public:
  Poll() = default;
  ~Poll() { close(); }
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  Result<void> open(int fd);  // takes the descriptor (closed on error), which must be non-blocking
  void close();
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

  // Hints: false means the last try said "would block" and no edge came since.
  bool readable = false;
  bool writable = true;
  bool hung_up = false;          // the peer closed (at least) its sending side
  Cancel* on_hang_up = nullptr;  // fired when that is seen; at once when it was seen before

  void watch_hang_up(Cancel* cancel) {
    on_hang_up = cancel;
    if (cancel && hung_up) cancel->fire();
  }
  Suspension until_readable(Bounds bounds) { return suspend(reader_, bounds); }
  Suspension until_writable(Bounds bounds) { return suspend(writer_, bounds); }

 private:
  friend class Reactor;
  void on_events(uint32_t events);
  Wait reader_, writer_;
  int fd_ = -1;
};

class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  static Reactor& current();  // of this thread; there must be one

  // Runs until stop() was called and every spawned task has ended.
  void run();
  void stop();                                         // from any thread: fires stopping()
  void post(std::move_only_function<void()> message);  // from any thread: runs it on this one
  void spawn(Task<void> task);                         // detached: see the head of this file
  Cancel& stopping() { return stopping_; }

  // The time of this turn: read once per epoll_wait.
  Time now() const { return now_; }
  // A fresh reading, for long turns and measurements.
  Time read_clock() { return now_ = Clock::now(); }
  size_t tasks() const { return tasks_; }
  // Called once a turn, after all coroutines ran: batch work such as flushing the access log.
  std::function<void()> end_of_turn;

 private:
  friend class Poll;
  friend class Wait;
  friend class Departure;
  friend struct Suspension;
  void turn();
  bool has_work() const { return !ready_.empty() || !departures_.empty(); }
  void run_ready();
  void send_departures();
  int timeout_ms() const;
  void arm(Wait& wait, Time deadline);
  void expire();
  void run_messages();

  static constexpr size_t kSlots = 1024;
  static constexpr std::chrono::milliseconds kTick{16};

  int epoll_ = -1;
  int wake_fd_ = -1;
  Time now_;
  int64_t tick_ = 0;    // of the last expire()
  List wheel_[kSlots];  // by tick of the deadline; a far deadline is met again each round
  std::bitset<kSlots> occupied_;
  std::vector<std::coroutine_handle<>> ready_, running_;
  static constexpr size_t kDeparturesMax = 32;  // each may hold a block of memory
  std::vector<Departure*> departures_;
  size_t tasks_ = 0;
  std::atomic<bool> stop_{false};
  Cancel stopping_;
  std::mutex mutex_;  // of messages_ only: cross-thread, never on the request path
  std::vector<std::move_only_function<void()>> messages_;
  std::atomic<bool> has_messages_{false};
};

// co_await sleep(until): true when the time came, false when cancelled.
Task<bool> sleep(Bounds bounds);

}  // namespace hanse::net
