// How this dialect counts tokens and says why it stopped.
#include "dialect/cohere_chat/wire.h"
#include "dialect/token_count.h"

namespace hanse::cohere_chat {

using canon::StopReason;
using canon::Usage;

namespace {

struct Reason {
  std::string_view word;
  StopReason reason;
};
// What is written for a reason is the first word that reads as it.
constexpr Reason kReasons[] = {{"COMPLETE", StopReason::end},
                               {"STOP_SEQUENCE", StopReason::stop_sequence},
                               {"MAX_TOKENS", StopReason::length},
                               {"TOOL_CALL", StopReason::tool_calls},
                               {"ERROR_LIMIT", StopReason::context_full},
                               {"ERROR_TOXIC", StopReason::filtered}};

}  // namespace

std::string_view finish_reason(StopReason reason) {
  for (const Reason& known : kReasons)
    if (known.reason == reason) return known.word;
  return "COMPLETE";
}

canon::Stop stop_of(json::Text reason) {
  for (const Reason& known : kReasons)
    if (known.word == reason.escaped) return {known.reason, {}, {}};
  return {StopReason::unknown, {}, reason};
}

bool is_failure(std::string_view reason) { return reason == "ERROR" || reason == "TIMEOUT"; }

void update_usage(Usage& usage, json::Value wire) {
  json::Value counts = wire["tokens"].is_object() ? wire["tokens"] : wire["billed_units"];
  if (int64_t in = token_count(counts["input_tokens"]); in >= 0) {
    if (int64_t cached = token_count(wire["cached_tokens"]); cached >= 0)
      usage.cache_read = std::min(cached, in);
    usage.uncached_in = in - Usage::zero(usage.cache_read);
  }
  if (int64_t out = token_count(counts["output_tokens"]); out >= 0) usage.visible_out = out;
}

void write_usage(json::Writer& out, const Usage& usage) {
  out.object();
  for (std::string_view kind : {"billed_units", "tokens"}) {
    out.key(kind).object().key("input_tokens").number(usage.input());
    out.key("output_tokens").number(usage.output()).end_object();
  }
  if (usage.cache_read >= 0) out.key("cached_tokens").number(usage.cache_read);
  out.end_object();
}

}  // namespace hanse::cohere_chat
