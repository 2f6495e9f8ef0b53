// Usage and stop reasons, both ways.
#include "dialect/anthropic_messages/wire.h"

namespace hanse::anthropic_messages {
namespace {

struct ReasonName {
  canon::StopReason reason;
  std::string_view name;
};
using enum canon::StopReason;
constexpr ReasonName kReasons[] = {
    {end, "end_turn"},        {stop_sequence, "stop_sequence"},
    {length, "max_tokens"},   {context_full, "model_context_window_exceeded"},
    {tool_calls, "tool_use"}, {filtered, "refusal"},
    {paused, "pause_turn"},
};

bool take(int64_t& count, json::Value wire) {
  auto n = wire.integer();
  if (!n || *n < 0) return false;
  count = *n;
  return true;
}

}  // namespace

void update_usage(canon::Usage& usage, json::Value wire) {
  take(usage.uncached_in, wire["input_tokens"]);
  take(usage.cache_read, wire["cache_read_input_tokens"]);
  int64_t written = -1;
  json::Value creation = wire["cache_creation"];
  bool split = take(usage.cache_write_5m, creation["ephemeral_5m_input_tokens"]);
  split |= take(usage.cache_write_1h, creation["ephemeral_1h_input_tokens"]);
  // Only the sum is said: what isn't known to be the long kind is the short kind.
  if (!split && take(written, wire["cache_creation_input_tokens"]))
    usage.cache_write_5m = std::max<int64_t>(0, written - canon::Usage::zero(usage.cache_write_1h));
  take(usage.reasoning_out, wire["output_tokens_details"]["thinking_tokens"]);
  int64_t out = -1;
  if (take(out, wire["output_tokens"]))
    usage.visible_out = std::max<int64_t>(0, out - canon::Usage::zero(usage.reasoning_out));
}

void write_usage(json::Writer& out, const canon::Usage& usage) {
  const int64_t short_writes = canon::Usage::zero(usage.cache_write_5m);
  const int64_t long_writes = canon::Usage::zero(usage.cache_write_1h);
  out.object().key("input_tokens");
  out.number(canon::Usage::zero(usage.uncached_in) + canon::Usage::zero(usage.tool_prompt_in));
  if (usage.cache_write_5m >= 0 || usage.cache_write_1h >= 0) {
    out.key("cache_creation_input_tokens").number(short_writes + long_writes);
    out.key("cache_creation").object();
    out.key("ephemeral_5m_input_tokens").number(short_writes);
    out.key("ephemeral_1h_input_tokens").number(long_writes).end_object();
  }
  if (usage.cache_read >= 0) out.key("cache_read_input_tokens").number(usage.cache_read);
  out.key("output_tokens").number(usage.output());
  if (usage.reasoning_out >= 0)
    out.key("output_tokens_details").object().key("thinking_tokens").number(usage.reasoning_out).end_object();
  out.end_object();
}

canon::Stop stop_of(json::Value reason, json::Value sequence) {
  canon::Stop stop;
  stop.sequence = sequence.text();
  stop.reason = unknown;
  for (const auto& row : kReasons)
    if (row.name == reason.text().escaped) stop.reason = row.reason;
  if (stop.reason == unknown) stop.original = reason.text();
  return stop;
}

// What no reader could know becomes the plain end.
std::string_view name_of(canon::StopReason reason) {
  for (const auto& row : kReasons)
    if (row.reason == reason) return row.name;
  return "end_turn";
}

}  // namespace hanse::anthropic_messages
