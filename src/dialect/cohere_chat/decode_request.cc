// A client's request, first half: the options around the conversation.
#include "dialect/cohere_chat/decoder.h"
#include "dialect/cohere_chat/wire.h"

namespace hanse::cohere_chat {

using canon::OutputFormat;
using canon::ReasoningOptions;
using canon::ToolChoice;
using json::Value;

Result<void> RequestDecoder::decode(Value root) {
  if (!root.is_object()) return wanted({nullptr, "body"}, "an object", root);
  for (Value member : root) {
    if (!member.present()) continue;
    std::string_view name = json::unescape(member.key(), request_.arena);
    TRY_VOID(field(name, member, {nullptr, name}));
  }
  if (request_.model.empty()) return wanted({nullptr, "model"}, "a string", root["model"]);
  if (Value messages = root["messages"]; !messages.present())
    return wanted({nullptr, "messages"}, "an array", messages);
  for (canon::Tool& tool : request_.tools) tool.strict = strict_tools_;
  return {};
}

Result<void> RequestDecoder::field(std::string_view name, Value value, const Place& at) {
  if (name == "messages") return messages(value, at);
  if (name == "tools") return tools(value, at);
  if (name == "tool_choice") return tool_choice(value, at);
  if (name == "response_format") return response_format(value, at);
  if (name == "stop_sequences") return stop_sequences(value, at);
  if (name == "thinking") return thinking(value, at);
  if (name == "model") {
    TRY(request_.model, want_text(value, at));
    return {};
  }
  if (name == "stream") {
    TRY(request_.stream, want_flag(value, at));
    request_.stream_usage = true;
    return {};
  }
  if (name == "max_tokens") {
    TRY(request_.output_tokens_max, want_count(value, at, 1));
    return {};
  }
  if (name == "strict_tools") {
    TRY(strict_tools_, want_flag(value, at));
    return {};
  }
  TRY(bool known, sampling(name, value, at));
  if (!known) extra(value, at);
  return {};
}

Result<bool> RequestDecoder::sampling(std::string_view name, Value value, const Place& at) {
  struct Number {
    std::string_view name;
    canon::Raw canon::Sampling::* slot;
  };
  static constexpr Number kNumbers[] = {{"temperature", &canon::Sampling::temperature},
                                        {"p", &canon::Sampling::top_p},
                                        {"k", &canon::Sampling::top_k},
                                        {"seed", &canon::Sampling::seed},
                                        {"frequency_penalty", &canon::Sampling::frequency_penalty},
                                        {"presence_penalty", &canon::Sampling::presence_penalty}};
  for (const Number& number : kNumbers) {
    if (name != number.name) continue;
    TRY(request_.sampling.*number.slot, want_number(value, at));
    return true;
  }
  if (name != "logprobs") return false;
  TRY(bool on, want_flag(value, at));
  if (on) request_.sampling.logprobs = value.raw();
  return true;
}

Result<void> RequestDecoder::tools(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  size_t index = 0;
  for (Value each : list) {
    Place here = at[index++];
    Value function = each["function"];
    Place inside = here["function"];
    if (!function.is_object()) return wanted(inside, "an object", function);
    canon::Tool tool;
    tool.at = static_cast<uint32_t>(here.index);
    TRY(tool.name, want_text(function["name"], inside["name"]));
    if (tool.name.empty()) return refuse(inside["name"], "wanted a name, got an empty string");
    TRY(tool.description, want_text_or_nothing(function["description"], inside["description"]));
    Value schema = function["parameters"];
    if (schema.present() && !schema.is_object())
      return wanted(inside["parameters"], "an object (a JSON schema)", schema);
    if (schema.present()) tool.schema = schema.raw();
    request_.tools.push_back(tool);
  }
  return {};
}

Result<void> RequestDecoder::tool_choice(Value value, const Place& at) {
  TRY(canon::Text word, want_text(value, at));
  if (word.escaped == "REQUIRED")
    request_.tool_choice.kind = ToolChoice::Kind::required;
  else if (word.escaped == "NONE")
    request_.tool_choice.kind = ToolChoice::Kind::none;
  else
    return unknown_word(at, word, "REQUIRED, NONE");
  return {};
}

Result<void> RequestDecoder::response_format(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(canon::Text type, want_text(value["type"], at["type"]));
  OutputFormat& output = request_.output;
  if (type.escaped == "text") {
    output.kind = OutputFormat::Kind::text;
    return {};
  }
  if (type.escaped != "json_object") return unknown_word(at["type"], type, "text, json_object");
  output.kind = OutputFormat::Kind::json_object;
  for (std::string_view name : {"schema", "json_schema"}) {  // the older and the newer name
    Value schema = value[name];
    if (!schema.present()) continue;
    if (!schema.is_object()) return wanted(at[name], "an object (a JSON schema)", schema);
    output.kind = OutputFormat::Kind::json_schema;
    output.schema = schema.raw();
  }
  return {};
}

Result<void> RequestDecoder::thinking(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(canon::Text type, want_text(value["type"], at["type"]));
  ReasoningOptions& reasoning = request_.reasoning;
  if (type.escaped == "disabled") {
    reasoning.mode = ReasoningOptions::Mode::off;
    return {};
  }
  if (type.escaped != "enabled") return unknown_word(at["type"], type, "enabled, disabled");
  reasoning.mode = ReasoningOptions::Mode::adaptive;
  if (Value budget = value["token_budget"]; budget.present()) {
    TRY(reasoning.budget_tokens, want_count(budget, at["token_budget"], 1));
    reasoning.mode = ReasoningOptions::Mode::budget;
  }
  return {};
}

Result<void> RequestDecoder::stop_sequences(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array of strings", list);
  size_t index = 0;
  for (Value each : list) {
    TRY(canon::Text word, want_text(each, at[index++]));
    request_.stop.push_back(word);
  }
  return {};
}

namespace {

std::string path_of(const canon::Turn& turn, const canon::Part* part) {
  const Place messages{nullptr, "messages"}, message = messages[turn.at];
  if (!part || part->as<canon::ToolResultPart>()) return message.path();
  const Place of = message[part->as<canon::ToolCallPart>() ? "tool_calls" : "content"];
  return part->at == canon::kAlone ? of.path() : of[part->at].path();
}

constexpr canon::Word kWords[] = {{"stop", "stop_sequences"},
                                  {"top_p", "p"},
                                  {"top_k", "k"},
                                  {"thinking.budget_tokens", "thinking.token_budget"},
                                  {"reasoning_effort", "thinking"},
                                  {".function.strict", "strict_tools"}};
constexpr canon::Places kPlaces{
    path_of, "function.name", "function.parameters", "response_format", nullptr, {}, "content", kWords};

}  // namespace

Result<std::unique_ptr<canon::Request>> decode_request(Value root) {
  auto request = std::make_unique<canon::Request>();
  request->places = &kPlaces;
  TRY_VOID(RequestDecoder(*request).decode(root));
  return request;
}

}  // namespace hanse::cohere_chat
