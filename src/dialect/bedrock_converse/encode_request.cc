// A request for Converse, first half: the options around the conversation.
#include "base/bytes.h"
#include "dialect/bedrock_converse/encoder.h"
#include "dialect/effort.h"
#include "dialect/tool_names.h"
#include "dialect/tool_schema.h"

namespace hanse::bedrock_converse {
namespace {

constexpr int64_t kBudgetMin = 1024;  // Anthropic's
constexpr size_t kToolNameMax = 64;

using Mode = canon::ReasoningOptions::Mode;
using ChoiceKind = canon::ToolChoice::Kind;
using FormatKind = canon::OutputFormat::Kind;

std::optional<double> value_of(canon::Raw number) {
  double out = 0;
  auto [end, e] = std::from_chars(number.json.data(), number.json.data() + number.json.size(), out);
  if (e != std::errc()) return {};
  return out;
}

// The words that all models with levels know.
canon::Text plain_effort(std::string_view word) { return {word == "minimal" ? "low" : word}; }

constexpr size_t kTagsMax = 16;

// What the vendor takes in a tag. Nothing of it needs an escape, so the escaped text may be looked at.
bool is_tag(std::string_view text, size_t least) {
  constexpr size_t kTagBytesMax = 256;
  constexpr std::string_view kMore = " :_@$#=/+,-.";
  if (text.size() < least || text.size() > kTagBytesMax) return false;
  return std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMore.find(c) != std::string_view::npos;
  });
}

}  // namespace

// "us.anthropic.claude-sonnet-4-5-v1:0", or an ARN with such a name in it.
Maker maker_of(std::string_view model) {
  auto has = [&](std::string_view word) { return model.find(word) != std::string_view::npos; };
  if (has("anthropic.") || has("claude")) return Maker::anthropic;
  if (has("amazon.") || has("nova-")) return Maker::amazon;
  if (has("openai.") || has("gpt-oss")) return Maker::openai;
  return Maker::other;
}

std::string RequestEncoder::encode() {
  body_.reserve(4096);
  plan_thinking();
  out_.object();
  system();
  messages();
  inference();
  tools();
  model_fields();
  output_config();
  service_tier();
  metadata();
  out_.end_object();
  report_losses();
  return std::move(body_);
}

// How hard to think. Anthropic's models take a number of tokens, by the table of dialect/effort.h; others
// take the word.
void RequestEncoder::plan_thinking() {
  const auto& asked = request_.reasoning;
  max_tokens_ = request_.output_tokens_max;
  if (asked.mode == Mode::off || asked.effort.escaped == "none") {
    thinking_ = Thinking::off;
    return;
  }
  if (asked.mode == Mode::unset && asked.effort.empty()) return;
  if (maker_ != Maker::anthropic) {
    thinking_ = Thinking::effort;
    return;
  }
  const auto kind = request_.tool_choice.kind;
  const bool forced = kind == ChoiceKind::required || kind == ChoiceKind::named;
  // Each of these is a refusal at the model: a forced call, a begun answer, an open call that came without
  // thinking.
  if (forced || conversation_.ends_with_assistant() || conversation_.last_calls_lack_thinking())
    drop_thinking();
  else if (asked.mode == Mode::adaptive)
    thinking_ = Thinking::adaptive;
  else
    plan_budget();
}

// The client's own number stands as far as the model takes it, from its least to less than the most tokens of
// the answer, of which it is a part. Of what a number is made up for, half is left for the answer.
void RequestEncoder::plan_budget() {
  const auto& asked = request_.reasoning;
  const auto made_up = budget_of_effort(asked.effort.escaped);
  if (!asked.budget_tokens && !made_up) return drop_thinking();
  thinking_ = Thinking::budget;
  budget_ = asked.budget_tokens ? std::max(*asked.budget_tokens, kBudgetMin) : *made_up;
  if (!max_tokens_)
    max_tokens_ = target_.output_tokens_max_default + budget_;
  else
    budget_ = std::min(budget_, asked.budget_tokens ? *max_tokens_ - 1 : *max_tokens_ / 2);
  if (budget_ < kBudgetMin) return drop_thinking();
  if (asked.budget_tokens && budget_ != *asked.budget_tokens) losses_.add("thinking.budget_tokens");
}

void RequestEncoder::drop_thinking() {
  thinking_ = Thinking::unset;
  max_tokens_ = request_.output_tokens_max;
  losses_.add(request_.reasoning.effort.empty() ? "thinking" : "reasoning_effort");
}

// In the vendor's range, and beside Claude's thinking what goes with that.
bool RequestEncoder::keeps(const canon::Raw& value, std::string_view name) {
  if (value.empty()) return false;
  auto number = value_of(value);
  bool good = number && *number >= 0 && *number <= 1;
  if (good && thinks()) good = name == "temperature" ? *number == 1 : *number >= 0.95;
  if (!good) losses_.add(std::string(name));
  return good;
}

