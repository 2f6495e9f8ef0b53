// Usage and reasons to stop, both ways.
#include <algorithm>

#include "dialect/google_gemini/wire.h"
#include "dialect/token_count.h"

namespace hanse::google_gemini {
namespace {

using enum canon::StopReason;

constexpr std::string_view kCountNames[kCounts] = {"promptTokenCount", "cachedContentTokenCount",
                                                   "candidatesTokenCount", "thoughtsTokenCount",
                                                   "toolUsePromptTokenCount"};

struct ReasonRow {
  std::string_view name;
  canon::StopReason reason;
};
// Those that no other dialect knows stay `unknown`, with their own word.
constexpr ReasonRow kReasons[] = {
    {"STOP", end},
    {"MAX_TOKENS", length},
    {"SAFETY", filtered},
    {"RECITATION", filtered},
    {"BLOCKLIST", filtered},
    {"PROHIBITED_CONTENT", filtered},
    {"SPII", filtered},
    {"IMAGE_SAFETY", filtered},
    {"IMAGE_PROHIBITED_CONTENT", filtered},
    {"IMAGE_RECITATION", filtered},
    {"MODEL_ARMOR", filtered},
    {"ESCALATION", filtered},
    {"LANGUAGE", unknown},
    {"OTHER", unknown},
    {"MALFORMED_FUNCTION_CALL", unknown},
    {"IMAGE_OTHER", unknown},
    {"NO_IMAGE", unknown},
    {"UNEXPECTED_TOOL_CALL", unknown},
    {"TOO_MANY_TOOL_CALLS", unknown},
    {"MISSING_THOUGHT_SIGNATURE", unknown},
    {"MALFORMED_RESPONSE", unknown},
};

}  // namespace

int count_of(std::string_view name) {
  for (size_t i = 0; i < kCounts; ++i)
    if (kCountNames[i] == name) return static_cast<int>(i);
  return -1;
}

// A count of nothing is left out on this wire. Each report replaces the one before: where the vendor's own
// tools run in between, counts go down again.
bool set_usage(canon::Usage& usage, const Counts& counts) {
  const int64_t prompt = counts[0];
  if (prompt < 0) return false;
  auto count = [&](size_t at) { return std::max<int64_t>(0, counts[at]); };
  usage.cache_read = std::min(count(1), prompt);  // a part is no more than its whole
  usage.uncached_in = prompt - usage.cache_read;
  usage.visible_out = count(2);
  usage.reasoning_out = count(3);
  usage.tool_prompt_in = count(4);
  return true;
}

void update_usage(canon::Usage& usage, json::Value wire) {
  Counts counts;
  for (json::Value member : wire)
    if (int at = count_of(member.key().escaped); at >= 0)
      counts[static_cast<size_t>(at)] = token_count(member);
  set_usage(usage, counts);
}

void write_usage(json::Writer& out, const canon::Usage& usage) {
  const int64_t tools = canon::Usage::zero(usage.tool_prompt_in);
  out.object().key("promptTokenCount").number(usage.input() - tools);
  out.key("candidatesTokenCount").number(canon::Usage::zero(usage.visible_out));
  out.key("totalTokenCount").number(usage.input() + usage.output());
  if (usage.cache_read > 0) out.key("cachedContentTokenCount").number(usage.cache_read);
  if (usage.reasoning_out > 0) out.key("thoughtsTokenCount").number(usage.reasoning_out);
  if (tools > 0) out.key("toolUsePromptTokenCount").number(tools);
  out.end_object();
}

canon::Stop stop_of(canon::Text reason) {
  for (const ReasonRow& row : kReasons)
    if (row.name == reason.escaped && row.reason != unknown) return {row.reason, {}, {}};
  return {unknown, {}, reason};
}

std::string_view finish_reason(canon::StopReason reason, std::string_view original) {
  for (const ReasonRow& row : kReasons)
    if (row.name == original) return row.name;
  switch (reason) {
    case length:
    case context_full:
      return "MAX_TOKENS";
    case filtered:
      return "SAFETY";
    case end:
    case stop_sequence:
    case tool_calls:
    case paused:
    case unknown:
      break;
  }
  return "STOP";
}

canon::Text block_reason(json::Value root) { return root["promptFeedback"]["blockReason"].text(); }

bool is_answer(json::Value root) {
  return root["candidates"].is_array() || root["usageMetadata"].is_object() ||
         root["promptFeedback"].is_object();
}

}  // namespace hanse::google_gemini
