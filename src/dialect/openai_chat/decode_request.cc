// A client's request, first half: the options around the conversation.
#include "dialect/openai_chat/decoder.h"
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {

using canon::OutputFormat;
using canon::ReasoningOptions;
using canon::ToolChoice;
using json::Value;

Result<void> RequestDecoder::decode(Value root) {
  if (!root.is_object()) return wanted({nullptr, "body"}, "an object", root);
  for (Value member : root) {
    if (!member.present()) continue;  // null is the default everywhere
    std::string_view name = json::unescape(member.key(), request_.arena);
    TRY_VOID(field(name, member, {nullptr, name}));
  }
  // No model: Azure's addresses name it. The gateway sees to it that one of the two does.
  Value messages = root["messages"];
  if (!messages.present()) return wanted({nullptr, "messages"}, "an array", messages);
  return {};
}

Result<void> RequestDecoder::field(std::string_view name, Value value, const Place& at) {
  if (name == "messages") return messages(value, at);
  if (name == "tools") return tools(value, at);
  if (name == "tool_choice") return tool_choice(value, at);
  if (name == "response_format") return response_format(value, at);
  if (name == "stop") return stop(value, at);
  if (name == "max_tokens" || name == "max_completion_tokens") return max_tokens(name, value, at);
  if (name == "model") {
    TRY(request_.model, want_text(value, at));
    return {};
  }
  if (name == "parallel_tool_calls") {
    TRY(request_.tool_choice.parallel, want_flag(value, at));
    return {};
  }
  for (auto read : {&RequestDecoder::streaming, &RequestDecoder::sampling, &RequestDecoder::labels,
                    &RequestDecoder::thinking}) {
    TRY(bool known, (this->*read)(name, value, at));
    if (known) return {};
  }
  bool text_only = name == "modalities" && value.raw().json == "[\"text\"]";
  if (!text_only) extra(value, at);
  return {};
}

Result<bool> RequestDecoder::streaming(std::string_view name, Value value, const Place& at) {
  if (name == "stream") {
    TRY(request_.stream, want_flag(value, at));
    return true;
  }
  if (name != "stream_options") return false;
  if (!value.is_object()) return wanted(at, "an object", value);
  auto [usage, noise] = members<2>(value, at, {"include_usage", "include_obfuscation"});
  if (usage.present()) {
    TRY(request_.stream_usage, want_flag(usage, at["include_usage"]));
  }
  return true;
}

Result<bool> RequestDecoder::sampling(std::string_view name, Value value, const Place& at) {
  struct Number {
    std::string_view name;
    canon::Raw canon::Sampling::* slot;
  };
  static constexpr Number kNumbers[] = {{"temperature", &canon::Sampling::temperature},
                                        {"top_p", &canon::Sampling::top_p},
                                        {"n", &canon::Sampling::n},
                                        {"seed", &canon::Sampling::seed},
                                        {"top_k", &canon::Sampling::top_k},
                                        {"frequency_penalty", &canon::Sampling::frequency_penalty},
                                        {"presence_penalty", &canon::Sampling::presence_penalty},
                                        {"top_logprobs", &canon::Sampling::top_logprobs}};
  canon::Sampling& sampling = request_.sampling;
  for (const Number& number : kNumbers) {
    if (name != number.name) continue;
    TRY(sampling.*number.slot, want_number(value, at));
    return true;
  }
  if (name == "logprobs") {
    TRY(bool on, want_flag(value, at));
    sampling.logprobs = on ? value.raw() : canon::Raw();
    return true;
  }
  if (name != "logit_bias") return false;
  if (!value.is_object()) return wanted(at, "an object", value);
  sampling.logit_bias = asks_nothing(value) ? canon::Raw() : value.raw();
  return true;
}

Result<bool> RequestDecoder::labels(std::string_view name, Value value, const Place& at) {
  if (name == "user") {
    TRY(request_.user, want_text(value, at));
  } else if (name == "service_tier") {
    TRY(request_.service_tier, want_text(value, at));
  } else if (name == "metadata") {
    if (!value.is_object()) return wanted(at, "an object", value);
    request_.metadata = asks_nothing(value) ? canon::Raw() : value.raw();
  } else {
    return false;
  }
  return true;
}

// `thinking` is not OpenAI's, but what clients send through its SDK to models that have a budget.
Result<bool> RequestDecoder::thinking(std::string_view name, Value value, const Place& at) {
  ReasoningOptions& reasoning = request_.reasoning;
  if (name == "reasoning_effort") {
    TRY(reasoning.effort, want_text(value, at));
    if (reasoning.effort.escaped == "none") reasoning.mode = ReasoningOptions::Mode::off;
    return true;
  }
  if (name != "thinking" || !value.is_object()) return false;
  std::string_view type = value["type"].text().escaped;
  if (type == "disabled") reasoning.mode = ReasoningOptions::Mode::off;
  if (type == "adaptive") reasoning.mode = ReasoningOptions::Mode::adaptive;
  if (type == "disabled" || type == "adaptive") return true;
  if (type != "enabled" || !value["budget_tokens"].present()) return false;
  TRY(reasoning.budget_tokens, want_count(value["budget_tokens"], at["budget_tokens"], 1));
  reasoning.mode = ReasoningOptions::Mode::budget;
  return true;
}

// The newer name wins, whatever their order.
Result<void> RequestDecoder::max_tokens(std::string_view name, Value value, const Place& at) {
  TRY(int64_t count, want_count(value, at, 1));
  if (name == "max_completion_tokens" || !request_.output_tokens_max) request_.output_tokens_max = count;
  return {};
}

Result<void> RequestDecoder::stop(Value value, const Place& at) {
  request_.stop.clear();
  if (value.is_string()) {
    request_.stop.push_back(value.text());
    return {};
  }
  if (!value.is_array()) return wanted(at, "a string or an array of strings", value);
  size_t index = 0;
  for (Value each : value) {
    TRY(canon::Text word, want_text(each, at[index++]));
    request_.stop.push_back(word);
  }
  return {};
}

Result<void> RequestDecoder::tools(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  request_.tools.clear();
  request_.tools.reserve(list.size());
  size_t index = 0;
  for (Value each : list) {
    Place here = at[index++];
    if (!each.is_object()) return wanted(here, "an object", each);
    TRY(canon::Text named, want_text_or_nothing(each["type"], here["type"]));
    if (!named.empty() && named.escaped != "function") {
      extra(each, here);
      continue;
    }
    canon::Tool tool;
    tool.at = static_cast<uint32_t>(here.index);
    auto [type, inside, marker] = members<3>(each, here, {"type", "function", "cache_control"});
    TRY_VOID(function(inside, tool, here["function"]));
    if (marker.present()) tool.cache_control = marker.raw();
    request_.tools.push_back(tool);
  }
  return {};
}

Result<void> RequestDecoder::function(Value function, canon::Tool& tool, const Place& at) {
  if (!function.is_object()) return wanted(at, "an object", function);
  auto [name, description, schema, strict] =
      members<4>(function, at, {"name", "description", "parameters", "strict"});
  TRY(tool.name, want_text(name, at["name"]));
  if (tool.name.empty()) return refuse(at["name"], "wanted a name, got an empty string");
  TRY(tool.description, want_text_or_nothing(description, at["description"]));
  if (schema.present() && !schema.is_object())
    return wanted(at["parameters"], "an object (a JSON schema)", schema);
  if (schema.present()) tool.schema = schema.raw();
  if (strict.present()) {
    TRY(tool.strict, want_flag(strict, at["strict"]));
  }
  return {};
}

Result<void> RequestDecoder::tool_choice(Value value, const Place& at) {
  if (value.is_object()) return tool_choice_object(value, at);
  if (!value.is_string()) return wanted(at, "a string or an object", value);
  std::string_view word = value.text().escaped;
  ToolChoice::Kind& kind = request_.tool_choice.kind;
  if (word == "auto")
    kind = ToolChoice::Kind::automatic;
  else if (word == "none")
    kind = ToolChoice::Kind::none;
  else if (word == "required")
    kind = ToolChoice::Kind::required;
  else
    return unknown_word(at, value.text(), "auto, none, required and {\"type\":\"function\",...}");
  return {};
}

Result<void> RequestDecoder::tool_choice_object(Value value, const Place& at) {
  TRY(canon::Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "function") {
    Value function = value["function"];
    if (!function.is_object()) return wanted(at["function"], "an object", function);
    Place inside = at["function"];
    TRY(request_.tool_choice.name, want_text(function["name"], inside["name"]));
    request_.tool_choice.kind = ToolChoice::Kind::named;
    return {};
  }
  if (type.escaped != "allowed_tools" && type.escaped != "custom")
    return unknown_word(at["type"], type, "function, allowed_tools, custom");
  // Which tools is lost, whether one must be called is not.
  if (value["allowed_tools"]["mode"].text().escaped == "required")
    request_.tool_choice.kind = ToolChoice::Kind::required;
  extra(value, at);
  return {};
}

Result<void> RequestDecoder::response_format(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(canon::Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "json_schema") return json_schema(value["json_schema"], at["json_schema"]);
  OutputFormat& output = request_.output;
  if (type.escaped == "text")
    output.kind = OutputFormat::Kind::text;
  else if (type.escaped == "json_object")
    output.kind = OutputFormat::Kind::json_object;
  else
    return unknown_word(at["type"], type, "text, json_object, json_schema");
  return {};
}

Result<void> RequestDecoder::json_schema(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  OutputFormat& output = request_.output;
  output.kind = OutputFormat::Kind::json_schema;
  auto [name, description, schema, strict] =
      members<4>(value, at, {"name", "description", "schema", "strict"});
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
  const Place messages{nullptr, "messages"}, message = messages[turn.at];
  // A result is its message.
  if (!part || part->as<canon::ToolResultPart>()) return message.path();
  const bool alone = part->at == canon::kAlone;
  std::string_view list = "content";
  if (part->as<canon::ReasoningPart>())
    list = alone ? "reasoning_content" : "thinking_blocks";
  else if (part->as<canon::ToolCallPart>())
    list = alone ? "function_call" : "tool_calls";
  else if (part->as<canon::RefusalPart>() && alone)
    list = "refusal";
  const Place of = message[list];
  return alone ? of.path() : of[part->at].path();
}

constexpr canon::Word kWords[] = {{".title", ".file.filename"}};
constexpr canon::Places kPlaces{
    path_of,   "function.name", "function.parameters", "response_format.json_schema.schema", nullptr, {},
    "content", kWords};

}  // namespace

Result<std::unique_ptr<canon::Request>> decode_request(Value root) {
  auto request = std::make_unique<canon::Request>();
  request->places = &kPlaces;
  TRY_VOID(RequestDecoder(*request).decode(root));
  return request;
}

}  // namespace hanse::openai_chat
