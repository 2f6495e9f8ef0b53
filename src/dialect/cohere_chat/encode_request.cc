// A request for the provider, first half: the options around the conversation.
#include "dialect/cohere_chat/encoder.h"
#include "dialect/cohere_chat/wire.h"
#include "dialect/effort.h"
#include "dialect/tool_names.h"

namespace hanse::cohere_chat {

using ChoiceKind = canon::ToolChoice::Kind;
using FormatKind = canon::OutputFormat::Kind;
using Mode = canon::ReasoningOptions::Mode;

namespace {

constexpr size_t kStopsMax = 5;  // the vendor's
constexpr size_t kToolNameMax = 64;

}  // namespace

std::string RequestEncoder::encode() {
  body_.reserve(4096);
  out_.object().key("model").string(target_.model);
  messages();
  tools();
  output_format();
  sampling();
  thinking();
  if (request_.output_tokens_max) out_.key("max_tokens").number(*request_.output_tokens_max);
  if (request_.stream) out_.key("stream").boolean(true);
  out_.end_object();
  report_losses();
  return std::move(body_);
}

// The vendor can be told that a tool must be called, but not which: so that one alone is offered.
void RequestEncoder::tools() {
  const canon::ToolChoice& choice = request_.tool_choice;
  const bool named = choice.kind == ChoiceKind::named;
  bool any = false, strict = false;
  for (const canon::Tool& tool : request_.tools) {
    if (!tool.cache_control.empty()) losses_.add(request_.path(tool) + ".cache_control");
    if (named && tool.name != choice.name) continue;
    if (!any) out_.key("tools").array();
    any = true;
    strict = strict || tool.strict.value_or(false);
    out_.object().key("type").text({"function"}).key("function").object().key("name").text(tool.name);
    if (!tool.description.empty()) out_.key("description").text(tool.description);
    out_.key("parameters")
        .raw(tool.schema.empty() ? json::Raw{R"({"type":"object","properties":{}})"} : tool.schema);
    out_.end_object().end_object();
  }
  if (any) {
    out_.end_array();
    if (strict) out_.key("strict_tools").boolean(true);
    if (named || choice.kind == ChoiceKind::required) out_.key("tool_choice").text({"REQUIRED"});
    if (choice.kind == ChoiceKind::none) out_.key("tool_choice").text({"NONE"});
  } else if (named || choice.kind == ChoiceKind::required) {
    losses_.add("tool_choice");
  }
  if (choice.parallel == false && any) losses_.add("parallel_tool_calls");
}

void RequestEncoder::output_format() {
  const canon::OutputFormat& format = request_.output;
  if (format.kind != FormatKind::json_object && format.kind != FormatKind::json_schema) return;
  if (!format.description.empty()) losses_.add("response_format.json_schema.description");
  out_.key("response_format").object().key("type").text({"json_object"});
  if (format.kind == FormatKind::json_schema) out_.key("json_schema").raw(format.schema);
  out_.end_object();
}

void RequestEncoder::sampling() {
  const canon::Sampling& sampling = request_.sampling;
  raw("temperature", sampling.temperature);
  raw("p", sampling.top_p);
  raw("k", sampling.top_k);
  raw("seed", sampling.seed);
  raw("frequency_penalty", sampling.frequency_penalty);
  raw("presence_penalty", sampling.presence_penalty);
  if (!sampling.logit_bias.empty()) losses_.add("logit_bias");
  // One answer is read back, and no log probabilities: so none are asked, and paid, for.
  if (!sampling.n.empty() && sampling.n.json != "1") losses_.add("n");
  if (!sampling.logprobs.empty()) losses_.add("logprobs");
  if (!sampling.top_logprobs.empty() && sampling.top_logprobs.json != "0") losses_.add("top_logprobs");
  if (request_.stop.empty()) return;
  if (request_.stop.size() > kStopsMax) losses_.add("stop");
  out_.key("stop_sequences").array();
  for (size_t i = 0; i < std::min(request_.stop.size(), kStopsMax); ++i) out_.text(request_.stop[i]);
  out_.end_array();
}

void RequestEncoder::thinking() {
  const canon::ReasoningOptions& reasoning = request_.reasoning;
  const bool off = reasoning.mode == Mode::off || reasoning.effort.escaped == "none";
  std::optional<int64_t> budget = reasoning.budget_tokens;
  if (!budget && !reasoning.effort.empty() && !off) {
    budget = budget_of_effort(reasoning.effort.escaped);
    // A budget that is made up leaves at least half of the answer.
    if (budget && request_.output_tokens_max) budget = std::min(*budget, *request_.output_tokens_max / 2);
  }
  if (!off && !budget && reasoning.mode != Mode::adaptive) return;
  out_.key("thinking").object().key("type").text({off ? "disabled" : "enabled"});
  if (!off && budget && *budget > 0) out_.key("token_budget").number(*budget);
  out_.end_object();
}

void RequestEncoder::report_losses() {
  if (!request_.user.empty()) losses_.add("user");
  if (!request_.metadata.empty()) losses_.add("metadata");
  if (!request_.service_tier.empty()) losses_.add("service_tier");
  for (const auto& extra : request_.extras) losses_.add(extra.path);
}

Result<std::string> write_request(const canon::Request& request, const Target& target,
                                  canon::Losses& losses) {
  TRY_VOID(check_tool_names(request, kToolNameMax));
  return RequestEncoder(request, target, losses).encode();
}

}  // namespace hanse::cohere_chat
