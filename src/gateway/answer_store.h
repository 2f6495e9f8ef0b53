// Answers that their clients may ask for again or go on from, in memory, for all cores together. Bounded by
// number, by bytes and by how long nobody asked for one; the one that was used longest ago leaves first. What
// an answer goes on from is used whenever it is.
//
//   store.keep("client", std::move(answer), bounds, now);
//   auto history = store.history("client", "resp_1", bounds, now);     // oldest first; empty: it is not
//   known
//
// Owned by Cores. One lock, held for a few look-ups; requests that neither keep nor name an answer never
// touch it. See docs/adr/0004-kept-answers.md.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "dialect/keeping.h"

namespace hanse::gateway {

class AnswerStore {
 public:
  struct Bounds {
    size_t entries = 0;
    size_t bytes = 0;
    milliseconds life{0};
  };
  using Kept = std::shared_ptr<const KeptAnswer>;

  // Each client sees its own answers only. One that is larger than all bytes allowed is not kept.
  void keep(std::string_view owner, KeptAnswer answer, const Bounds& bounds, Time now);
  Kept find(std::string_view owner, std::string_view id, const Bounds& bounds, Time now);
  // The answer and all that it goes on from, oldest first; nothing when any of them is not here any more.
  std::vector<Kept> history(std::string_view owner, std::string_view id, const Bounds& bounds, Time now);
  bool forget(std::string_view owner, std::string_view id, const Bounds& bounds, Time now);

  struct Size {
    size_t entries = 0, bytes = 0;
  };
  Size size() const;

 private:
  struct Entry {
    std::string name;  // owner and id
    Kept answer;
    Time used;
  };
  using Entries = std::list<Entry>;

  Entries::iterator use(std::string_view owner, std::string_view id, Time now);
  void make_room(const Bounds& bounds, Time now);
  void drop(Entries::iterator entry);

  mutable std::mutex mutex_;
  Entries entries_;  // that used longest ago first
  std::unordered_map<std::string_view, Entries::iterator> by_name_;
  size_t bytes_ = 0;
};

}  // namespace hanse::gateway
