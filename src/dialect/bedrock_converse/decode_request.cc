// A client's request, first half: the options around the conversation.
#include "dialect/bedrock_converse/decoder.h"
#include "dialect/bedrock_converse/wire.h"

namespace hanse::bedrock_converse {

using canon::OutputFormat;
using canon::ReasoningOptions;
using canon::ToolChoice;
using json::Value;

Result<void> RequestDecoder::decode(Value root) {
  if (!root.is_object()) return wanted({nullptr, "body"}, "an object", root);
  if (Value system_prompt = root["system"]; system_prompt.present())
    TRY_VOID(system(system_prompt, {nullptr, "system"}));
  for (Value member : root) {
    if (!member.present()) continue;
    std::string_view name = json::unescape(member.key(), request_.arena);
    TRY_VOID(field(name, member, {nullptr, name}));
  }
  if (Value list = root["messages"]; !list.present()) return wanted({nullptr, "messages"}, "an array", list);
  return {};
}

Result<void> RequestDecoder::field(std::string_view name, Value value, const Place& at) {
  if (name == "system") return {};  // read first: it stands before the messages
  if (name == "messages") return messages(value, at);
  if (name == "inferenceConfig") return inference(value, at);
  if (name == "toolConfig") return tools(value, at);
  if (name == "outputConfig") return output(value, at);
  if (name == "serviceTier") return service_tier(value, at);
  if (name == "modelId") {  // stands in the path; some clients say it twice
    TRY(request_.model, want_text(value, at));
    return {};
  }
  if (name == "requestMetadata") {
    if (!value.is_object()) return wanted(at, "an object", value);
    request_.metadata = value.raw();
    return {};
  }
  if (name != "additionalModelRequestFields") return extra(value, at), Result<void>();
  if (!value.is_object()) return wanted(at, "an object", value);
  for (Value member : value)
    if (member.present()) model_field(member, at[json::unescape(member.key(), request_.arena)]);
  return {};
}

Result<void> RequestDecoder::inference(Value config, const Place& at) {
  if (!config.is_object()) return wanted(at, "an object", config);
  if (Value most = config["maxTokens"]; most.present()) {
    TRY(request_.output_tokens_max, want_count(most, at["maxTokens"], 1));
  }
  if (Value number = config["temperature"]; number.present()) {
    TRY(request_.sampling.temperature, want_number(number, at["temperature"]));
  }
  if (Value number = config["topP"]; number.present()) {
    TRY(request_.sampling.top_p, want_number(number, at["topP"]));
  }
  if (Value list = config["stopSequences"]; list.present())
    TRY_VOID(stop_sequences(list, at["stopSequences"]));
  rest(config, at, {"maxTokens", "temperature", "topP", "stopSequences"});
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

Result<void> RequestDecoder::tools(Value config, const Place& at) {
  if (!config.is_object()) return wanted(at, "an object", config);
  const Value list = config["tools"];
  const Place place = at["tools"];
  if (!list.is_array()) return wanted(place, "an array", list);
  request_.tools.reserve(list.size());
  size_t index = 0;
  for (Value each : list) TRY_VOID(tool(each, place[index++]));
  if (Value choice = config["toolChoice"]; choice.present()) TRY_VOID(tool_choice(choice, at["toolChoice"]));
  rest(config, at, {"tools", "toolChoice"});
  return {};
}

Result<void> RequestDecoder::tool(Value value, const Place& at) {
  TRY(Value inside, only_member(value, at));
  const std::string_view kind = inside.key().escaped;
  const Place here = at[kind];
  if (kind == "cachePoint") {
    TRY(canon::Raw marker, cache_point(inside, here));
    if (request_.tools.empty())
      extra(inside, here);
    else
      request_.tools.back().cache_control = marker;
    return {};
  }
  if (kind != "toolSpec") return extra(value, at), Result<void>();  // runs at the provider
  if (!inside.is_object()) return wanted(here, "an object", inside);
  canon::Tool tool;
  tool.at = static_cast<uint32_t>(at.index);
  TRY(tool.name, want_text(inside["name"], here["name"]));
  if (tool.name.empty()) return refuse(here["name"], "wanted a name, got an empty string");
  TRY(tool.description, want_text_or_nothing(inside["description"], here["description"]));
  if (Value strict = inside["strict"]; strict.present()) {
    TRY(tool.strict, want_flag(strict, here["strict"]));
  }
  const Place input = here["inputSchema"];
  const Value schema = inside["inputSchema"]["json"];
  if (!schema.is_object()) return wanted(input["json"], "an object (a JSON schema)", schema);
  tool.schema = schema.raw();
  rest(inside, here, {"name", "description", "strict", "inputSchema"});
  request_.tools.push_back(tool);
  return {};
}

Result<void> RequestDecoder::tool_choice(Value choice, const Place& at) {
  TRY(Value inside, only_member(choice, at));
  const std::string_view kind = inside.key().escaped;
  ToolChoice& out = request_.tool_choice;
  if (kind == "auto") {
    out.kind = ToolChoice::Kind::automatic;
  } else if (kind == "any") {
    out.kind = ToolChoice::Kind::required;
  } else if (kind == "tool") {
    out.kind = ToolChoice::Kind::named;
    const Place here = at["tool"];
    TRY(out.name, want_text(inside["name"], here["name"]));
  } else {
    return unknown_word(at, inside.key(), "auto, any, tool");
  }
  return {};
}

Result<void> RequestDecoder::output(Value config, const Place& at) {
  if (!config.is_object()) return wanted(at, "an object", config);
  TRY(canon::Text effort, want_text_or_nothing(config["effort"], at["effort"]));
  if (!effort.empty()) request_.reasoning.effort = effort;
  if (Value format = config["textFormat"]; format.present()) TRY_VOID(text_format(format, at["textFormat"]));
  rest(config, at, {"effort", "textFormat"});
  return {};
}

// The schema is the text of one, in a string.
Result<void> RequestDecoder::text_format(Value format, const Place& at) {
  if (!format.is_object()) return wanted(at, "an object", format);
  TRY(canon::Text type, want_text(format["type"], at["type"]));
  if (type.escaped != "json_schema") return unknown_word(at["type"], type, "json_schema");
  const Value given = format["structure"]["jsonSchema"];
  const Place structure = at["structure"], here = structure["jsonSchema"], place = here["schema"];
  if (!given.is_object()) return wanted(here, "an object", given);
  OutputFormat& out = request_.output;
  TRY(out.name, want_text_or_nothing(given["name"], here["name"]));
  TRY(out.description, want_text_or_nothing(given["description"], here["description"]));
  TRY(canon::Text escaped, want_text(given["schema"], place));
  constexpr int kSchemaDepthMax = 64;
  thread_local json::Document document;  // the client's body is in json::scratch() perhaps
  const std::string_view schema = json::unescape(escaped, request_.arena);
  auto root = document.parse(schema, kSchemaDepthMax);
  if (!root) return refuse(place, root.error().message);
  if (!root->is_object()) return wanted(place, "the text of a JSON object (a schema)", *root);
  out.kind = OutputFormat::Kind::json_schema;
  out.schema = {schema};
  return {};
}

Result<void> RequestDecoder::service_tier(Value tier, const Place& at) {
  if (!tier.is_object()) return wanted(at, "an object", tier);
  TRY(request_.service_tier, want_text(tier["type"], at["type"]));
  return {};
}

// Fields of one maker's models, which nobody checks before that model does: what isn't known in this shape is
// an extra.
void RequestDecoder::model_field(Value field, const Place& at) {
  const std::string_view name = at.key;
  ReasoningOptions& reasoning = request_.reasoning;
  bool known = false;
  if (name == "top_k" && field.type() == json::Type::number) {
    request_.sampling.top_k = field.raw();
    known = true;
  } else if (name == "inferenceConfig" && field["topK"].type() == json::Type::number) {
    request_.sampling.top_k = field["topK"].raw();
    rest(field, at, {"topK"});
    known = true;
  } else if (name == "reasoning_effort" && field.is_string()) {
    reasoning.effort = field.text();
    known = true;
  } else if (name == "output_config" && field["effort"].is_string()) {
    reasoning.effort = field["effort"].text();
    rest(field, at, {"effort"});
    known = true;
  } else if (name == "thinking") {
    known = thinking(field);
  } else if (name == "reasoningConfig") {
    known = reasoning_config(field);
  } else if (name == "tool_choice") {
    known = only_parallel(field);
  }
  if (!known) extra(field, at);
}

// Claude's: {"type":"enabled","budget_tokens":2048}.
bool RequestDecoder::thinking(Value thinking) {
  using Mode = ReasoningOptions::Mode;
  const std::string_view type = thinking["type"].text().escaped;
  auto budget = thinking["budget_tokens"].integer();
  if (type == "disabled") {
    request_.reasoning.mode = Mode::off;
  } else if (type == "adaptive") {
    request_.reasoning.mode = Mode::adaptive;
  } else if (type == "enabled" && budget && *budget > 0) {
    request_.reasoning.mode = Mode::budget;
    request_.reasoning.budget_tokens = budget;
  } else {
    return false;
  }
  return true;
}

// Nova's: {"type":"enabled","maxReasoningEffort":"low"}.
bool RequestDecoder::reasoning_config(Value config) {
  const std::string_view type = config["type"].text().escaped;
  const canon::Text effort = config["maxReasoningEffort"].text();
  if (type == "disabled")
    request_.reasoning.mode = ReasoningOptions::Mode::off;
  else if (type == "enabled" && !effort.empty())
    request_.reasoning.effort = effort;
  else
    return false;
  return true;
}

// Claude's own choice of tools says one thing that the dialect's can't.
bool RequestDecoder::only_parallel(Value choice) {
  auto single = choice["disable_parallel_tool_use"].boolean();
  if (!single) return false;
  request_.tool_choice.parallel = !*single;
  return true;
}

Result<Value> RequestDecoder::only_member(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object with one member", value);
  Value found;
  for (Value member : value) {
    if (!member.present()) continue;
    if (found.present()) return refuse(at, "wanted one member, got more");
    found = member;
  }
  if (!found.present()) return refuse(at, "wanted one member, got none");
  return found;
}

void RequestDecoder::rest(Value object, const Place& at, std::initializer_list<std::string_view> known) {
  for (Value member : object) {
    std::string_view key = member.key().escaped;
    if (std::find(known.begin(), known.end(), key) == known.end()) extra(member, at[key]);
  }
}

namespace {

// The system prompt stands apart; what is a block by itself has its name in the path.
std::string path_of(const canon::Turn& turn, const canon::Part* part) {
  const bool apart = turn.at == canon::kAlone;
  const Place messages{nullptr, "messages"}, message = messages[turn.at], content = message["content"];
  const Place system{nullptr, "system"};
  if (!part) return apart ? system.path() : message.path();
  const Place& list = apart ? system : content;
  if (part->at == canon::kAlone) return list.path();
  const Place block = list[part->at];
  if (part->as<canon::ToolCallPart>()) return block["toolUse"].path();
  if (part->as<canon::ToolResultPart>()) return block["toolResult"].path();
  if (part->as<canon::ReasoningPart>()) return block["reasoningContent"].path();
  if (const auto* media = part->as<canon::MediaPart>()) return block[block_name(media->kind)].path();
  return block.path();
}

std::string tool_path(const canon::Tool& tool) {
  const Place config{nullptr, "toolConfig"}, tools = config["tools"], at = tools[tool.at];
  return at["toolSpec"].path();
}

constexpr canon::Word kWords[] = {
    {"temperature", "inferenceConfig.temperature"},
    {"top_p", "inferenceConfig.topP"},
    {"max_tokens", "inferenceConfig.maxTokens"},
    {"stop", "inferenceConfig.stopSequences"},
    {"top_k", "additionalModelRequestFields.top_k"},
    {"thinking", "additionalModelRequestFields.thinking"},
    {"reasoning_effort", "outputConfig.effort"},
    {"response_format.json_schema", "outputConfig.textFormat.structure.jsonSchema"},
    {"response_format", "outputConfig.textFormat"},
    {"service_tier", "serviceTier"},
    {"metadata", "requestMetadata"},
    {"tool_choice", "toolConfig.toolChoice"},
    {".toolSpec.cache_control", ".cachePoint"},
    {".cache_control", ".cachePoint"},
    {".title", ".name"}};
constexpr canon::Places kPlaces{
    path_of,   "name", "inputSchema.json", "outputConfig.textFormat.structure.jsonSchema.schema",
    tool_path, {},     "content",          kWords};

}  // namespace

Result<std::unique_ptr<canon::Request>> decode_request(Value root) {
  auto request = std::make_unique<canon::Request>();
  request->places = &kPlaces;
  request->stream_usage = true;  // usage is always part of this dialect's streams
  TRY_VOID(RequestDecoder(*request).decode(root));
  return request;
}

}  // namespace hanse::bedrock_converse
