// Usage and stop reasons, both ways.
#include "dialect/anthropic_messages/wire.h"
#include "dialect/token_count.h"

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

void take(int64_t& count, json::Value wire) {
  if (int64_t n = token_count(wire); n >= 0) count = n;
}

}  // namespace

void update_usage(canon::Usage& usage, json::Value wire) {
  using canon::Usage;
  take(usage.uncached_in, wire["input_tokens"]);
  take(usage.cache_read, wire["cache_read_input_tokens"]);
  json::Value creation = wire["cache_creation"];
  const int64_t written = token_count(wire["cache_creation_input_tokens"]);
  const int64_t short_kind = token_count(creation["ephemeral_5m_input_tokens"]);
  take(usage.cache_write_5m, creation["ephemeral_5m_input_tokens"]);
  take(usage.cache_write_1h, creation["ephemeral_1h_input_tokens"]);
  // What is in the sum and isn't known to be the long kind is the short kind.
  const int64_t rest = written - Usage::zero(usage.cache_write_1h);
  if (written >= 0 && (short_kind < 0 || short_kind < rest))
    usage.cache_write_5m = std::max<int64_t>(0, rest);
  int64_t out = usage.visible_out < 0 ? -1 : usage.output();
  take(out, wire["output_tokens"]);
  if (out < 0) return;
  take(usage.reasoning_out, wire["output_tokens_details"]["thinking_tokens"]);
  usage.reasoning_out = std::min(usage.reasoning_out, out);  // a part is no more than its whole
  usage.visible_out = out - Usage::zero(usage.reasoning_out);
}

void write_usage(json::Writer& out, const canon::Usage& usage, bool update) {
  const int64_t short_writes = canon::Usage::zero(usage.cache_write_5m);
  const int64_t long_writes = canon::Usage::zero(usage.cache_write_1h);
  out.object();
  if (!update || usage.uncached_in >= 0)
    out.key("input_tokens")
        .number(canon::Usage::zero(usage.uncached_in) + canon::Usage::zero(usage.tool_prompt_in));
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

canon::Stop stop_of(canon::Text reason, canon::Text sequence) {
  canon::Stop stop{unknown, sequence, {}};
  for (const auto& row : kReasons)
    if (row.name == reason.escaped) stop.reason = row.reason;
  if (stop.reason == unknown) stop.original = reason;
  return stop;
}

// What no reader could know becomes the plain end.
std::string_view name_of(canon::StopReason reason) {
  for (const auto& row : kReasons)
    if (row.reason == reason) return row.name;
  return "end_turn";
}

}  // namespace hanse::anthropic_messages
