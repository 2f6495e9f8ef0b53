// The one vocabulary, second half: what a provider answers. Everything that answers is a stream of events; an
// answer that is not streamed is a fold over the same events.
//
// Order: Start, then any of Text, Reasoning, ToolCall, Usage, then exactly one Stop or one Failure. Deltas of
// different tool calls may interleave (Chat allows it); `call` tells them apart. Texts are views that live
// during the call to the sink only. A sink must not keep them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/json.h"

namespace hanse::canon {

using json::Raw;
using json::Text;

struct Start {
  Text id;              // the provider's; encoders mint one when empty
  Text model;           // who answers
  int64_t created = 0;  // Unix seconds, 0 when not said
};
struct TextDelta {
  Text text;
};
struct RefusalDelta {
  Text text;
};
struct ReasoningDelta {
  Text text;  // empty texts are not sent
  // It comes in blocks, as the languages have it that sign each. Else nobody knows before a signature comes
  // whether one will.
  bool in_block = false;
};
struct ReasoningSignature {  // ends the reasoning block before it
  Text signature;
};
struct RedactedReasoning {
  Text data;
};
struct ToolCallStart {
  uint32_t call = 0;  // 0, 1, 2, ... in order of appearance
  Text id;
  Text name;
};
struct ToolCallDelta {
  uint32_t call = 0;
  Text fragment;  // a piece of the JSON text of the arguments, itself escaped as the inside of a JSON string
};

// Seven buckets that never overlap, so nothing is counted twice; -1 where the provider said nothing.
struct Usage {
  int64_t uncached_in = -1;
  int64_t cache_read = -1;
  int64_t cache_write_5m = -1;
  int64_t cache_write_1h = -1;
  int64_t tool_prompt_in = -1;
  int64_t visible_out = -1;
  int64_t reasoning_out = -1;
  bool estimated = false;

  bool known() const { return uncached_in >= 0 || visible_out >= 0; }
  int64_t input() const {
    return zero(uncached_in) + zero(cache_read) + zero(cache_write_5m) + zero(cache_write_1h) +
           zero(tool_prompt_in);
  }
  int64_t output() const { return zero(visible_out) + zero(reasoning_out); }
  // A later report replaces what it knows (Anthropic's counts are cumulative and may be raised).
  void update(const Usage& later) {
    auto take = [](int64_t& mine, int64_t theirs) {
      if (theirs >= 0) mine = theirs;
    };
    take(uncached_in, later.uncached_in);
    take(cache_read, later.cache_read);
    take(cache_write_5m, later.cache_write_5m);
    take(cache_write_1h, later.cache_write_1h);
    take(tool_prompt_in, later.tool_prompt_in);
    take(visible_out, later.visible_out);
    take(reasoning_out, later.reasoning_out);
    estimated = later.estimated;
  }
  static int64_t zero(int64_t n) { return n < 0 ? 0 : n; }
};

enum class StopReason : uint8_t {
  end,
  stop_sequence,
  length,
  context_full,
  tool_calls,
  filtered,
  paused,
  unknown
};

struct Stop {
  StopReason reason = StopReason::end;
  Text sequence;  // the stop sequence that was met, where the dialect says it
  Text original;  // the provider's own word when `reason` is unknown
};

// After this nothing follows, and no encoder may end the answer as if it were whole.
struct Failure {
  Error error;
};

using Event = std::variant<Start, TextDelta, RefusalDelta, ReasoningDelta, ReasoningSignature,
                           RedactedReasoning, ToolCallStart, ToolCallDelta, Usage, Stop, Failure>;

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on(const Event& event) = 0;
};

}  // namespace hanse::canon
