// Usage, stop reasons and redacted thoughts, both ways.
#include "base/base64.h"
#include "dialect/bedrock_converse/wire.h"
#include "dialect/origin.h"
#include "dialect/token_count.h"

namespace hanse::bedrock_converse {

using canon::StopReason;
using canon::Usage;
using json::Text;

namespace {

struct Reason {
  std::string_view word;
  StopReason reason;
};
// What is written for a reason is the first word that reads as it.
constexpr Reason kReasons[] = {
    {"end_turn", StopReason::end},
    {"tool_use", StopReason::tool_calls},
    {"max_tokens", StopReason::length},
    {"stop_sequence", StopReason::stop_sequence},
    {"content_filtered", StopReason::filtered},
    {"guardrail_intervened", StopReason::filtered},
    {"model_context_window_exceeded", StopReason::context_full},
};

// The first of two names that says it: the service writes both.
int64_t count_in(json::Value wire, std::string_view name, std::string_view other) {
  int64_t n = token_count(wire[name]);
  return n >= 0 ? n : token_count(wire[other]);
}

void take(int64_t& count, int64_t n) {
  if (n >= 0) count = n;
}

}  // namespace

canon::Stop stop_of(Text reason, Text sequence) {
  for (const Reason& known : kReasons)
    if (known.word == reason.escaped) return {known.reason, sequence, {}};
  return {StopReason::unknown, {}, reason};
}

std::string_view stop_reason(StopReason reason, bool calls, bool refused) {
  using enum StopReason;
  if (reason == tool_calls && !calls) reason = end;
  if (calls && (reason == end || reason == unknown)) reason = tool_calls;
  if (refused && (reason == end || reason == unknown)) reason = filtered;
  for (const Reason& known : kReasons)
    if (known.reason == reason) return known.word;
  return "end_turn";
}

// inputTokens leaves out what was read from or written to a cache.
void update_usage(Usage& usage, json::Value wire) {
  take(usage.uncached_in, token_count(wire["inputTokens"]));
  take(usage.visible_out, token_count(wire["outputTokens"]));
  take(usage.cache_read, count_in(wire, "cacheReadInputTokens", "cacheReadInputTokenCount"));
  const int64_t written = count_in(wire, "cacheWriteInputTokens", "cacheWriteInputTokenCount");
  int64_t long_kind = -1;
  for (json::Value detail : wire["cacheDetails"])
    if (detail["ttl"].text().escaped == "1h") long_kind = token_count(detail["inputTokens"]);
  if (written < 0) return;
  // A part is no more than its whole; what isn't known to be the long kind is the short kind.
  if (long_kind >= 0) usage.cache_write_1h = std::min(long_kind, written);
  usage.cache_write_5m = written - Usage::zero(usage.cache_write_1h);
}

// The SDKs demand the first three, so they are 0 when nobody knows them.
void write_usage(json::Writer& out, const Usage& usage) {
  const int64_t in = Usage::zero(usage.uncached_in) + Usage::zero(usage.tool_prompt_in);
  const int64_t short_writes = Usage::zero(usage.cache_write_5m);
  const int64_t long_writes = Usage::zero(usage.cache_write_1h);
  out.object().key("inputTokens").number(in).key("outputTokens").number(usage.output());
  out.key("totalTokens").number(usage.input() + usage.output());
  if (usage.cache_read >= 0) out.key("cacheReadInputTokens").number(usage.cache_read);
  if (usage.cache_write_5m >= 0 || usage.cache_write_1h >= 0)
    out.key("cacheWriteInputTokens").number(short_writes + long_writes);
  if (long_writes > 0) {
    out.key("cacheDetails").array();
    out.object().key("ttl").text({"1h"}).key("inputTokens").number(long_writes).end_object();
    if (short_writes > 0)
      out.object().key("ttl").text({"5m"}).key("inputTokens").number(short_writes).end_object();
    out.end_array();
  }
  out.end_object();
}

std::string blob_of(Text redacted) {
  if (is_base64(redacted.escaped)) return std::string(redacted.escaped);
  std::string out;
  append_base64(json::unescape(redacted), out);
  return out;
}

Text redacted_of(Text blob, Arena& arena) {
  std::string bytes;
  if (!append_from_base64(blob.escaped, bytes)) return blob;
  std::string_view origin = origin_of({bytes});
  if (origin.empty() || !find_dialect(origin)) return blob;
  return json::escape(arena.copy(bytes), arena);
}

}  // namespace hanse::bedrock_converse