void RequestEncoder::inference() {
  const auto& asked = request_.sampling;
  const bool temperature = keeps(asked.temperature, "temperature"), top_p = keeps(asked.top_p, "top_p");
  const auto over = value_of(asked.temperature);
  const bool hot = !temperature && !thinks() && over && *over > 1;  // others go up to 2: the nearest
  const bool stop = std::ranges::any_of(request_.stop, [](canon::Text word) { return !word.empty(); });
  if (stop != !request_.stop.empty()) losses_.add("stop");
  if (!max_tokens_ && !temperature && !hot && !top_p && !stop) return;
  out_.key("inferenceConfig").object();
  if (max_tokens_) out_.key("maxTokens").number(*max_tokens_);
  if (temperature) out_.key("temperature").raw(asked.temperature);
  if (hot) out_.key("temperature").number(1);
  if (top_p) out_.key("topP").raw(asked.top_p);
  if (stop) stops();
  out_.end_object();
}

void RequestEncoder::stops() {
  out_.key("stopSequences").array();
  for (canon::Text word : request_.stop) {
    if (word.empty())
      losses_.add("stop");
    else
      out_.text(word);
  }
  out_.end_array();
}

// A conversation in which tools were called must offer tools, so "none" can't always be said, and what is
// missing is made up of the names alone.
void RequestEncoder::tools() {
  std::set<std::string_view> called;
  for (const Message& each : conversation_.messages)
    for (const Item& item : each.items)
      if (const auto* call = item.part ? item.part->as<canon::ToolCallPart>() : nullptr)
        called.insert(call->name.escaped);
  const ChoiceKind kind = request_.tool_choice.kind;
  const bool none = kind == ChoiceKind::none;
  drops_tools_ = none && called.empty();
  if (none && !called.empty()) losses_.add("tool_choice");
  if (!offers_tools()) {
    if (kind == ChoiceKind::required || kind == ChoiceKind::named) losses_.add("tool_choice");
    if (!called.empty()) stub_tools(called);
    return;
  }
  out_.key("toolConfig").object().key("tools").array();
  for (const canon::Tool& tool : request_.tools) {
    out_.object().key("toolSpec").object().key("name").text(tool.name);
    if (!is_blank(tool.description)) out_.key("description").text(tool.description);
    out_.key("inputSchema").object().key("json");
    write_object_schema(tool.schema, out_);
    out_.end_object();
    if (tool.strict) out_.key("strict").boolean(*tool.strict);
    out_.end_object().end_object();
    if (!tool.cache_control.empty()) cache_point(tool.cache_control, request_.path(tool));
  }
  out_.end_array();
  if (tool_choice()) out_.end_object();
  out_.end_object();
}

// Leaves the object of the choice open.
bool RequestEncoder::tool_choice() {
  const auto& choice = request_.tool_choice;
  switch (choice.kind) {
    case ChoiceKind::unset:
    case ChoiceKind::none:
      return false;
    case ChoiceKind::automatic:
      out_.key("toolChoice").object().key("auto").object().end_object();
      return true;
    case ChoiceKind::required:
      out_.key("toolChoice").object().key("any").object().end_object();
      return true;
    case ChoiceKind::named:
      out_.key("toolChoice").object().key("tool").object().key("name").text(choice.name).end_object();
      return true;
  }
  return false;
}

void RequestEncoder::stub_tools(const std::set<std::string_view>& names) {
  out_.key("toolConfig").object().key("tools").array();
  for (std::string_view name : names) {
    out_.object().key("toolSpec").object().key("name").text({name}).key("inputSchema").object().key("json");
    write_object_schema({}, out_);
    out_.end_object().end_object().end_object();
  }
  out_.end_array().end_object();
}

// What the maker of the model knows beyond the dialect.
void RequestEncoder::model_fields() {
  std::string fields;
  json::Writer w(fields);
  top_k(w);
  thinking_fields(w);
  parallel_field(w);
  if (!fields.empty()) out_.key("additionalModelRequestFields").raw("{" + fields + "}");
  // Which of the words it met, the dialect doesn't say: a whole answer has it here, a stream there.
  if (maker_ == Maker::anthropic && !request_.stop.empty())
    out_.key("additionalModelResponseFieldPaths").raw(R"(["/stop_sequence","/delta/stop_sequence"])");
}

void RequestEncoder::top_k(json::Writer& fields) {
  const canon::Raw asked = request_.sampling.top_k;
  if (asked.empty()) return;
  if (maker_ == Maker::anthropic && !thinks())
    fields.key("top_k").raw(asked);
  else if (maker_ == Maker::amazon)
    fields.key("inferenceConfig").object().key("topK").raw(asked).end_object();
  else
    losses_.add("top_k");
}

