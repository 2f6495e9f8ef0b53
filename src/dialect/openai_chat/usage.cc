// Usage: prompt_tokens includes what was cached and completion_tokens includes reasoning, so both are taken
// apart on the way in and put together on the way out, and nothing is counted twice.
#include "dialect/openai_chat/wire.h"
#include "dialect/token_count.h"

namespace hanse::openai_chat {

using canon::Usage;

void update_usage(Usage& usage, json::Value wire) {
  auto take = [](int64_t& slot, json::Value said) {
    if (int64_t n = token_count(said); n >= 0) slot = n;
  };
  json::Value in = wire["prompt_tokens_details"], made = wire["completion_tokens_details"];
  // A part can't be more than its whole, whatever a server says; nor is one known without its whole.
  if (int64_t prompt = token_count(wire["prompt_tokens"]); prompt >= 0) {
    take(usage.cache_read, wire["prompt_cache_hit_tokens"]);  // DeepSeek's
    take(usage.cache_read, in["cached_tokens"]);
    take(usage.cache_write_5m, in["cache_write_tokens"]);
    usage.cache_read = std::min(usage.cache_read, prompt);
    prompt -= Usage::zero(usage.cache_read);
    usage.cache_write_5m = std::min(usage.cache_write_5m, prompt);
    usage.uncached_in = prompt - Usage::zero(usage.cache_write_5m);
  }
  if (int64_t completion = token_count(wire["completion_tokens"]); completion >= 0) {
    take(usage.reasoning_out, made["reasoning_tokens"]);
    usage.reasoning_out = std::min(usage.reasoning_out, completion);
    usage.visible_out = completion - Usage::zero(usage.reasoning_out);
  }
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
  out.key("total_tokens").number(in + made);
  // The parts that somebody counted: a 0 for the others would be made up.
  int64_t written = Usage::zero(usage.cache_write_5m) + Usage::zero(usage.cache_write_1h);
  if (usage.cache_read >= 0 || written > 0) {
    out.key("prompt_tokens_details").object().key("cached_tokens").number(Usage::zero(usage.cache_read));
    if (written) out.key("cache_write_tokens").number(written);
    out.end_object();
  }
  if (usage.reasoning_out >= 0)
    out.key("completion_tokens_details")
        .object()
        .key("reasoning_tokens")
        .number(usage.reasoning_out)
        .end_object();
  out.end_object();
}

}  // namespace hanse::openai_chat
