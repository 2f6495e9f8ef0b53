// Sees an answer on its way to the client, and keeps it before its end is sent: whoever has read the end may
// name it at once, on any core.
#pragma once

#include <string>
#include <string_view>

#include "gateway/answer_store.h"

namespace hanse::gateway {

class AnswerKeeper {
 public:
  AnswerKeeper(AnswerStore& store, const Keeping& words, const AnswerStore::Bounds& bounds, std::string owner,
               std::string continues, std::string input, bool stream)
      : store_(store),
        words_(words),
        bounds_(bounds),
        owner_(std::move(owner)),
        continues_(std::move(continues)),
        input_(std::move(input)),
        stream_(stream) {}

  // What goes out next; `last`: nothing follows. A stream is seen in whole events.
  void see(std::string_view sent, bool last);

 private:
  AnswerStore& store_;
  const Keeping& words_;
  const AnswerStore::Bounds bounds_;
  const std::string owner_, continues_;
  std::string input_;
  const bool stream_;
  std::string held_;  // of a body that comes in pieces
  bool done_ = false;
};

}  // namespace hanse::gateway
