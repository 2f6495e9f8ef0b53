// Reads what an answer says, a whole message or the delta of a chunk alike, and tells it as events. A value
// of another type than it must have is malformed_reply: half an answer is never taken for a whole one.
#pragma once

#include <string>
#include <vector>

#include "canon/event.h"

namespace hanse::openai_chat {

// A piece of text that came by itself: the one event that its chunk gave. What comes next mostly is another
// such chunk, see chunk_template.h.
struct Piece {
  enum class Kind : uint8_t { none, text, refusal, reasoning, arguments };
  Kind kind = Kind::none;
  json::Text token;
  uint32_t call = 0;

  void tell(json::Text text, canon::EventSink& sink) const;
};

class MessageReader {
 public:
  explicit MessageReader(bool whole) : whole_(whole) {}
  // Once, when there is something to start with.
  Result<void> start(json::Value root, canon::EventSink& sink);
  Result<void> message(json::Value message, canon::EventSink& sink);
  Result<void> finish_reason(json::Value choice);
  bool started() const { return started_; }
  bool finished() const { return finished_; }
  bool said_anything() const { return said_; }
  // The terminal event: whole answers without a word about their end count as ended.
  Result<void> stop(canon::EventSink& sink);

  // What the last message() gave, when that was one piece of text and nothing else.
  Piece piece() const { return events_ == 1 ? piece_ : Piece(); }

 private:
  struct Call {
    int64_t index;  // the provider's
    std::string id;
    bool started = false;  // its name is known and told
    std::string held;      // arguments from before that
  };

  void give(Piece piece, canon::EventSink& sink);
  void give(const canon::Event& event, canon::EventSink& sink);
  Result<void> content(json::Value content, canon::EventSink& sink);
  Result<void> reasoning(json::Value message, canon::EventSink& sink);
  Result<void> tool_call(json::Value call, int64_t position, canon::EventSink& sink);
  Result<void> call_piece(int64_t index, json::Text id, json::Value function, canon::EventSink& sink);
  Result<size_t> find_call(int64_t index, json::Text id, json::Text name);
  Result<void> arguments(size_t call, json::Value value, canon::EventSink& sink);

  bool whole_;
  bool started_ = false;
  bool finished_ = false;
  bool said_ = false;
  bool reasoning_told_ = false;  // and not signed yet: its block only adds the signature
  canon::StopReason reason_ = canon::StopReason::end;
  std::string sequence_;  // the stop sequence that was met, where the server says it
  std::string original_;  // the server's word for an end that nobody knows
  std::vector<Call> calls_;
  std::string escaped_;
  int events_ = 0;
  Piece piece_;
};

}  // namespace hanse::openai_chat
