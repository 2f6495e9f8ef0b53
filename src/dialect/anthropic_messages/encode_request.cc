// A request for an Anthropic server, first half: the options around the conversation.
#include "dialect/anthropic_messages/encoder.h"
#include "dialect/effort.h"
#include "dialect/tool_names.h"
#include "dialect/tool_schema.h"

namespace hanse::anthropic_messages {
namespace {

constexpr int64_t kBudgetMin = 1024;  // these are the vendor's
constexpr size_t kToolNameMax = 128;

using Mode = canon::ReasoningOptions::Mode;

std::optional<double> value_of(canon::Raw number) {
  double out = 0;
  auto [end, e] = std::from_chars(number.json.data(), number.json.data() + number.json.size(), out);
  if (e != std::errc()) return {};
  return out;
}

}  // namespace

std::string RequestEncoder::encode() {
  body_.reserve(4096);
  plan_thinking();
  out_.object();
  if (hosting_.version.empty())
    out_.key("model").string(target_.model);
  else
    out_.key("anthropic_version").text({hosting_.version});
  out_.key("max_tokens").number(max_tokens_);
  if (request_.stream && (hosting_.version.empty() || hosting_.says_stream)) out_.key("stream").boolean(true);
  system();
  messages();
  tools();
  tool_choice();
  thinking();
  output_config();
  sampling();
  stops();
  service_tier();
  if (!request_.user.empty()) out_.key("metadata").object().key("user_id").text(request_.user).end_object();
  out_.end_object();
  report_losses();
  return std::move(body_);
}

// How hard to think, by the table of dialect/effort.h, within what the vendor allows.
void RequestEncoder::plan_thinking() {
  const auto& asked = request_.reasoning;
  max_tokens_ = request_.output_tokens_max.value_or(target_.output_tokens_max_default);
  if (asked.mode == Mode::off || asked.effort.escaped == "none") {
    thinking_ = Thinking::off;
    return;
  }
  if (asked.mode == Mode::unset && asked.effort.empty()) return;
  const auto kind = request_.tool_choice.kind;
  const bool forced = kind == canon::ToolChoice::Kind::required || kind == canon::ToolChoice::Kind::named;
  // Each of these is a refusal at the vendor: a forced call, a begun answer, an open call that came without
  // thinking.
  if (forced || conversation_.ends_with_assistant() || conversation_.last_calls_lack_thinking())
    drop_thinking();
  else if (asked.mode == Mode::adaptive)
    thinking_ = Thinking::adaptive;
  else if (asked.budget_tokens)
    take_budget(*asked.budget_tokens);
  else if (auto budget = budget_of_effort(asked.effort.escaped))
    make_up_budget(*budget);
  else
    drop_thinking();
}

// The client's own number stands as far as the vendor takes it: from its least to less than max_tokens, of
// which it is a part.
void RequestEncoder::take_budget(int64_t budget) {
  thinking_ = Thinking::budget;
  budget_ = std::max(budget, kBudgetMin);
  if (!request_.output_tokens_max) max_tokens_ += budget_;
  budget_ = std::min(budget_, max_tokens_ - 1);
  if (budget_ < kBudgetMin)
    drop_thinking();
  else if (budget_ != budget)
    losses_.add("thinking.budget_tokens");
}

// A number for a word. Of what the client limits half is left for the answer; what it left open is made
// larger.
void RequestEncoder::make_up_budget(int64_t budget) {
  thinking_ = Thinking::budget;
  budget_ = request_.output_tokens_max ? std::min(budget, max_tokens_ / 2) : budget;
  if (!request_.output_tokens_max) max_tokens_ += budget_;
  if (budget_ < kBudgetMin) drop_thinking();
}

void RequestEncoder::drop_thinking() {
  thinking_ = Thinking::unset;
  losses_.add(request_.reasoning.effort.empty() ? "thinking" : "reasoning_effort");
}

void RequestEncoder::thinking() {
  if (thinking_ == Thinking::unset) return;
  out_.key("thinking").object().key("type");
  if (thinking_ == Thinking::budget)
    out_.string("enabled").key("budget_tokens").number(budget_);
  else
    out_.string(thinking_ == Thinking::off ? "disabled" : "adaptive");
  out_.end_object();
}

void RequestEncoder::output_config() {
  const auto& format = request_.output;
  const bool schema = format.kind == canon::OutputFormat::Kind::json_schema && !format.schema.empty();
  const bool effort = thinking_ == Thinking::adaptive && !request_.reasoning.effort.empty();
  if (!schema && !effort) return;
  out_.key("output_config").object();
  if (effort) {
    const bool least = request_.reasoning.effort.escaped == "minimal";
    out_.key("effort").text(least ? canon::Text{"low"} : request_.reasoning.effort);
  }
  if (schema)
    out_.key("format")
        .object()
        .key("type")
        .string("json_schema")
        .key("schema")
        .raw(format.schema)
        .end_object();
  out_.end_object();
}

// Whether a sampling option may go along unchanged: in its range, and allowed beside thinking.
bool RequestEncoder::keeps(const canon::Raw& value, std::string_view name, double low, double high) {
  if (value.empty()) return false;
  const bool thinks = thinking_ == Thinking::budget || thinking_ == Thinking::adaptive;
  auto number = value_of(value);
  bool good = number && *number >= low && *number <= high;
  if (good && thinks) good = (name == "temperature" && *number == 1) || (name == "top_p" && *number >= 0.95);
  if (!good) losses_.add(std::string(name));
  return good;
}

void RequestEncoder::sampling() {
  const auto& asked = request_.sampling;
  const bool thinks = thinking_ == Thinking::budget || thinking_ == Thinking::adaptive;
  // The other vendors go up to 2: the nearest that can be said.
  if (keeps(asked.temperature, "temperature", 0, 1))
    out_.key("temperature").raw(asked.temperature);
  else if (auto over = value_of(asked.temperature); over && *over > 1 && !thinks)
    out_.key("temperature").number(1);
  if (keeps(asked.top_p, "top_p", 0, 1)) out_.key("top_p").raw(asked.top_p);
  if (keeps(asked.top_k, "top_k", 0, 1e9)) out_.key("top_k").raw(asked.top_k);
}

void RequestEncoder::stops() {
  bool any = false;
  for (canon::Text stop : request_.stop) {
    if (is_blank(stop)) {
      losses_.add("stop");
      continue;
    }
    if (!any) out_.key("stop_sequences").array();
    any = true;
    out_.text(stop);
  }
  if (any) out_.end_array();
}

void RequestEncoder::tools() {
  if (request_.tools.empty()) return;
  out_.key("tools").array();
  for (const auto& tool : request_.tools) {
    out_.object().key("name").text(tool.name);
    if (!tool.description.empty()) out_.key("description").text(tool.description);
    write_object_schema(tool.schema, out_.key("input_schema"));
    if (tool.strict) out_.key("strict").boolean(*tool.strict);
    if (!tool.cache_control.empty()) out_.key("cache_control").raw(tool.cache_control);
    out_.end_object();
  }
  out_.end_array();
}

void RequestEncoder::tool_choice() {
  using Kind = canon::ToolChoice::Kind;
  const auto& choice = request_.tool_choice;
  if (choice.kind == Kind::unset && choice.parallel.value_or(true)) return;
  if (request_.tools.empty()) {
    if (choice.kind == Kind::required || choice.kind == Kind::named) losses_.add("tool_choice");
    return;
  }
  out_.key("tool_choice").object().key("type");
  switch (choice.kind) {
    case Kind::unset:
    case Kind::automatic:
      out_.string("auto");
      break;
    case Kind::none:
      out_.string("none");
      break;
    case Kind::required:
      out_.string("any");
      break;
    case Kind::named:
      out_.string("tool").key("name").text(choice.name);
  }
  if (choice.parallel == false && choice.kind != Kind::none)
    out_.key("disable_parallel_tool_use").boolean(true);
  out_.end_object();
}

void RequestEncoder::service_tier() {
  std::string_view tier = request_.service_tier.escaped;
  if (tier.empty()) return;
  if (tier == "auto")
    out_.key("service_tier").string("auto");
  else if (tier == "default" || tier == "standard_only")
    out_.key("service_tier").string("standard_only");
  else
    losses_.add("service_tier");
}

void RequestEncoder::report_losses() {
  const auto& s = request_.sampling;
  auto lost = [&](bool is, std::string_view path) {
    if (is) losses_.add(std::string(path));
  };
  lost(!s.seed.empty(), "seed");
  lost(!s.logit_bias.empty(), "logit_bias");
  lost(value_of(s.frequency_penalty).value_or(0) != 0, "frequency_penalty");
  lost(value_of(s.presence_penalty).value_or(0) != 0, "presence_penalty");
  lost(value_of(s.n).value_or(1) != 1, "n");
  lost(s.logprobs.json == "true", "logprobs");
  lost(value_of(s.top_logprobs).value_or(0) != 0, "top_logprobs");
  const auto& format = request_.output;
  lost(format.kind == canon::OutputFormat::Kind::json_object, "response_format");
  lost(format.kind == canon::OutputFormat::Kind::json_schema && format.schema.empty(), "response_format");
  lost(!format.description.empty(), "response_format.json_schema.description");
  lost(!request_.metadata.empty(), "metadata");
  for (const auto& extra : request_.extras) losses_.add(extra.path);
}

Result<std::string> write_request(const canon::Request& request, const Target& target, canon::Losses& losses,
                                  Hosting hosting) {
  TRY_VOID(check_tool_names(request, kToolNameMax));
  return RequestEncoder(request, target, losses, hosting).encode();
}

}  // namespace hanse::anthropic_messages
