// Task<T>: a coroutine that runs when awaited and hands its value to the one who awaits it.
//
//   Task<Result<size_t>> read_answer(Stream& stream);
//   auto n = co_await read_answer(stream);          // name the result first: g++ 12 miscompiles more complex shapes
//
// The awaiting coroutine owns the Task and outlives it, so a Task may take references. Detached work starts only by
// Reactor::spawn. Frames come from a free list of the thread. No exceptions cross a Task: what others cause is a
// Result; anything thrown ends the process.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "net/frames.h"

namespace hanse::net {

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> awaiting = std::noop_coroutine();

  static void* operator new(size_t size) { return take_frame(size); }
  static void operator delete(void* frame, size_t size) noexcept { give_frame(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> done) noexcept {
      return done.promise().awaiting;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  auto get_return_object() noexcept { return std::coroutine_handle<Promise>::from_promise(*this); }
  template <class U>
  void return_value(U&& v) { value.emplace(std::forward<U>(v)); }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  auto get_return_object() noexcept { return std::coroutine_handle<Promise>::from_promise(*this); }
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

  // For Reactor::spawn, the one place that starts detached work.
  Handle release() noexcept { return std::exchange(handle_, {}); }

 private:
  Handle handle_;
};

}  // namespace hanse::net
