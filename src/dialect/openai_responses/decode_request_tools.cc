// A client's request: the tools. Those that take a text, and groups of tools, are known to few languages: the
// first get a schema with one member, and the name of a group goes in front of the names of its tools.
#include "dialect/openai_responses/decoder.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

using canon::ToolChoice;
using json::Text;
using json::Value;

namespace {

constexpr std::string_view kTextSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

}  // namespace

Text joined_name(Text space, Text name, Arena& arena) {
  if (space.empty() || space == name) return name;  // a tool that was searched for is a group of its own
  std::string joined(space.escaped);
  if (!joined.ends_with('_')) joined += "__";
  return {arena.copy(joined.append(name.escaped))};
}

Text name_in_space(const canon::Tool& tool) {
  if (tool.space.empty() || tool.space == tool.name) return tool.name;
  std::string_view name = tool.name.escaped.substr(tool.space.escaped.size());
  return {name.substr(tool.space.escaped.ends_with('_') ? 0 : 2)};
}

const canon::Tool* find_tool(const canon::Request* request, Text name) {
  if (!request) return nullptr;
  for (const canon::Tool& tool : request->tools)
    if (tool.name == name) return &tool;
  return nullptr;
}

Result<void> RequestDecoder::tools(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  request_.tools.reserve(request_.tools.size() + list.size());
  size_t index = 0;
  for (Value each : list) {
    Place here = at[index];
    canon::Tool tool;
    tool.at = Spot{static_cast<uint32_t>(index++)}.packed();
    TRY_VOID(this->tool(each, tool, here));
  }
  return {};
}

// Tools that run at the provider are that provider's: they are lost elsewhere.
Result<void> RequestDecoder::tool(Value value, canon::Tool tool, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "namespace" && tool.space.empty()) return group(value, at);
  if (type.escaped == "function") {
    TRY_VOID(function(value, tool, at));
  } else if (type.escaped == "custom") {
    TRY_VOID(custom(value, tool, at));
  } else {
    extra(value, at);
    return {};
  }
  if (tool.name.empty()) return refuse(at["name"], "wanted a name, got an empty string");
  tool.name = joined_name(tool.space, tool.name, request_.arena);
  request_.tools.push_back(tool);
  return {};
}

Result<void> RequestDecoder::function(Value value, canon::Tool& tool, const Place& at) {
  auto [type, name, description, schema, strict, deferred] =
      members<6>(value, at, {"type", "name", "description", "parameters", "strict", "defer_loading"});
  TRY(tool.name, want_text(name, at["name"]));
  TRY(tool.description, want_text_or_nothing(description, at["description"]));
  if (schema.present() && !schema.is_object())
    return wanted(at["parameters"], "an object (a JSON schema)", schema);
  if (schema.present()) tool.schema = schema.raw();
  if (strict.present()) {
    TRY(tool.strict, want_flag(strict, at["strict"]));
  }
  return {};  // `defer_loading` only saves tokens where the provider can search for tools
}

Result<void> RequestDecoder::custom(Value value, canon::Tool& tool, const Place& at) {
  auto [type, name, description, format, deferred] =
      members<5>(value, at, {"type", "name", "description", "format", "defer_loading"});
  TRY(tool.name, want_text(name, at["name"]));
  TRY(tool.description, want_text_or_nothing(description, at["description"]));
  tool.custom = true;
  tool.schema = {kTextSchema};
  if (!format.present()) return {};
  tool.format = format.raw();
  if (format["type"].text().escaped != "text") extra(format, at["format"]);
  return {};
}

Result<void> RequestDecoder::group(Value value, const Place& at) {
  auto [type, name, description, list] = members<4>(value, at, {"type", "name", "description", "tools"});
  canon::Tool tool;
  TRY(tool.space, want_text(name, at["name"]));
  if (tool.space.empty()) return refuse(at["name"], "wanted a name, got an empty string");
  TRY(tool.space_about, want_text_or_nothing(description, at["description"]));
  if (description.present()) extra(description, at["description"]);  // who knows no groups can't say it
  Place inside = at["tools"];
  if (!list.is_array()) return wanted(inside, "an array", list);
  Spot spot{static_cast<uint32_t>(at.index), 0};
  for (Value each : list) {
    tool.at = spot.packed();
    TRY_VOID(this->tool(each, tool, inside[spot.inside++]));
  }
  return {};
}

Result<void> RequestDecoder::tool_choice(Value value, const Place& at) {
  request_.tool_choice.name = {};
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
  TRY(Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "function" || type.escaped == "custom") return chosen(value, at);
  ToolChoice::Kind& kind = request_.tool_choice.kind;
  kind = ToolChoice::Kind::automatic;
  if (type.escaped != "allowed_tools") {  // a tool of the provider
    extra(value, at);
    return {};
  }
  TRY(Text mode, want_text(value["mode"], at["mode"]));
  if (mode.escaped != "auto" && mode.escaped != "required")
    return unknown_word(at["mode"], mode, "auto, required");
  Value allowed = value["tools"];
  Place inside = at["tools"];
  if (!allowed.is_array()) return wanted(inside, "an array", allowed);
  // Which tools is lost unless it is one, whether one must be called is not.
  const bool must = mode.escaped == "required";
  if (must) kind = ToolChoice::Kind::required;
  Value first = allowed.size() == 1 ? *allowed.begin() : Value();
  if (must && first["name"].is_string()) return chosen(first, inside[0]);
  extra(value, at);
  return {};
}

Result<void> RequestDecoder::chosen(Value value, const Place& at) {
  TRY(Text name, want_text(value["name"], at["name"]));
  TRY(Text space, want_text_or_nothing(value["namespace"], at["namespace"]));
  request_.tool_choice.name = joined_name(space, name, request_.arena);
  request_.tool_choice.kind = ToolChoice::Kind::named;
  return {};
}

}  // namespace hanse::openai_responses
