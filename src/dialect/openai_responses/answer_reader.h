// Reads what an answer holds, item by item, and tells it as events; a whole answer is a stream whose items
// come at once. What came in pieces is not told again by the events that end it; what did not come so is
// told then. A value of another type than it must have is malformed_reply.
#pragma once

#include <string>
#include <vector>

#include "base/arena.h"
#include "canon/event.h"

namespace hanse::openai_responses {

class AnswerReader {
 public:
  using Value = json::Value;

  // Once, from the response as it begins.
  Result<void> start(Value response, canon::EventSink& sink);
  // Any event but those about the whole response. Unknown ones tell nothing.
  Result<void> event(std::string_view type, Value event, canon::EventSink& sink);
  // The response at its end: what failed, or the usage and how it stopped.
  Result<void> end(Value response, canon::EventSink& sink);
  // The response of a stream that failed: what it cost all the same, and what went wrong.
  Result<void> fail_with(Value response, canon::EventSink& sink);

 private:
  enum class Kind : uint8_t { other, message, thought, call, text_call };
  struct Item {
    int64_t index = -1;  // the provider's
    Kind kind = Kind::other;
    uint32_t call = 0;
    uint64_t told = 0;       // a bit for each part of which something was told
    int64_t thought = -1;    // the part of the thoughts that was told last
    bool arguments = false;  // something of them was told
    bool done = false;
  };

  Item& find(Value event, Kind kind);
  Result<Item*> add(int64_t index, Value value, canon::EventSink& sink);
  Result<void> added(Value event, canon::EventSink& sink);
  Result<void> done(Value event, canon::EventSink& sink);
  Result<void> item_done(Item& item, Value value, canon::EventSink& sink);
  Result<void> message_done(Item& item, Value value, canon::EventSink& sink);
  Result<void> thought_done(Item& item, Value value, canon::EventSink& sink);
  Result<void> begin_call(Item& item, Value value, canon::EventSink& sink);
  Result<void> said(Value event, std::string_view key, bool whole, bool refusal, canon::EventSink& sink);
  Result<void> thought(Value event, std::string_view key, std::string_view part, bool whole,
                       canon::EventSink& sink);
  Result<void> arguments(Value event, std::string_view key, bool whole, canon::EventSink& sink);
  void tell_thought(Item& item, int64_t part, json::Text text, canon::EventSink& sink);
  void tell_arguments(Item& item, json::Text text, bool whole, canon::EventSink& sink);
  void end_arguments(Item& item, canon::EventSink& sink);
  void tell_usage(Value response, canon::EventSink& sink);
  Result<void> stop(Value response, canon::EventSink& sink);

  std::vector<Item> items_;
  uint32_t calls_ = 0;
  bool started_ = false;
  std::string escaped_;
  Arena arena_;
};

}  // namespace hanse::openai_responses
