// A client's request: the options around the conversation.
#include "dialect/openai_responses/decoder.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

using canon::OutputFormat;
using canon::ReasoningOptions;
using json::Value;

namespace {

// What the answer repeats of the request, and a server of this dialect is told again, as it came.
constexpr std::string_view kEchoed[] = {
    "include",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning",
    "previous_response_id",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
};

bool is_echoed(std::string_view name) {
  for (std::string_view each : kEchoed)
    if (each == name) return true;
  return false;
}

}  // namespace

Result<void> RequestDecoder::decode(Value root) {
  if (!root.is_object()) return wanted({nullptr, "body"}, "an object", root);
  for (Value member : root) {
    if (!member.present()) continue;  // null is the default everywhere
    std::string_view name = json::unescape(member.key(), request_.arena);
    TRY_VOID(field(name, member, {nullptr, name}));
    if (is_echoed(name)) request_.echoes.push_back({name, member.raw()});
  }
  request_.stream_usage = request_.stream;  // it always comes
  if (request_.model.empty()) return wanted({nullptr, "model"}, "a string", root["model"]);
  return conversation(root);
}

Result<void> RequestDecoder::field(std::string_view name, Value value, const Place& at) {
  if (name == "input" || name == "instructions") return {};  // in their order, when the tools are known
  if (name == "tools") {
    request_.tools.clear();
    return tools(value, at);
  }
  if (name == "tool_choice") return tool_choice(value, at);
  if (name == "text") return text_options(value, at);
  if (name == "reasoning") return reasoning_options(value, at);
  if (name == "include") return include(value, at);
  if (name == "model") {
    TRY(request_.model, want_text(value, at));
    return {};
  }
  if (name == "stream") {
    TRY(request_.stream, want_flag(value, at));
    return {};
  }
  if (name == "parallel_tool_calls") {
    TRY(request_.tool_choice.parallel, want_flag(value, at));
    return {};
  }
  if (name == "max_output_tokens") {
    TRY(request_.output_tokens_max, want_count(value, at, 1));
    return {};
  }
  for (auto read : {&RequestDecoder::sampling, &RequestDecoder::labels, &RequestDecoder::kept_elsewhere}) {
    TRY(bool known, (this->*read)(name, value, at));
    if (known) return {};
  }
  return extra(value, at), Result<void>();
}

Result<bool> RequestDecoder::sampling(std::string_view name, Value value, const Place& at) {
  struct Number {
    std::string_view name;
    canon::Raw canon::Sampling::* slot;
  };
  static constexpr Number kNumbers[] = {{"temperature", &canon::Sampling::temperature},
                                        {"top_p", &canon::Sampling::top_p},
                                        {"top_logprobs", &canon::Sampling::top_logprobs}};
  for (const Number& number : kNumbers) {
    if (name != number.name) continue;
    TRY(request_.sampling.*number.slot, want_number(value, at));
    return true;
  }
  return false;
}

// `safety_identifier` is the newer name of `user`; who sends both means another thing by each.
Result<bool> RequestDecoder::labels(std::string_view name, Value value, const Place& at) {
  if (name == "user") {
    TRY(request_.user, want_text(value, at));
    request_.user_field = "user";
  } else if (name == "safety_identifier") {
    TRY(canon::Text text, want_text(value, at));
    if (request_.user.empty()) {
      request_.user = text;
      request_.user_field = "safety_identifier";
    }
  } else if (name == "service_tier") {
    TRY(request_.service_tier, want_text(value, at));
  } else if (name == "metadata") {
    if (!value.is_object()) return wanted(at, "an object", value);
    request_.metadata = asks_nothing(value) ? canon::Raw() : value.raw();
  } else if (name == "stream_options") {
    if (!value.is_object()) return wanted(at, "an object", value);
    (void)members<1>(value, at, {"include_obfuscation"});
  } else if (name == "truncation") {
    TRY(canon::Text word, want_text(value, at));
    if (word.escaped != "disabled") extra(value, at);
  } else {
    return false;
  }
  return true;
}

// What somebody keeps between requests: Hanse what it answered itself, and a provider what only it has.
Result<bool> RequestDecoder::kept_elsewhere(std::string_view name, Value value, const Place& at) {
  if (name == "previous_response_id") {
    TRY(request_.continues, want_text(value, at));
  } else if (name == "store") {
    TRY_VOID(want_flag(value, at));
  } else if (name == "background") {
    TRY(bool background, want_flag(value, at));
    if (background) return refuse(at, "answers come at once here, or as a stream, and not in the background");
  } else if (name == "conversation") {
    return refuse(at, "a conversation is kept by one provider only; go on with previous_response_id");
  } else if (name == "prompt") {
    return refuse(at, "a prompt is kept by one provider only; send its text as instructions and input");
  } else {
    return false;
  }
  return true;
}

