// A request for a provider: the options around the conversation. What a client of this dialect said of itself
// goes on as it came.
#include "dialect/effort.h"
#include "dialect/openai_responses/encoder.h"
#include "dialect/openai_responses/wire.h"
#include "dialect/tool_names.h"

namespace hanse::openai_responses {

using canon::Raw;
using Mode = canon::ReasoningOptions::Mode;

namespace {

constexpr size_t kToolNameMax = 64;
constexpr int64_t kOutputTokensLeast = 16;  // the vendor's
constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";
constexpr std::string_view kEncrypted = R"("reasoning.encrypted_content")";

// Written from the canonical form, or by this encoder's own judgement.
constexpr std::string_view kWritten[] = {
    "include", "instructions", "max_output_tokens", "previous_response_id", "store", "temperature",
    "tools",   "top_p"};

bool is_written(std::string_view name) {
  for (std::string_view each : kWritten)
    if (each == name) return true;
  return false;
}

bool is_tier(canon::Text word) {
  for (std::string_view each : {"auto", "default", "flex", "scale", "priority"})
    if (word.escaped == each) return true;
  return false;
}

// A field of the request itself, by a name that needs no escaping.
bool is_member(std::string_view path) {
  for (char c : path)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return !path.empty();
}

// Fields of the vendor's other dialect that mean the same in this one.
bool is_shared(std::string_view path) {
  for (std::string_view each : {"prompt_cache_key", "prompt_cache_retention", "safety_identifier"})
    if (path == each) return true;
  return false;
}

}  // namespace

RequestEncoder::RequestEncoder(const canon::Request& request, const Target& target, canon::Losses& losses)
    : request_(request), target_(target), losses_(losses), own_(is_own(request)), out_(body_) {}

std::string RequestEncoder::encode() {
  body_.reserve(4096);
  out_.object().key("model").string(target_.model);
  input();
  tools();
  sampling();
  if (own_) {
    own_fields();
  } else {
    tool_choice();
    text_options();
    reasoning();
    labels();
  }
  include();
  out_.key("store").boolean(false);
  if (request_.stream) out_.key("stream").boolean(true);
  out_.end_object();
  report_losses();
  return std::move(body_);
}

Raw RequestEncoder::echo(std::string_view name) const {
  for (const auto& each : request_.echoes)
    if (each.name == name) return each.value;
  return {};
}

// The client's own words; of several with one name the last counts, as everywhere.
void RequestEncoder::own_fields() {
  const auto& echoes = request_.echoes;
  for (size_t i = 0; i < echoes.size(); ++i) {
    bool said_again = false;
    for (size_t later = i + 1; later < echoes.size(); ++later)
      said_again = said_again || echoes[later].name == echoes[i].name;
    if (!said_again && !is_written(echoes[i].name)) raw(echoes[i].name, echoes[i].value);
  }
  for (size_t i = 0; i < request_.extras.size(); ++i) {
    const auto& extra = request_.extras[i];
    if (!is_member(extra.path) || !echo(extra.path).empty()) continue;
    bool said_again = false;
    for (size_t later = i + 1; later < request_.extras.size(); ++later)
      said_again = said_again || request_.extras[later].path == extra.path;
    if (!said_again) raw(extra.path, extra.value);
  }
}

// Thoughts are read back encrypted where there may be some: models that think not refuse to be asked.
void RequestEncoder::include() {
  Raw asked = own_ ? echo("include") : Raw();
  const bool there = asked.json.find(kEncrypted) != std::string_view::npos;
  if (!asked.empty() && (there || !asks_for_thoughts())) return raw("include", asked);
  if (!asks_for_thoughts()) return;
  out_.key("include").array().raw(kEncrypted);
  std::string_view more = asked.empty() ? "" : asked.json.substr(1, asked.json.size() - 2);
  if (more.find_first_not_of(" \t\r\n") != std::string_view::npos) out_.raw(more);
  out_.end_array();
}

bool RequestEncoder::asks_for_thoughts() const {
  const canon::ReasoningOptions& reasoning = request_.reasoning;
  bool asked = !reasoning.effort.empty() || reasoning.shown.value_or(false) ||
               reasoning.mode == Mode::budget || reasoning.mode == Mode::adaptive;
  return thoughts_sent_ || (asked && reasoning.mode != Mode::off);
}

// A client of this dialect is repeated, but for what stands inside what was written anew.
bool RequestEncoder::is_sent(std::string_view path) const {
  if (!own_) return is_shared(path) || path == "verbosity";
  if (is_member(path)) return true;
  if (path.starts_with("input[")) return is_element(path);
  if (path.starts_with("tools["))
    return tools_as_came_ || is_element(path) || path.ends_with("].format") ||
           path.ends_with("].description");
  return !echo(path.substr(0, path.find_first_of(".["))).empty();
}

void RequestEncoder::report_losses() {
  for (const auto& extra : request_.extras)
    if (!is_sent(extra.path)) losses_.add(extra.path);
}

void RequestEncoder::tools() {
  if (request_.tools.empty() && (!own_ || echo("tools").empty())) return;
  tools_as_came_ = own_ && !echo("tools").empty();
  for (const canon::Tool& tool : request_.tools) tools_as_came_ = tools_as_came_ && tool.at != canon::kAlone;
  if (tools_as_came_) return raw("tools", echo("tools"));
  out_.key("tools").array();
  for (size_t i = 0; i < request_.tools.size(); ++i) {
    const canon::Tool& first = request_.tools[i];
    if (first.space.empty()) {
      tool(first);
      continue;
    }
    out_.object().key("type").text({"namespace"}).key("name").text(first.space);
    out_.key("description").text(first.space_about).key("tools").array();
    for (; i < request_.tools.size() && request_.tools[i].space == first.space; ++i) tool(request_.tools[i]);
    --i;
    out_.end_array().end_object();
  }
  for (const auto& extra : request_.extras)
    if (own_ && extra.path.starts_with("tools[") && is_element(extra.path)) out_.raw(extra.value);
  out_.end_array();
}

void RequestEncoder::tool(const canon::Tool& tool) {
  out_.object().key("type").text({tool.custom ? "custom" : "function"}).key("name").text(name_in_space(tool));
  if (!tool.description.empty()) out_.key("description").text(tool.description);
  if (tool.custom) {
    raw("format", tool.format);
  } else {
    out_.key("parameters").raw(tool.schema.empty() ? Raw{kNoArguments} : tool.schema);
    // Other languages are not strict where nothing is said, this one is.
    if (tool.strict || !own_) out_.key("strict").boolean(tool.strict.value_or(false));
  }
  out_.end_object();
  if (!tool.cache_control.empty()) losses_.add(request_.path(tool) + ".cache_control");
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
  if (choice.kind == Kind::named)
    out_.key("tool_choice")
        .object()
        .key("type")
        .text({"function"})
        .key("name")
        .text(choice.name)
        .end_object();
  if (choice.parallel) out_.key("parallel_tool_calls").boolean(*choice.parallel);
}

// `verbosity` is a word of the vendor's other dialect too.
void RequestEncoder::text_options() {
  const canon::OutputFormat& format = request_.output;
  using Kind = canon::OutputFormat::Kind;
  Raw verbosity;
  for (const auto& extra : request_.extras)
    if (extra.path == "verbosity") verbosity = extra.value;
  const bool says_format = format.kind == Kind::json_object || format.kind == Kind::json_schema;
  if (!says_format && verbosity.empty()) return;
  out_.key("text").object();
  if (format.kind == Kind::json_object)
    out_.key("format").object().key("type").text({"json_object"}).end_object();
  if (format.kind == Kind::json_schema) {
    out_.key("format").object().key("type").text({"json_schema"});
    out_.key("name").text(format.name.empty() ? canon::Text{"response"} : format.name);
    if (!format.description.empty()) out_.key("description").text(format.description);
    out_.key("schema").raw(format.schema);
    if (format.strict) out_.key("strict").boolean(*format.strict);
    out_.end_object();
  }
  raw("verbosity", verbosity);
  out_.end_object();
}

void RequestEncoder::sampling() {
  const canon::Sampling& sampling = request_.sampling;
  raw("temperature", sampling.temperature);
  raw("top_p", sampling.top_p);
  if (request_.output_tokens_max) {
    const int64_t least = target_.official ? kOutputTokensLeast : 1;
    if (*request_.output_tokens_max < least) losses_.add("max_tokens");
    out_.key("max_output_tokens").number(std::max(*request_.output_tokens_max, least));
  }
  struct Lost {
    std::string_view name;
    Raw value;
    std::string_view harmless;
  };
  const Lost lost[] = {{"top_k", sampling.top_k, ""},
                       {"seed", sampling.seed, ""},
                       {"logit_bias", sampling.logit_bias, ""},
                       {"frequency_penalty", sampling.frequency_penalty, "0"},
                       {"n", sampling.n, "1"},
                       {"presence_penalty", sampling.presence_penalty, "0"},
                       {"logprobs", sampling.logprobs, ""},
                       {"top_logprobs", sampling.top_logprobs, "0"}};
  for (const Lost& each : lost)
    if (!each.value.empty() && each.value.json != each.harmless && !(own_ && each.name == "top_logprobs"))
      losses_.add(std::string(each.name));
  if (!request_.stop.empty()) losses_.add("stop");
}

// Words go as they are, budgets by the table of dialect/effort.h. A summary is asked for whom it is shown.
void RequestEncoder::reasoning() {
  const canon::ReasoningOptions& reasoning = request_.reasoning;
  const bool thinks = reasoning.mode == Mode::budget || reasoning.mode == Mode::adaptive;
  const bool shown = reasoning.shown.value_or(thinks) && reasoning.mode != Mode::off;
  const bool effort = !reasoning.effort.empty() || reasoning.budget_tokens;
  if (!effort && reasoning.mode == Mode::off) losses_.add("thinking");
  if (!effort && !shown) return;
  out_.key("reasoning").object();
  if (!reasoning.effort.empty())
    out_.key("effort").text(reasoning.effort);
  else if (reasoning.budget_tokens)
    out_.key("effort").string(effort_of_budget(*reasoning.budget_tokens));
  if (shown) out_.key("summary").text({"auto"});
  out_.end_object();
}

void RequestEncoder::labels() {
  if (!request_.user.empty()) out_.key("user").text(request_.user);
  if (!request_.metadata.empty()) losses_.add("metadata");
  for (const auto& extra : request_.extras)
    if (is_shared(extra.path)) raw(extra.path, extra.value);
  if (request_.service_tier.empty()) return;
  if (target_.official && is_tier(request_.service_tier))
    out_.key("service_tier").text(request_.service_tier);
  else
    losses_.add("service_tier");
}

Result<std::string> write_request(const canon::Request& request, const Target& target,
                                  canon::Losses& losses) {
  TRY_VOID(check_tool_names(request, kToolNameMax));
  return RequestEncoder(request, target, losses).encode();
}

}  // namespace hanse::openai_responses
