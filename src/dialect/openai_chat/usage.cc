// Usage: prompt_tokens includes what was cached and completion_tokens includes reasoning, so both are taken
// apart on the way in and put together on the way out, and nothing is counted twice.
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {

using canon::Usage;

Usage read_usage(json::Value usage) {
  Usage out;
  auto count = [](json::Value value) { return std::max<int64_t>(-1, value.integer().value_or(-1)); };
  int64_t prompt = count(usage["prompt_tokens"]), completion = count(usage["completion_tokens"]);
  json::Value in = usage["prompt_tokens_details"], made = usage["completion_tokens_details"];
  out.cache_read = count(in["cached_tokens"]);
  if (out.cache_read < 0) out.cache_read = count(usage["prompt_cache_hit_tokens"]);  // DeepSeek's
  out.cache_write_5m = count(in["cache_write_tokens"]);
  out.reasoning_out = count(made["reasoning_tokens"]);
  // A part can't be more than its whole, whatever a server says.
  auto part_of = [](int64_t& part, int64_t whole) { part = whole < 0 ? -1 : std::min(part, whole); };
  part_of(out.cache_read, prompt);
  part_of(out.cache_write_5m, prompt < 0 ? prompt : prompt - Usage::zero(out.cache_read));
  part_of(out.reasoning_out, completion);
  if (prompt >= 0) out.uncached_in = prompt - Usage::zero(out.cache_read) - Usage::zero(out.cache_write_5m);
  if (completion >= 0) out.visible_out = completion - Usage::zero(out.reasoning_out);
  return out;
}

json::Value find_usage(json::Value root) {
  json::Value usage = root["usage"];
  if (usage.is_object()) return usage;
  usage = root["x_groq"]["usage"];
  return usage.is_object() ? usage : json::Value();
}

void write_usage(json::Writer& out, const Usage& usage) {
  int64_t in = usage.input(), made = usage.output();
  out.object().key("prompt_tokens").number(in).key("completion_tokens").number(made);
  out.key("total_tokens").number(in + made).key("prompt_tokens_details").object();
  out.key("cached_tokens").number(Usage::zero(usage.cache_read));
  int64_t written = Usage::zero(usage.cache_write_5m) + Usage::zero(usage.cache_write_1h);
  if (written) out.key("cache_write_tokens").number(written);
  out.end_object().key("completion_tokens_details").object();
  out.key("reasoning_tokens").number(Usage::zero(usage.reasoning_out)).end_object().end_object();
}

}  // namespace hanse::openai_chat