// Encrypted thoughts are always given when there are any, so asking for them asks for nothing more.
Result<void> RequestDecoder::include(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  size_t index = 0;
  for (Value each : list) {
    Place here = at[index++];
    TRY(canon::Text what, want_text(each, here));
    if (what.escaped != "reasoning.encrypted_content") extra(each, here);
  }
  return {};
}

Result<void> RequestDecoder::reasoning_options(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  auto [effort, summary, older] = members<3>(value, at, {"effort", "summary", "generate_summary"});
  ReasoningOptions& reasoning = request_.reasoning;
  reasoning = {};
  TRY(reasoning.effort, want_text_or_nothing(effort, at["effort"]));
  if (reasoning.effort.escaped == "none") reasoning.mode = ReasoningOptions::Mode::off;
  TRY(canon::Text shown, want_text_or_nothing(summary, at["summary"]));
  TRY(canon::Text shown_before, want_text_or_nothing(older, at["generate_summary"]));
  if (!shown.empty() || !shown_before.empty()) reasoning.shown = true;
  return {};
}

Result<void> RequestDecoder::text_options(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  auto [format, verbosity] = members<2>(value, at, {"format", "verbosity"});
  TRY(canon::Text word, want_text_or_nothing(verbosity, at["verbosity"]));
  if (!word.empty() && word.escaped != "medium") extra(verbosity, at["verbosity"]);
  request_.output = {};
  if (!format.present()) return {};
  Place here = at["format"];
  if (!format.is_object()) return wanted(here, "an object", format);
  TRY(canon::Text type, want_text(format["type"], here["type"]));
  if (type.escaped == "json_schema") return json_schema(format, here);
  if (type.escaped == "text")
    request_.output.kind = OutputFormat::Kind::text;
  else if (type.escaped == "json_object")
    request_.output.kind = OutputFormat::Kind::json_object;
  else
    return unknown_word(here["type"], type, "text, json_object, json_schema");
  return {};
}

Result<void> RequestDecoder::json_schema(Value value, const Place& at) {
  OutputFormat& output = request_.output;
  output.kind = OutputFormat::Kind::json_schema;
  auto [type, name, description, schema, strict] =
      members<5>(value, at, {"type", "name", "description", "schema", "strict"});
  TRY(output.name, want_text_or_nothing(name, at["name"]));
  TRY(output.description, want_text_or_nothing(description, at["description"]));
  if (!schema.is_object()) return wanted(at["schema"], "an object (a JSON schema)", schema);
  output.schema = schema.raw();
  if (strict.present()) {
    TRY(output.strict, want_flag(strict, at["strict"]));
  }
  return {};
}

namespace {

std::string path_of(const canon::Turn& turn, const canon::Part* part) {
  const Place input{nullptr, "input"};
  if (turn.at == canon::kAlone) return turn.role == canon::Role::system ? "instructions" : "input";
  const Spot spot = Spot::of(part ? part->at : turn.at);
  const Place item = input[spot.item];
  const bool is_content =
      part && (part->as<canon::TextPart>() || part->as<canon::MediaPart>() || part->as<canon::RefusalPart>());
  if (!is_content) return item.path();
  const Place content = item["content"];
  return spot.inside == canon::kAlone ? content.path() : content[spot.inside].path();
}

// Tools that came in the conversation have no number in the list.
std::string path_of_tool(const canon::Tool& tool) {
  if (tool.at == canon::kAlone) return "input";
  const Spot spot = Spot::of(tool.at);
  const Place tools{nullptr, "tools"}, outer = tools[spot.item], group = outer["tools"];
  return spot.inside == canon::kAlone ? outer.path() : group[spot.inside].path();
}

constexpr canon::Word kWords[] = {
    {"max_tokens", "max_output_tokens"}, {"response_format.json_schema", "text.format"},
    {"response_format", "text.format"},  {"reasoning_effort", "reasoning.effort"},
    {"thinking", "reasoning"},           {".cache_control", ".prompt_cache_breakpoint"},
    {".image_url.detail", ".detail"},    {".title", ".filename"}};
constexpr canon::Places kPlaces{path_of,      "name", "parameters", "text.format.schema",
                                path_of_tool, {},     "output",     kWords};

}  // namespace

bool is_own(const canon::Request& request) { return request.places == &kPlaces; }

Result<std::unique_ptr<canon::Request>> decode_request(Value root) {
  auto request = std::make_unique<canon::Request>();
  request->places = &kPlaces;
  TRY_VOID(RequestDecoder(*request).decode(root));
  return request;
}

}  // namespace hanse::openai_responses
