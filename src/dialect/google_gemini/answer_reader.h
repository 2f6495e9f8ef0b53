// Reads what an answer says, a whole one or a chunk of it alike (they have one form), and tells it as events.
// A value of another type than it must have is malformed_reply: half an answer is never taken for a whole
// one.
//
//   AnswerReader reader;
//   TRY_VOID(reader.chunk(root, sink));       // until over(): a Failure was told
//   TRY_VOID(reader.stop(sink, true));        // the body has ended; a stream must have said why
#pragma once

#include <string>

#include "canon/event.h"
#include "dialect/google_gemini/chunk_form.h"

namespace hanse::google_gemini {

class AnswerReader {
 public:
  Result<void> chunk(json::Value root, canon::EventSink& sink);
  // A chunk that is one piece of text and counts, like one before: see chunk_form.h.
  void piece(const ChunkForm::Piece& piece, canon::EventSink& sink);
  canon::Usage& usage() { return usage_; }
  Result<void> stop(canon::EventSink& sink, bool streamed);
  bool over() const { return over_; }

 private:
  struct Members {
    json::Value error, candidates, usage, feedback, id, model;
  };
  Result<void> start(const Members& members, canon::EventSink& sink);
  Result<void> candidate(json::Value candidate, canon::EventSink& sink);
  Result<void> part(json::Value part, canon::EventSink& sink);
  Result<void> call(json::Value call, json::Text signature, canon::EventSink& sink);
  void finished_by(json::Text reason);

  bool started_ = false;
  bool answered_ = false;  // a candidate has come
  bool finished_ = false;
  bool over_ = false;
  uint32_t calls_ = 0;
  canon::StopReason reason_ = canon::StopReason::end;
  std::string original_;  // the vendor's word for an end that nobody knows
  canon::Usage usage_;
  std::string escaped_;
};

}  // namespace hanse::google_gemini
