// A client's request, first half: the options around the conversation.
#include "dialect/anthropic_messages/decoder.h"
#include "dialect/anthropic_messages/wire.h"

namespace hanse::anthropic_messages {
namespace {

enum Field : size_t {
  kModel,
  kMessages,
  kSystem,
  kMaxTokens,
  kStream,
  kTemperature,
  kTopP,
  kTopK,
  kStopSequences,
  kTools,
  kToolChoice,
  kThinking,
  kOutputConfig,
  kOutputFormat,
  kMetadata,
  kServiceTier,
  kFields
};
constexpr std::string_view kNames[kFields] = {
    "model",         "messages",      "system",         "max_tokens",  "stream",      "temperature",
    "top_p",         "top_k",         "stop_sequences", "tools",       "tool_choice", "thinking",
    "output_config", "output_format", "metadata",       "service_tier"};

size_t field_of(canon::Text key, std::string& plain) {
  auto find = [](std::string_view name) {
    for (size_t i = 0; i < kFields; ++i)
      if (kNames[i] == name) return i;
    return size_t{kFields};
  };
  size_t field = find(key.escaped);
  if (field < kFields || key.escaped.find('\\') == std::string_view::npos) return field;
  return find(plain = json::unescape(key));
}

}  // namespace

Result<void> RequestDecoder::decode(json::Value root) {
  if (!root.is_object()) return fail(Code::bad_request, "wanted a JSON object");
  json::Value fields[kFields];
  std::string plain;
  for (json::Value member : root) {
    size_t field = field_of(member.key(), plain);
    if (field < kFields)
      fields[field] = member;
    else if (!hosted_ || member.key().escaped != "anthropic_version")
      extra(member, {nullptr, member.key().escaped});
  }
  if (!hosted_) TRY_VOID(need(fields[kModel], {nullptr, kNames[kModel]}, request_.model));
  TRY_VOID(options(fields));
  TRY_VOID(sampling(fields));
  TRY_VOID(system(fields[kSystem]));
  return messages(fields[kMessages]);
}

Result<void> RequestDecoder::options(std::span<const json::Value> fields) {
  auto place = [](Field field) { return Place{nullptr, kNames[field]}; };
  json::Value most = fields[kMaxTokens];
  request_.output_tokens_max = most.integer();
  if (!request_.output_tokens_max) return wrong_type(place(kMaxTokens), "a whole number", most);
  if (*request_.output_tokens_max < 1) return refuse(place(kMaxTokens), "wanted 1 or more");
  std::optional<bool> stream;
  TRY_VOID(read(fields[kStream], place(kStream), stream));
  request_.stream = request_.stream_usage = stream.value_or(false);
  TRY_VOID(read(fields[kServiceTier], place(kServiceTier), request_.service_tier));
  TRY_VOID(tools(fields[kTools]));
  TRY_VOID(tool_choice(fields[kToolChoice]));
  TRY_VOID(thinking(fields[kThinking]));
  TRY_VOID(output_format(fields[kOutputFormat], place(kOutputFormat)));
  TRY_VOID(output_config(fields[kOutputConfig]));
  return metadata(fields[kMetadata]);
}

Result<void> RequestDecoder::sampling(std::span<const json::Value> fields) {
  auto number = [&](Field field, canon::Raw& to) -> Result<void> {
    json::Value value = fields[field];
    if (!value.present()) return {};
    if (value.type() != json::Type::number) return wrong_type({nullptr, kNames[field]}, "a number", value);
    to = value.raw();
    return {};
  };
  TRY_VOID(number(kTemperature, request_.sampling.temperature));
  TRY_VOID(number(kTopP, request_.sampling.top_p));
  TRY_VOID(number(kTopK, request_.sampling.top_k));
  json::Value stops = fields[kStopSequences];
  if (!stops.present()) return {};
  Place at{nullptr, kNames[kStopSequences]};
  if (!stops.is_array()) return wrong_type(at, "an array of strings", stops);
  for (json::Value stop : stops) {
    if (!stop.is_string()) return wrong_type(at[request_.stop.size()], "a string", stop);
    request_.stop.push_back(stop.text());
  }
  return {};
}

Result<void> RequestDecoder::tools(json::Value tools) {
  Place at{nullptr, "tools"};
  if (!tools.present()) return {};
  if (!tools.is_array()) return wrong_type(at, "an array", tools);
  request_.tools.reserve(tools.size());
  size_t index = 0;
  for (json::Value each : tools) TRY_VOID(tool(each, at[index++]));
  return {};
}

Result<void> RequestDecoder::tool(json::Value tool, const Place& at) {
  if (!tool.is_object()) return wrong_type(at, "an object", tool);
  json::Value type = tool["type"];
  if (type.present() && !type.is_string()) return wrong_type(at["type"], "a string", type);
  if (type.present() && type.text().escaped != "custom") {  // runs at the provider: nobody else has it
    extra(tool, at);
    return {};
  }
  canon::Tool out;
  out.at = static_cast<uint32_t>(at.index);
  TRY_VOID(need(tool["name"], at["name"], out.name));
  TRY_VOID(read(tool["description"], at["description"], out.description));
  TRY_VOID(read(tool["strict"], at["strict"], out.strict));
  json::Value schema = tool["input_schema"];
  if (!schema.is_object()) return wrong_type(at["input_schema"], "an object", schema);
  out.schema = schema.raw();
  out.cache_control = raw(tool["cache_control"]);
  rest(tool, at, {"type", "name", "description", "strict", "input_schema", "cache_control"});
  request_.tools.push_back(out);
  return {};
}

Result<void> RequestDecoder::tool_choice(json::Value choice) {
  using Kind = canon::ToolChoice::Kind;
  Place at{nullptr, "tool_choice"};
  if (!choice.present()) return {};
  if (!choice.is_object()) return wrong_type(at, "an object", choice);
  auto& out = request_.tool_choice;
  canon::Text type;
  TRY_VOID(need(choice["type"], at["type"], type));
  if (type.escaped == "auto")
    out.kind = Kind::automatic;
  else if (type.escaped == "any")
    out.kind = Kind::required;
  else if (type.escaped == "none")
    out.kind = Kind::none;
  else if (type.escaped == "tool")
    out.kind = Kind::named;
  else
    return refuse(at["type"], "wanted auto, any, tool or none, got '" + json::unescape(type) + "'");
  if (out.kind == Kind::named) TRY_VOID(need(choice["name"], at["name"], out.name));
  std::optional<bool> single;
  TRY_VOID(read(choice["disable_parallel_tool_use"], at["disable_parallel_tool_use"], single));
  if (single) out.parallel = !*single;
  rest(choice, at, {"type", "name", "disable_parallel_tool_use"});
  return {};
}

Result<void> RequestDecoder::thinking(json::Value thinking) {
  using Mode = canon::ReasoningOptions::Mode;
  Place at{nullptr, "thinking"};
  if (!thinking.present()) return {};
  if (!thinking.is_object()) return wrong_type(at, "an object", thinking);
  canon::Text type;
  TRY_VOID(need(thinking["type"], at["type"], type));
  if (type.escaped == "disabled") {
    request_.reasoning.mode = Mode::off;
  } else if (type.escaped == "adaptive") {
    request_.reasoning.mode = Mode::adaptive;
  } else if (type.escaped == "enabled") {
    request_.reasoning.mode = Mode::budget;
    json::Value budget = thinking["budget_tokens"];
    request_.reasoning.budget_tokens = budget.integer();
    if (!request_.reasoning.budget_tokens) return wrong_type(at["budget_tokens"], "a whole number", budget);
    if (*request_.reasoning.budget_tokens < 1) return refuse(at["budget_tokens"], "wanted 1 or more");
  } else {
    return refuse(at["type"], "wanted enabled, adaptive or disabled, got '" + json::unescape(type) + "'");
  }
  rest(thinking, at, {"type", "budget_tokens"});
  return {};
}

Result<void> RequestDecoder::output_config(json::Value config) {
  Place at{nullptr, "output_config"};
  if (!config.present()) return {};
  if (!config.is_object()) return wrong_type(at, "an object", config);
  TRY_VOID(read(config["effort"], at["effort"], request_.reasoning.effort));
  TRY_VOID(output_format(config["format"], at["format"]));
  rest(config, at, {"effort", "format"});
  return {};
}

Result<void> RequestDecoder::output_format(json::Value format, const Place& at) {
  if (!format.present()) return {};
  if (!format.is_object()) return wrong_type(at, "an object", format);
  canon::Text type;
  TRY_VOID(need(format["type"], at["type"], type));
  if (type.escaped != "json_schema") {
    extra(format, at);
    return {};
  }
  if (!format["schema"].is_object()) return wrong_type(at["schema"], "an object", format["schema"]);
  request_.output.kind = canon::OutputFormat::Kind::json_schema;
  request_.output.schema = format["schema"].raw();
  rest(format, at, {"type", "schema"});
  return {};
}

Result<void> RequestDecoder::metadata(json::Value metadata) {
  Place at{nullptr, "metadata"};
  if (!metadata.present()) return {};
  if (!metadata.is_object()) return wrong_type(at, "an object", metadata);
  TRY_VOID(read(metadata["user_id"], at["user_id"], request_.user));
  rest(metadata, at, {"user_id"});
  return {};
}

// ---- values

Result<void> RequestDecoder::read(json::Value from, const Place& at, canon::Text& to) {
  if (!from.present()) return {};
  if (!from.is_string()) return wrong_type(at, "a string", from);
  to = from.text();
  return {};
}

Result<void> RequestDecoder::read(json::Value from, const Place& at, std::optional<bool>& to) {
  if (!from.present()) return {};
  to = from.boolean();
  if (!to) return wrong_type(at, "a boolean", from);
  return {};
}

Result<void> RequestDecoder::need(json::Value from, const Place& at, canon::Text& to) {
  if (!from.is_string()) return wrong_type(at, "a string", from);
  to = from.text();
  if (to.empty()) return refuse(at, "wanted a string that is not empty");
  return {};
}

void RequestDecoder::extra(json::Value value, const Place& at) {
  if (value.present()) request_.extras.push_back({at.path(), value.raw()});
}

void RequestDecoder::rest(json::Value object, const Place& at,
                          std::initializer_list<std::string_view> known) {
  for (json::Value member : object) {
    std::string_view key = member.key().escaped;
    if (std::find(known.begin(), known.end(), key) == known.end()) extra(member, at[key]);
  }
}

namespace {

// The system prompt stands apart from the messages.
std::string path_of(const canon::Turn& turn, const canon::Part* part) {
  const bool apart = turn.at == canon::kAlone;
  const Place messages{nullptr, "messages"}, message = messages[turn.at], content = message["content"];
  const Place system{nullptr, "system"};
  if (!part) return apart ? system.path() : message.path();
  const Place& list = apart ? system : content;
  return part->at == canon::kAlone ? list.path() : list[part->at].path();
}

constexpr canon::Word kWords[] = {{"stop", "stop_sequences"},
                                  {"user", "metadata.user_id"},
                                  {"parallel_tool_calls", "tool_choice.disable_parallel_tool_use"},
                                  {"reasoning_effort", "output_config.effort"},
                                  {"response_format.json_schema", "output_config.format"},
                                  {"response_format", "output_config.format"}};
constexpr canon::Places kPlaces{path_of, "name", "input_schema", "output_config.format.schema",
                                nullptr, {},     "content",      kWords};

}  // namespace

Result<std::unique_ptr<canon::Request>> decode_request(json::Value root, bool hosted) {
  auto request = std::make_unique<canon::Request>();
  request->places = &kPlaces;
  TRY_VOID(RequestDecoder(*request, hosted).decode(root));
  return request;
}

}  // namespace hanse::anthropic_messages