void RequestEncoder::thinking_fields(json::Writer& fields) {
  const auto& asked = request_.reasoning;
  switch (thinking_) {
    case Thinking::unset:
      return;
    case Thinking::off:
      if (maker_ == Maker::anthropic) fields.key("thinking").raw(R"({"type":"disabled"})");
      if (maker_ == Maker::amazon) fields.key("reasoningConfig").raw(R"({"type":"disabled"})");
      return;
    case Thinking::adaptive:
      fields.key("thinking").raw(R"({"type":"adaptive"})");
      return;
    case Thinking::budget:
      fields.key("thinking").object().key("type").text({"enabled"});
      fields.key("budget_tokens").number(budget_).end_object();
      return;
    case Thinking::effort:
      break;
  }
  const int64_t budget = asked.budget_tokens.value_or(0);
  const bool word = !asked.effort.empty();
  if (!word && budget == 0) {  // "adaptive" alone: as the model does anyway
    losses_.add("thinking");
    return;
  }
  const canon::Text effort = plain_effort(word ? asked.effort.escaped : effort_of_budget(budget));
  if (maker_ == Maker::amazon)
    fields.key("reasoningConfig").object().key("type").text({"enabled"}).key("maxReasoningEffort");
  else if (maker_ == Maker::openai)
    fields.key("reasoning_effort");
  else
    return;  // goes to the dialect's own field, in output_config()
  fields.text(effort);
  if (maker_ == Maker::amazon) fields.end_object();
}

// Whoever can't say that one call at most is wanted loses that; Claude's own words say it.
void RequestEncoder::parallel_field(json::Writer& fields) {
  const auto& choice = request_.tool_choice;
  if (choice.parallel != false || !offers_tools() || choice.kind == ChoiceKind::none) return;
  if (maker_ != Maker::anthropic) {
    losses_.add("parallel_tool_calls");
    return;
  }
  fields.key("tool_choice").object().key("type");
  if (choice.kind == ChoiceKind::named)
    fields.text({"tool"}).key("name").text(choice.name);
  else
    fields.text({choice.kind == ChoiceKind::required ? "any" : "auto"});
  fields.key("disable_parallel_tool_use").boolean(true).end_object();
}

void RequestEncoder::output_config() {
  const auto& format = request_.output;
  const auto& asked = request_.reasoning;
  const bool schema = format.kind == FormatKind::json_schema && !format.schema.empty();
  const bool word = !asked.effort.empty();
  const bool effort =
      (thinking_ == Thinking::adaptive && word) ||
      (thinking_ == Thinking::effort && maker_ == Maker::other && (word || asked.budget_tokens));
  if (!schema && !effort) return;
  out_.key("outputConfig").object();
  if (effort)
    out_.key("effort").text(
        plain_effort(word ? asked.effort.escaped : effort_of_budget(asked.budget_tokens.value_or(0))));
  if (schema) {
    out_.key("textFormat").object().key("type").text({"json_schema"}).key("structure").object();
    out_.key("jsonSchema").object().key("schema").string(format.schema.json);
    if (!format.name.empty()) out_.key("name").text(format.name);
    if (!format.description.empty()) out_.key("description").text(format.description);
    out_.end_object().end_object().end_object();
  }
  out_.end_object();
}

void RequestEncoder::service_tier() {
  std::string_view tier = request_.service_tier.escaped;
  if (tier.empty() || tier == "auto") return;
  if (tier == "standard_only") tier = "default";
  if (tier == "priority" || tier == "default" || tier == "flex" || tier == "reserved")
    out_.key("serviceTier").object().key("type").text({tier}).end_object();
  else
    losses_.add("service_tier");
}

// Tags of the request, of texts that the vendor limits.
void RequestEncoder::metadata() {
  if (request_.metadata.empty()) return;
  constexpr int kDepthMax = 64;
  thread_local json::Document document;  // not scratch(): the client's body may be in it
  auto root = document.parse(request_.metadata.json, kDepthMax, json::Check::structure);
  size_t written = 0;
  for (json::Value tag : root ? *root : json::Value()) {
    if (!tag.is_string() || written == kTagsMax || !is_tag(tag.key().escaped, 1) ||
        !is_tag(tag.text().escaped, 0)) {
      losses_.add("metadata." + json::unescape(tag.key()));
      continue;
    }
    if (written++ == 0) out_.key("requestMetadata").object();
    out_.key_text(tag.key()).text(tag.text());
  }
  if (written) out_.end_object();
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
  lost(format.kind == FormatKind::json_object, "response_format");
  lost(format.kind == FormatKind::json_schema && format.schema.empty(), "response_format");
  lost(format.strict.has_value() && *format.strict, "response_format.json_schema.strict");
  lost(!request_.user.empty(), "user");
  for (const auto& extra : request_.extras) losses_.add(extra.path);
}

Result<std::string> write_request(const canon::Request& request, const Target& target,
                                  canon::Losses& losses) {
  TRY_VOID(check_tool_names(request, kToolNameMax));
  return RequestEncoder(request, target, losses).encode();
}

}  // namespace hanse::bedrock_converse
