#include "gateway/answer_store.h"

#include <gtest/gtest.h>

#include <thread>

namespace hanse::gateway {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr AnswerStore::Bounds kRoomy{100, 1 << 20, hours(1)};
constexpr Time kStart{hours(1000)};

KeptAnswer answer(std::string id, std::string continues = "", size_t bytes = 10) {
  return {std::move(id), std::move(continues), std::string(bytes, 'i'), "out", "{}"};
}

TEST(AnswerStore, KeepsAndForgets) {
  AnswerStore store;
  store.keep("me", answer("a"), kRoomy, kStart);
  ASSERT_TRUE(store.find("me", "a", kRoomy, kStart));
  EXPECT_EQ(store.find("me", "a", kRoomy, kStart)->output, "out");
  EXPECT_FALSE(store.find("you", "a", kRoomy, kStart)) << "another client's";
  EXPECT_FALSE(store.forget("you", "a", kRoomy, kStart));
  EXPECT_TRUE(store.forget("me", "a", kRoomy, kStart));
  EXPECT_FALSE(store.forget("me", "a", kRoomy, kStart));
  EXPECT_EQ(store.size().entries, 0u);
  EXPECT_EQ(store.size().bytes, 0u);
}

TEST(AnswerStore, HistoryIsWholeOrNothing) {
  AnswerStore store;
  store.keep("me", answer("a"), kRoomy, kStart);
  store.keep("me", answer("b", "a"), kRoomy, kStart);
  store.keep("me", answer("c", "b"), kRoomy, kStart);
  auto history = store.history("me", "c", kRoomy, kStart);
  ASSERT_EQ(history.size(), 3u);
  EXPECT_EQ(history[0]->id, "a");
  EXPECT_EQ(history[2]->id, "c");
  EXPECT_EQ(store.history("me", "b", kRoomy, kStart).size(), 2u);
  EXPECT_TRUE(store.forget("me", "a", kRoomy, kStart));
  EXPECT_TRUE(store.history("me", "c", kRoomy, kStart).empty());
}

TEST(AnswerStore, ARingOfNamesEnds) {
  AnswerStore store;
  store.keep("me", answer("a", "b"), kRoomy, kStart);
  store.keep("me", answer("b", "a"), kRoomy, kStart);
  EXPECT_TRUE(store.history("me", "a", kRoomy, kStart).empty());
  store.keep("me", answer("s", "s"), kRoomy, kStart);
  EXPECT_TRUE(store.history("me", "s", kRoomy, kStart).empty());
}

TEST(AnswerStore, WhatWasUsedLongestAgoLeavesFirst) {
  AnswerStore store;
  AnswerStore::Bounds two = kRoomy;
  two.entries = 2;
  store.keep("me", answer("a"), two, kStart);
  store.keep("me", answer("b"), two, kStart);
  EXPECT_TRUE(store.find("me", "a", two, kStart));
  store.keep("me", answer("c"), two, kStart);
  EXPECT_TRUE(store.find("me", "a", two, kStart));
  EXPECT_FALSE(store.find("me", "b", two, kStart));
}

TEST(AnswerStore, BytesAreBounded) {
  AnswerStore store;
  AnswerStore::Bounds small = kRoomy;
  small.bytes = 2000;
  for (int i = 0; i < 50; ++i) {
    store.keep("me", answer("a" + std::to_string(i), "", 500), small, kStart);
    EXPECT_LE(store.size().bytes, 2000u);
  }
  EXPECT_TRUE(store.find("me", "a49", small, kStart));
  EXPECT_FALSE(store.find("me", "a0", small, kStart));
  store.keep("me", answer("huge", "", 5000), small, kStart);
  EXPECT_FALSE(store.find("me", "huge", small, kStart));
  EXPECT_TRUE(store.find("me", "a49", small, kStart)) << "what can't be kept pushes nothing out";
}

TEST(AnswerStore, ForgetsWhatNobodyUses) {
  AnswerStore store;
  AnswerStore::Bounds brief = kRoomy;
  brief.life = milliseconds(10'000);
  store.keep("me", answer("a"), brief, kStart);
  store.keep("me", answer("b", "a"), brief, kStart);
  EXPECT_EQ(store.history("me", "b", brief, kStart + seconds(8)).size(), 2u);
  EXPECT_TRUE(store.find("me", "a", brief, kStart + seconds(16))) << "it was used with what goes on from it";
  EXPECT_FALSE(store.find("me", "a", brief, kStart + seconds(30)));
  EXPECT_EQ(store.size().entries, 0u);
}

TEST(AnswerStore, KeepsNothingWhenTold) {
  AnswerStore store;
  store.keep("me", answer("a"), {0, 1 << 20, hours(1)}, kStart);
  EXPECT_EQ(store.size().entries, 0u);
}

TEST(AnswerStore, AnIdThatComesAgainTakesThePlace) {
  AnswerStore store;
  store.keep("me", answer("a", "", 10), kRoomy, kStart);
  size_t before = store.size().bytes;
  store.keep("me", answer("a", "", 20), kRoomy, kStart);
  EXPECT_EQ(store.size().entries, 1u);
  EXPECT_EQ(store.size().bytes, before + 10);
}

TEST(AnswerStore, CoresShareIt) {
  AnswerStore store;
  AnswerStore::Bounds bounds = kRoomy;
  bounds.entries = 50;
  std::vector<std::thread> cores;
  for (int core = 0; core < 4; ++core)
    cores.emplace_back([&, core] {
      for (int i = 0; i < 500; ++i) {
        std::string id = std::to_string(core) + "_" + std::to_string(i);
        store.keep("me", answer(id, i ? std::to_string(core) + "_" + std::to_string(i - 1) : ""), bounds,
                   kStart);
        (void)store.history("me", id, bounds, kStart);
        if (i % 7 == 0) (void)store.forget("me", id, bounds, kStart);
      }
    });
  for (auto& core : cores) core.join();
  EXPECT_LE(store.size().entries, 50u);
}

}  // namespace
}  // namespace hanse::gateway
