#include "net/reactor.h"

#include <sys/eventfd.h>

#include <thread>

#include "net/list.h"
#include "net/test_support.h"

namespace hanse::net {
namespace {

struct Number : Link {
  explicit Number(int v) : value(v) {}
  int value;
};

std::vector<int> values(List& list) {
  std::vector<int> out;
  for (Link* link = list.first(); link; link = list.next(link))
    out.push_back(static_cast<Number*>(link)->value);
  return out;
}

TEST(List, KeepsOrderAndForgetsWhatEnds) {
  List list;
  EXPECT_TRUE(list.empty());
  Number a(1), c(3);
  {
    Number b(2);
    list.push_back(a);
    list.push_back(b);
    list.push_back(c);
    EXPECT_EQ(values(list), (std::vector{1, 2, 3}));
    list.push_back(a);  // moves
    EXPECT_EQ(values(list), (std::vector{2, 3, 1}));
  }
  EXPECT_EQ(values(list), (std::vector{3, 1}));
  c.unlink();
  c.unlink();
  EXPECT_EQ(values(list), (std::vector{1}));
}

TEST(List, AListThatEndsLetsItsLinksGo) {
  Number a(1);
  {
    List list;
    list.push_back(a);
    EXPECT_TRUE(a.linked());
  }
  EXPECT_FALSE(a.linked());
}

TEST(Reactor, SleepEndsNotBeforeItsTimeNorMuchAfter) {
  auto body = [&]() -> Task<void> {
    for (int ms : {0, 1, 15, 16, 17, 50}) {
      Time begin = Clock::now();
      co_await pause(ms);
      auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin).count();
      EXPECT_GE(took, ms);
      EXPECT_LT(took, ms + 500);  // a loaded machine
    }
  };
  run_on_reactor(body);
}

TEST(Reactor, TimersEndInTheOrderOfTheirTicks) {
  std::vector<int> order;
  auto child = [&](int ms) -> Task<void> {
    co_await pause(ms);
    order.push_back(ms);
  };
  auto body = [&]() -> Task<void> {
    for (int ms : {160, 40, 120, 80}) Reactor::current().spawn(child(ms));
    co_return;
  };
  run_on_reactor(body);
  EXPECT_EQ(order, (std::vector{40, 80, 120, 160}));
}

TEST(Reactor, ADeadlineFartherThanTheWheelIsMetNotEarly) {
  // The wheel holds 16 s: a deadline of a round and a bit stands in a slot that comes by first after a bit.
  auto body = [&]() -> Task<void> {
    Cancel cancel;
    Wait far;
    bool ended = false;
    auto waiter = [&]() -> Task<void> {
      Wake why = co_await suspend(far, {Reactor::current().now() + milliseconds(1024 * 16 + 30), &cancel});
      EXPECT_EQ(why, Wake::cancelled);
      ended = true;
    };
    Reactor::current().spawn(waiter());
    co_await pause(150);
    EXPECT_FALSE(ended);
    cancel.fire();
    co_await pause(1);
    EXPECT_TRUE(ended);
  };
  run_on_reactor(body);
}

TEST(Reactor, CancelEndsEveryWaitOnceAndLaterOnesAtOnce) {
  auto body = [&]() -> Task<void> {
    Cancel cancel;
    int ended = 0;
    auto waiter = [&]() -> Task<void> {
      Wait wait;
      Wake why = co_await suspend(wait, {kNever, &cancel});
      EXPECT_EQ(why, Wake::cancelled);
      ++ended;
    };
    for (int i = 0; i < 3; ++i) Reactor::current().spawn(waiter());
    EXPECT_EQ(ended, 0);
    cancel.fire();
    cancel.fire();
    EXPECT_EQ(ended, 0);  // from the queue, not inside fire()
    co_await pause(1);
    EXPECT_EQ(ended, 3);
    Bounds bounds{from_now(5000), &cancel};
    bool slept = co_await sleep(bounds);
    EXPECT_FALSE(slept);
  };
  run_on_reactor(body);
}

TEST(Reactor, TheFirstReasonWins) {
  auto body = [&]() -> Task<void> {
    Cancel cancel;
    Wait wait;
    Wake why = Wake::deadline;
    auto waiter = [&]() -> Task<void> { why = co_await suspend(wait, {from_now(1), &cancel}); };
    Reactor::current().spawn(waiter());
    wait.wake(Wake::ready);
    cancel.fire();
    co_await pause(40);
    EXPECT_EQ(why, Wake::ready);
    EXPECT_FALSE(wait.pending());
    wait.wake(Wake::ready);  // no effect
  };
  run_on_reactor(body);
}

TEST(Reactor, AWaitThatEndsWithItsFrameLeavesNothingBehind) {
  auto body = [&]() -> Task<void> {
    Cancel cancel;
    for (int i = 0; i < 100; ++i) {
      Bounds bounds{from_now(0), &cancel};
      bool slept = co_await sleep(bounds);
      EXPECT_TRUE(slept);
    }
    cancel.fire();  // touches none of the hundred
  };
  run_on_reactor(body);
}

TEST(Reactor, MessagesFromOtherThreadsArriveInOrder) {
  std::vector<int> got;
  Reactor reactor;
  std::thread sender([&] {
    for (int i = 0; i < 1000; ++i) reactor.post([&got, i] { got.push_back(i); });
    reactor.stop();
  });
  reactor.run();
  sender.join();
  ASSERT_EQ(got.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
}

TEST(Reactor, StopFiresStoppingAndWaitsForTasks) {
  Reactor reactor;
  bool ended = false;
  auto waiter = [&]() -> Task<void> {
    Bounds bounds{kNever, &reactor.stopping()};
    co_await sleep(bounds);
    co_await pause(20);
    ended = true;
  };
  reactor.spawn(waiter());
  std::thread stopper([&] { reactor.stop(); });
  reactor.run();
  stopper.join();
  EXPECT_TRUE(ended);
}

TEST(Reactor, EndOfTurnComesAfterTheCoroutines) {
  Reactor reactor;
  int turns = 0, seen = -1;
  reactor.end_of_turn = [&] { ++turns; };
  auto body = [&]() -> Task<void> {
    co_await pause(1);
    seen = turns;
    co_await pause(1);
    EXPECT_GT(turns, seen);
    reactor.stop();
  };
  reactor.spawn(body());
  reactor.run();
  EXPECT_GE(seen, 0);
}

TEST(Poll, EdgesWakeTheReaderAndClosingEndsWaits) {
  auto body = [&]() -> Task<void> {
    Poll poll;
    int fd = ::eventfd(0, EFD_NONBLOCK);
    EXPECT_TRUE(poll.open(fd));
    auto post = [&]() -> Task<void> {
      co_await pause(5);
      uint64_t one = 1;
      EXPECT_EQ(::write(fd, &one, sizeof one), 8);
      co_await pause(5);
      poll.close();
    };
    Reactor::current().spawn(post());
    Wake first = co_await poll.until_readable(soon());
    EXPECT_EQ(first, Wake::ready);
    EXPECT_TRUE(poll.readable);
    Wake second = co_await poll.until_readable(soon());
    EXPECT_EQ(second, Wake::cancelled);
    EXPECT_FALSE(poll.is_open());
  };
  run_on_reactor(body);
}

TEST(Poll, OpeningABadDescriptorIsAnError) {
  Reactor reactor;
  Poll poll;
  int fd = ::eventfd(0, EFD_NONBLOCK);
  ::close(fd);
  EXPECT_FALSE(poll.open(fd));
}

}  // namespace
}  // namespace hanse::net
