// A request for a Gemini model, first half: the options around the conversation.
#include <charconv>

#include "base/bytes.h"
#include "dialect/effort.h"
#include "dialect/google_gemini/encoder.h"
#include "dialect/google_gemini/schema.h"
#include "dialect/tool_names.h"

namespace hanse::google_gemini {
namespace {

constexpr size_t kStopsMax = 5;  // these are the vendor's
constexpr IdRule kToolNames{128, ":."};
constexpr int64_t kBudgetMax = 24576;  // of the model that takes least

bool is_zero(canon::Raw number) {
  double value = 1;
  std::from_chars(number.json.data(), number.json.data() + number.json.size(), value);
  return number.empty() || value == 0;
}

}  // namespace

std::string RequestEncoder::encode() {
  body_.reserve(4096);
  out_.object();
  system();
  contents();
  tools();
  tool_config();
  generation_config();
  service_tier();
  out_.end_object();
  report_losses();
  return std::move(body_);
}

void RequestEncoder::schema(std::string_view key, canon::Raw schema, const std::string& path) {
  out_.key(key).raw(std::string_view());
  write_schema(schema, path, body_, losses_);
}

void RequestEncoder::tools() {
  if (request_.tools.empty()) return;
  out_.key("tools").array().object().key("functionDeclarations").array();
  for (const canon::Tool& tool : request_.tools) {
    out_.object().key("name").text(tool.name);
    if (!tool.description.empty()) out_.key("description").text(tool.description);
    const std::string path = request_.path(tool);
    std::string_view word = request_.places ? request_.places->tool_schema : "parameters";
    if (!tool.schema.empty()) schema("parametersJsonSchema", tool.schema, path + "." + std::string(word));
    out_.end_object();
    if (tool.strict.value_or(false)) {
      std::string name = request_.name_path(tool);  // it stands beside the name
      losses_.add(name.replace(name.size() - 4, 4, "strict"));
    }
    if (!tool.cache_control.empty()) losses_.add(path + ".cache_control");
  }
  out_.end_array().end_object().end_array();
}

void RequestEncoder::tool_config() {
  using Kind = canon::ToolChoice::Kind;
  const canon::ToolChoice& choice = request_.tool_choice;
  if (choice.parallel == false) losses_.add("parallel_tool_calls");
  if (choice.kind == Kind::unset) return;
  if (request_.tools.empty()) {  // a choice without tools is refused
    if (choice.kind == Kind::required || choice.kind == Kind::named) losses_.add("tool_choice");
    return;
  }
  const bool must = choice.kind == Kind::required || choice.kind == Kind::named;
  out_.key("toolConfig").object().key("functionCallingConfig").object().key("mode");
  out_.string(must ? "ANY" : choice.kind == Kind::none ? "NONE" : "AUTO");
  if (choice.kind == Kind::named) out_.key("allowedFunctionNames").array().text(choice.name).end_array();
  out_.end_object().end_object();
}

json::Writer& RequestEncoder::config() {
  if (!std::exchange(in_config_, true)) out_.key("generationConfig").object();
  return out_;
}

void RequestEncoder::generation_config() {
  sampling();
  if (request_.output_tokens_max) config().key("maxOutputTokens").number(*request_.output_tokens_max);
  stops();
  output_format();
  thinking();
  if (in_config_) out_.end_object();
}

void RequestEncoder::sampling() {
  const canon::Sampling& asked = request_.sampling;
  number("temperature", asked.temperature);
  number("topP", asked.top_p);
  number("topK", asked.top_k);
  number("presencePenalty", asked.presence_penalty);
  number("frequencyPenalty", asked.frequency_penalty);
  int32_t seed = 0;
  auto [end, e] =
      std::from_chars(asked.seed.json.data(), asked.seed.json.data() + asked.seed.json.size(), seed);
  if (e == std::errc() && end == asked.seed.json.data() + asked.seed.json.size())
    number("seed", asked.seed);
  else if (!asked.seed.empty())
    losses_.add("seed");
  // One answer is read back, and no log probabilities: so none are asked, and paid, for.
  if (!asked.n.empty() && asked.n.json != "1") losses_.add("n");
  if (!asked.logprobs.empty()) losses_.add("logprobs");
  if (!is_zero(asked.top_logprobs)) losses_.add("top_logprobs");
}

void RequestEncoder::stops() {
  size_t written = 0;
  for (canon::Text stop : request_.stop) {
    if (stop.empty() || written == kStopsMax) {
      losses_.add("stop");
      continue;
    }
    if (written++ == 0) config().key("stopSequences").array();
    out_.text(stop);
  }
  if (written > 0) out_.end_array();
}

void RequestEncoder::output_format() {
  using Kind = canon::OutputFormat::Kind;
  const canon::OutputFormat& format = request_.output;
  if (format.kind != Kind::json_object && format.kind != Kind::json_schema) return;
  config().key("responseMimeType").string("application/json");
  if (!format.description.empty()) losses_.add("response_format.json_schema.description");
  if (format.kind == Kind::json_object || format.schema.empty()) return;
  const std::string_view place = request_.places ? request_.places->output_schema : "response_format";
  schema("responseJsonSchema", format.schema, std::string(place));
}

// Budgets, which all models take that think; words by the table of dialect/effort.h. `adaptive` is what they
// do by themselves.
void RequestEncoder::thinking() {
  using Mode = canon::ReasoningOptions::Mode;
  const canon::ReasoningOptions& asked = request_.reasoning;
  const bool off = asked.mode == Mode::off || asked.effort.escaped == "none";
  const bool any = asked.mode != Mode::unset || !asked.effort.empty() || asked.shown.value_or(false);
  if (!any) return;
  config().key("thinkingConfig").object();
  std::optional<int64_t> budget = asked.budget_tokens;
  if (!budget) budget = budget_of_effort(asked.effort.escaped);
  if (off) {
    out_.key("thinkingBudget").number(0);
  } else if (budget) {
    out_.key("thinkingBudget").number(std::min(*budget, kBudgetMax));
    if (asked.budget_tokens && *budget > kBudgetMax) losses_.add("thinking.budget_tokens");
  } else if (!asked.effort.empty()) {
    losses_.add("reasoning_effort");
  }
  if (!off && asked.shown.value_or(true)) out_.key("includeThoughts").boolean(true);
  out_.end_object();
}

void RequestEncoder::service_tier() {
  std::string_view tier = request_.service_tier.escaped;
  if (tier == "flex" || tier == "priority")
    out_.key("serviceTier").text(request_.service_tier);
  else if (!tier.empty() && tier != "auto" && tier != "default" && tier != "standard_only")
    losses_.add("service_tier");
}

void RequestEncoder::report_losses() {
  if (!request_.sampling.logit_bias.empty()) losses_.add("logit_bias");
  if (!request_.user.empty()) losses_.add("user");
  if (!request_.metadata.empty()) losses_.add("metadata");
  for (const auto& extra : request_.extras) losses_.add(extra.path);
}

Result<std::string> write_request(const canon::Request& request, const Target& target,
                                  canon::Losses& losses) {
  TRY_VOID(check_tool_names(request, kToolNames));
  return RequestEncoder(request, target, losses).encode();
}

}  // namespace hanse::google_gemini
