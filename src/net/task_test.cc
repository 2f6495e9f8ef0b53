// The coroutine shapes that the house allows, so that a compiler that breaks one fails here and not in the
// field.
#include "net/task.h"

#include <memory>

#include "base/error.h"
#include "net/test_support.h"

namespace hanse::net {
namespace {

// Counts itself: a shape that a compiler gets wrong destroys twice, or never.
struct Counted {
  static inline int alive = 0;
  int value;
  explicit Counted(int v = 0) : value(v) { ++alive; }
  Counted(const Counted& other) : value(other.value) { ++alive; }
  Counted(Counted&& other) noexcept : value(other.value) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
};

Task<int> at_once(int value) { co_return value; }

Task<int> after_a_wait(int value) {
  co_await pause(1);
  co_return value;
}

Task<Result<int>> fallible(int value) {
  co_await pause(1);
  if (value < 0)
    co_return fail(Code::bad_request, "negative: a message that is too long for the small string");
  co_return value;
}

Task<Result<int>> sum_of(int first, int second) {
  CO_TRY(int a, co_await fallible(first));
  CO_TRY(int b, co_await fallible(second));
  co_return a + b;
}

Task<Result<void>> all_fine(int value) {
  CO_TRY_VOID(co_await fallible(value));
  co_return Result<void>();
}

Task<Result<std::unique_ptr<Counted>>> made(int value) {
  co_await pause(1);
  co_return std::make_unique<Counted>(value);
}

Task<int> by_reference(Counted& counted, const std::string& text) {
  co_await pause(1);
  counted.value += static_cast<int>(text.size());
  co_return counted.value;
}

Task<int> by_value(Counted counted, std::string text) {
  co_await pause(1);
  co_return counted.value + static_cast<int>(text.size());
}

TEST(Task, ValuesComeBackWithAndWithoutAWait) {
  auto body = [&]() -> Task<void> {
    int a = co_await at_once(1);
    int b = co_await after_a_wait(2);
    EXPECT_EQ(a + b, 3);
  };
  run_on_reactor(body);
}

TEST(Task, ErrorsPassThroughTryInCoroutines) {
  auto body = [&]() -> Task<void> {
    auto sum = co_await sum_of(3, 4);
    EXPECT_EQ(sum.value_or(0), 7);
    auto failed = co_await sum_of(3, -1);
    EXPECT_FALSE(failed);
    auto fine = co_await all_fine(1);
    EXPECT_TRUE(fine);
    auto not_fine = co_await all_fine(-1);
    EXPECT_FALSE(not_fine);
  };
  run_on_reactor(body);
}

TEST(Task, NestedLoopsWithNamedResults) {
  int seen = 0;
  auto body = [&]() -> Task<void> {
    for (int i = 0; i < 5; ++i) {
      for (int j = 0;; ++j) {
        auto got = co_await fallible(i - j);
        if (!got) break;
        bool odd = *got % 2;
        if (odd) continue;
        seen += *got + 1;
      }
    }
  };
  run_on_reactor(body);
  EXPECT_EQ(seen, 1 + 1 + 4 + 4 + 9);
}

TEST(Task, AConditionalMayAwaitOnBothSides) {
  auto body = [&]() -> Task<void> {
    for (bool first : {true, false}) {
      int got = first ? co_await after_a_wait(1) : co_await at_once(2);
      EXPECT_EQ(got, first ? 1 : 2);
    }
  };
  run_on_reactor(body);
}

// Not as two arms of a conditional expression: g++ 12 destroys such a result twice unless it is trivial.
TEST(Task, BranchesAwaitIntoOneName) {
  auto body = [&]() -> Task<void> {
    for (int value : {1, -1}) {
      Result<int> got;
      if (value > 0)
        got = co_await fallible(value);
      else
        got = co_await sum_of(value, value);
      EXPECT_EQ(static_cast<bool>(got), value > 0);
    }
  };
  run_on_reactor(body);
}

TEST(Task, ArgumentsAndResultsAreDestroyedOnce) {
  auto body = [&]() -> Task<void> {
    Counted counted(1);
    std::string text = "a text that is too long for the small string";
    int a = co_await by_reference(counted, text);
    EXPECT_EQ(a, 1 + static_cast<int>(text.size()));
    int b = co_await by_value(counted, text);
    EXPECT_EQ(b, a + static_cast<int>(text.size()));
    auto owned = co_await made(7);
    EXPECT_TRUE(owned && (*owned)->value == 7);
    {
      std::vector<Counted> many;
      for (int i = 0; i < 3; ++i) many.emplace_back(i);
      for (const Counted& one : many) {
        int got = co_await after_a_wait(one.value);
        EXPECT_EQ(got, one.value);
      }
    }
    EXPECT_EQ(Counted::alive, 2);
  };
  run_on_reactor(body);
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Task, ATaskThatNeverRanFreesItsArguments) {
  {
    Task<int> never = by_value(Counted(1), "text");
    EXPECT_GE(Counted::alive, 1);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Task, LongChainsTakeNoStack) {
  auto body = [&]() -> Task<void> {
    int64_t sum = 0;
    for (int i = 0; i < 300'000; ++i) {
      int one = co_await at_once(1);
      sum += one;
    }
    EXPECT_EQ(sum, 300'000);
  };
  run_on_reactor(body);
}

TEST(Task, SpawnedTasksAreCountedUntilTheyEnd) {
  int ended = 0;
  auto child = [&](int ms) -> Task<void> {
    co_await pause(ms);
    ++ended;
  };
  auto body = [&]() -> Task<void> {
    for (int i = 0; i < 4; ++i) Reactor::current().spawn(child(5 * i));
    EXPECT_EQ(Reactor::current().tasks(), 5u);
    co_return;
  };
  run_on_reactor(body);  // stop() was called long before the children ended
  EXPECT_EQ(ended, 4);
}

}  // namespace
}  // namespace hanse::net
