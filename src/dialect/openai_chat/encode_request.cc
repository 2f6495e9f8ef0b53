// A request for a provider, first half: the options around the conversation.
#include "dialect/effort.h"
#include "dialect/openai_chat/encoder.h"
#include "dialect/openai_chat/wire.h"
#include "dialect/tool_names.h"

namespace hanse::openai_chat {
namespace {

constexpr size_t kStopsMax = 4;  // these are the vendor's
constexpr size_t kToolNameMax = 64;

}  // namespace

std::string RequestEncoder::encode() {
  body_.reserve(4096);
  out_.object().key("model").string(target_.model);
  messages();
  tools();
  tool_choice();
  output_format();
  sampling();
  stop();
  reasoning();
  // The vendor's newest models refuse the old name, compatible servers may not know the new one.
  if (request_.output_tokens_max)
    out_.key(target_.official ? "max_completion_tokens" : "max_tokens").number(*request_.output_tokens_max);
  if (!request_.user.empty()) out_.key("user").text(request_.user);
  // Usage is asked for whatever the client wants to see: accounts are kept by it.
  if (request_.stream) {
    out_.key("stream").boolean(true);
    out_.key("stream_options").object().key("include_usage").boolean(true).end_object();
  }
  out_.end_object();
  report_losses();
  return std::move(body_);
}

void RequestEncoder::report_losses() {
  if (!request_.metadata.empty()) losses_.add("metadata");
  if (!request_.service_tier.empty()) losses_.add("service_tier");
  for (const auto& extra : request_.extras) losses_.add(extra.path);
}

void RequestEncoder::tools() {
  if (request_.tools.empty()) return;
  out_.key("tools").array();
  for (const canon::Tool& tool : request_.tools) {
    out_.object().key("type").text({"function"}).key("function").object().key("name").text(tool.name);
    if (!tool.description.empty()) out_.key("description").text(tool.description);
    raw("parameters", tool.schema);
    if (tool.strict) out_.key("strict").boolean(*tool.strict);
    out_.end_object().end_object();
    if (!tool.cache_control.empty()) losses_.add(request_.path(tool) + ".cache_control");
  }
  out_.end_array();
}

void RequestEncoder::tool_choice() {
  using Kind = canon::ToolChoice::Kind;
  const canon::ToolChoice& choice = request_.tool_choice;
  if (request_.tools.empty()) {  // a choice without tools is refused
    if (choice.kind == Kind::required || choice.kind == Kind::named) losses_.add("tool_choice");
    return;
  }
  if (choice.kind == Kind::automatic) out_.key("tool_choice").text({"auto"});
  if (choice.kind == Kind::none) out_.key("tool_choice").text({"none"});
  if (choice.kind == Kind::required) out_.key("tool_choice").text({"required"});
  if (choice.kind == Kind::named) {
    out_.key("tool_choice").object().key("type").text({"function"});
    out_.key("function").object().key("name").text(choice.name).end_object().end_object();
  }
  if (choice.parallel) out_.key("parallel_tool_calls").boolean(*choice.parallel);
}

void RequestEncoder::output_format() {
  const canon::OutputFormat& format = request_.output;
  if (format.kind == canon::OutputFormat::Kind::json_object)
    out_.key("response_format").object().key("type").text({"json_object"}).end_object();
  if (format.kind != canon::OutputFormat::Kind::json_schema) return;
  out_.key("response_format").object().key("type").text({"json_schema"}).key("json_schema").object();
  out_.key("name").text(format.name.empty() ? canon::Text{"response"} : format.name);
  if (!format.description.empty()) out_.key("description").text(format.description);
  out_.key("schema").raw(format.schema);
  // Not made up: a strict schema must follow rules that the client's may break, and would be refused for.
  if (format.strict) out_.key("strict").boolean(*format.strict);
  out_.end_object().end_object();
}

void RequestEncoder::sampling() {
  const canon::Sampling& sampling = request_.sampling;
  raw("temperature", sampling.temperature);
  raw("top_p", sampling.top_p);
  raw("seed", sampling.seed);
  raw("frequency_penalty", sampling.frequency_penalty);
  raw("presence_penalty", sampling.presence_penalty);
  raw("logit_bias", sampling.logit_bias);
  if (!sampling.top_k.empty()) losses_.add("top_k");
  // One answer is read back, and no log probabilities: so none are asked, and paid, for.
  if (!sampling.n.empty() && sampling.n.json != "1") losses_.add("n");
  if (!sampling.logprobs.empty()) losses_.add("logprobs");
  if (!sampling.top_logprobs.empty() && sampling.top_logprobs.json != "0") losses_.add("top_logprobs");
}

void RequestEncoder::stop() {
  if (request_.stop.empty()) return;
  if (request_.stop.size() > kStopsMax) losses_.add("stop");
  out_.key("stop").array();
  for (size_t i = 0; i < std::min(request_.stop.size(), kStopsMax); ++i) out_.text(request_.stop[i]);
  out_.end_array();
}

// Words go as they are, budgets by the table of dialect/effort.h. `adaptive` is what happens anyway, and to
// think less than a model's least has no word that all of them know.
void RequestEncoder::reasoning() {
  const canon::ReasoningOptions& reasoning = request_.reasoning;
  if (!reasoning.effort.empty())
    out_.key("reasoning_effort").text(reasoning.effort);
  else if (reasoning.budget_tokens)
    out_.key("reasoning_effort").string(effort_of_budget(*reasoning.budget_tokens));
  else if (reasoning.mode == canon::ReasoningOptions::Mode::off)
    losses_.add("thinking");
}

Result<std::string> write_request(const canon::Request& request, const Target& target,
                                  canon::Losses& losses) {
  TRY_VOID(check_tool_names(request, kToolNameMax));
  return RequestEncoder(request, target, losses).encode();
}

}  // namespace hanse::openai_chat
