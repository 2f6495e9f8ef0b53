#include "dialect/anthropic_messages/anthropic_messages.h"
#include "dialect/anthropic_messages/request_blocks.h"

namespace hanse::anthropic_messages {
namespace {

using canon::Request;
using canon::Role;
using json::Raw;
using json::Text;
using json::Value;

const Path kRoot;

Result<void> read_system(Request& request, Value system) {
  if (!system.present()) return {};
  canon::Turn turn;
  turn.role = Role::system;
  TRY_VOID(BlockReader(request).read_content(system, turn.parts, kRoot["system"]));
  request.turns.push_back(std::move(turn));
  return {};
}

Result<void> read_message(Request& request, Value message, const Path& path) {
  TRY_VOID(want_object(message, path));
  TRY(Text role, want_text(message["role"], path["role"]));
  canon::Turn turn;
  turn.index = static_cast<int32_t>(path.index);
  if (role.escaped == "user") turn.role = Role::user;
  else if (role.escaped == "assistant") turn.role = Role::assistant;
  else if (role.escaped == "system") turn.role = Role::system;
  else return refuse(path["role"], "no role of this name; there are user, assistant and system");
  TRY_VOID(BlockReader(request).read_content(message["content"], turn.parts, path["content"]));
  if (message.size() > 2)
    for (Value member : message) {
      std::string_view key = member.key().escaped;
      if (key != "role" && key != "content") keep_extra(request, path[key], member);
    }
  request.turns.push_back(std::move(turn));
  return {};
}

Result<void> read_messages(Request& request, Value messages) {
  Path path = kRoot["messages"];
  TRY_VOID(want_array(messages, path));
  if (messages.size() == 0) return refuse(path, "wanted at least one message");
  request.turns.reserve(messages.size() + 1);
  int64_t index = 0;
  for (Value message : messages) TRY_VOID(read_message(request, message, path.at(index++)));
  return {};
}

// ---- tools

Result<void> read_tool(Request& request, Value value, const Path& path) {
  TRY_VOID(want_object(value, path));
  TRY(Text type, optional_text(value["type"], path["type"]));
  if (!type.empty() && type.escaped != "custom") {  // a tool that Anthropic runs, or defines
    keep_extra(request, path, value);
    return {};
  }
  canon::Tool tool;
  for (Value member : value) {
    Path at = path[member.key().escaped];
    if (at.key == "description") {
      TRY(tool.description, optional_text(member, at));
    } else if (at.key == "strict") {
      TRY(tool.strict, optional_boolean(member, at));
    } else if (at.key == "cache_control") {
      tool.cache_control = member.present() ? member.raw() : Raw();
    } else if (at.key == "input_schema") {
      TRY_VOID(want_object(member, at));
      tool.schema = member.raw();
    } else if (at.key != "name" && at.key != "type") {
      keep_extra(request, at, member);
    }
  }
  TRY(tool.name, want_text(value["name"], path["name"]));
  request.tools.push_back(tool);
  return {};
}

Result<void> read_tools(Request& request, Value tools) {
  if (!tools.present()) return {};
  Path path = kRoot["tools"];
  TRY_VOID(want_array(tools, path));
  request.tools.reserve(tools.size());
  int64_t index = 0;
  for (Value tool : tools) TRY_VOID(read_tool(request, tool, path.at(index++)));
  return {};
}

Result<void> read_choice(Request& request, Value choice) {
  if (!choice.present()) return {};
  Path path = kRoot["tool_choice"];
  TRY_VOID(want_object(choice, path));
  TRY(Text type, want_text(choice["type"], path["type"]));
  using Kind = canon::ToolChoice::Kind;
  canon::ToolChoice& out = request.tool_choice;
  std::string_view word = type.escaped;
  if (word == "auto") out.kind = Kind::automatic;
  else if (word == "any") out.kind = Kind::required;
  else if (word == "none") out.kind = Kind::none;
  else if (word == "tool") out.kind = Kind::named;
  else return refuse(path["type"], "wanted auto, any, tool or none");
  if (out.kind == Kind::named) TRY(out.name, want_text(choice["name"], path["name"]));
  TRY(auto single, optional_boolean(choice["disable_parallel_tool_use"], path["disable_parallel_tool_use"]));
  if (single) out.parallel = !*single;
  return {};
}

// ---- how to answer

Result<void> read_format(Request& request, Value format, const Path& path) {
  if (!format.present()) return {};
  TRY_VOID(want_object(format, path));
  if (format["type"].text().escaped != "json_schema") {
    keep_extra(request, path, format);
    return {};
  }
  TRY_VOID(want_object(format["schema"], path["schema"]));
  request.output.kind = canon::OutputFormat::Kind::json_schema;
  request.output.schema = format["schema"].raw();
  TRY(request.output.name, optional_text(format["name"], path["name"]));
  return {};
}

Result<void> read_output_config(Request& request, Value config) {
  if (!config.present()) return {};
  Path path = kRoot["output_config"];
  TRY_VOID(want_object(config, path));
  for (Value member : config) {
    Path at = path[member.key().escaped];
    if (at.key == "format") {
      TRY_VOID(read_format(request, member, at));
    } else if (at.key == "effort") {
      TRY(request.reasoning.effort, optional_text(member, at));
    } else {
      keep_extra(request, at, member);
    }
  }
  return {};
}

Result<void> read_thinking(Request& request, Value thinking) {
  if (!thinking.present()) return {};
  Path path = kRoot["thinking"];
  TRY_VOID(want_object(thinking, path));
  TRY(Text type, want_text(thinking["type"], path["type"]));
  using Mode = canon::ReasoningOptions::Mode;
  if (type.escaped == "enabled") {
    request.reasoning.mode = Mode::budget;
    TRY(request.reasoning.budget_tokens, optional_count(thinking["budget_tokens"], path["budget_tokens"]));
  } else if (type.escaped == "adaptive") {
    request.reasoning.mode = Mode::adaptive;
  } else if (type.escaped == "disabled") {
    request.reasoning.mode = Mode::off;
  } else {
    keep_extra(request, path, thinking);
  }
  return {};
}

Result<void> read_stops(Request& request, Value stops) {
  if (!stops.present()) return {};
  Path path = kRoot["stop_sequences"];
  TRY_VOID(want_array(stops, path));
  int64_t index = 0;
  for (Value stop : stops) {
    TRY(Text text, want_text(stop, path.at(index++)));
    request.stop.push_back(text);
  }
  return {};
}

Result<void> read_metadata(Request& request, Value metadata) {
  if (!metadata.present()) return {};
  Path path = kRoot["metadata"];
  TRY_VOID(want_object(metadata, path));
  for (Value member : metadata) {
    Path at = path[member.key().escaped];
    if (at.key == "user_id")
      TRY(request.user, optional_text(member, at));
    else
      keep_extra(request, at, member);
  }
  return {};
}

Result<void> read_terms(Request& request, Value v, const Path& path) {
  std::string_view key = path.key;
  if (key == "stream") {
    TRY(auto stream, optional_boolean(v, path));
    request.stream = stream.value_or(false);
  } else if (key == "temperature") {
    TRY(request.sampling.temperature, optional_number(v, path));
  } else if (key == "top_p") {
    TRY(request.sampling.top_p, optional_number(v, path));
  } else if (key == "top_k") {
    TRY(request.sampling.top_k, optional_number(v, path));
  } else if (key == "service_tier") {
    TRY(request.service_tier, optional_text(v, path));
    if (request.service_tier.escaped == "standard_only") request.service_tier = {"default"};
  } else if (key == "max_tokens") {
    TRY(request.output_tokens_max, optional_count(v, path));
  } else if (key == "model") {
    TRY(request.model, want_text(v, path));
  } else {
    keep_extra(request, path, v);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Request>> decode_request(Value root) {
  TRY_VOID(want_object(root, kRoot));
  auto request = std::make_unique<Request>();
  Value messages, system;
  for (Value v : root) {
    Path path = kRoot[v.key().escaped];
    std::string_view key = path.key;
    Result<void> done;
    if (key == "messages") messages = v;
    else if (key == "system") system = v;
    else if (key == "tools") done = read_tools(*request, v);
    else if (key == "tool_choice") done = read_choice(*request, v);
    else if (key == "output_config") done = read_output_config(*request, v);
    else if (key == "output_format") done = read_format(*request, v, path);
    else if (key == "thinking") done = read_thinking(*request, v);
    else if (key == "stop_sequences") done = read_stops(*request, v);
    else if (key == "metadata") done = read_metadata(*request, v);
    else done = read_terms(*request, v, path);
    if (!done) return fail(std::move(done.error()));
  }
  if (request->model.empty()) return refuse(kRoot["model"], "wanted the name of a model");
  request->stream_usage = request->stream;  // a Messages stream always tells
  TRY_VOID(read_system(*request, system));
  TRY_VOID(read_messages(*request, messages));
  return request;
}

}  // namespace hanse::anthropic_messages
