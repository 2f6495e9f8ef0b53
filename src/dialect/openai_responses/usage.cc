// Usage: input_tokens includes what was cached and output_tokens includes reasoning, so both are taken apart
// on the way in and put together on the way out, and nothing is counted twice.
#include "dialect/openai_responses/wire.h"
#include "dialect/token_count.h"

namespace hanse::openai_responses {

using canon::Usage;

void update_usage(Usage& usage, json::Value wire) {
  auto take = [](int64_t& slot, json::Value said) {
    if (int64_t n = token_count(said); n >= 0) slot = n;
  };
  json::Value in = wire["input_tokens_details"], made = wire["output_tokens_details"];
  // A part can't be more than its whole, whatever a server says; nor is one known without its whole.
  if (int64_t input = token_count(wire["input_tokens"]); input >= 0) {
    take(usage.cache_read, in["cached_tokens"]);
    take(usage.cache_write_5m, in["cache_write_tokens"]);
    usage.cache_read = std::min(usage.cache_read, input);
    input -= Usage::zero(usage.cache_read);
    usage.cache_write_5m = std::min(usage.cache_write_5m, input);
    usage.uncached_in = input - Usage::zero(usage.cache_write_5m);
  }
  if (int64_t output = token_count(wire["output_tokens"]); output >= 0) {
    take(usage.reasoning_out, made["reasoning_tokens"]);
    usage.reasoning_out = std::min(usage.reasoning_out, output);
    usage.visible_out = output - Usage::zero(usage.reasoning_out);
  }
}

// The details are demanded here, so what nobody counted is 0 in them.
void write_usage(json::Writer& out, const Usage& usage) {
  int64_t in = usage.input(), made = usage.output();
  out.object().key("input_tokens").number(in).key("input_tokens_details").object();
  out.key("cached_tokens").number(Usage::zero(usage.cache_read));
  out.key("cache_write_tokens").number(Usage::zero(usage.cache_write_5m) + Usage::zero(usage.cache_write_1h));
  out.end_object().key("output_tokens").number(made).key("output_tokens_details").object();
  out.key("reasoning_tokens").number(Usage::zero(usage.reasoning_out)).end_object();
  out.key("total_tokens").number(in + made).end_object();
}

}  // namespace hanse::openai_responses
