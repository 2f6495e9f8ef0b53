#include "sim/cohere_rules.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kKnown =
    " citation_options documents frequency_penalty k logprobs max_tokens messages model p presence_penalty "
    "priority raw_prompting response_format safety_mode seed stop_sequences stream strict_tools temperature "
    "thinking tool_choice tools ";
constexpr size_t kStopsMax = 5;

CloudError invalid(std::string message) { return {400, "", "invalid request: " + std::move(message)}; }

Check check_range(json::Value root, std::string_view name, double low, double high) {
  json::Value value = root[name];
  if (!value.present()) return {};
  auto n = value.number();
  if (!n) return invalid(fmt::format("{} must be a number", name));
  if (*n < low || *n > high) return invalid(fmt::format("{} must be between {} and {}", name, low, high));
  return {};
}

Check check_fields(json::Value root) {
  for (json::Value member : root)
    if (std::string name = json::unescape(member.key());
        kKnown.find(" " + name + " ") == std::string_view::npos)
      return CloudError{422, "", fmt::format("unknown field: parameter '{}' is not a valid field", name)};
  if (!root["model"].is_string()) return invalid("model is required");
  if (!root["messages"].is_array() || root["messages"].size() == 0)
    return invalid("list of messages must not be empty");
  if (root["stream"].present() && !root["stream"].boolean()) return invalid("stream must be a boolean");
  if (root["stop_sequences"].size() > kStopsMax)
    return invalid(fmt::format("at most {} stop_sequences are allowed", kStopsMax));
  for (auto [name, low, high] :
       {std::tuple("temperature", 0.0, 1.0), std::tuple("p", 0.01, 0.99), std::tuple("k", 0.0, 500.0),
        std::tuple("frequency_penalty", 0.0, 1.0), std::tuple("presence_penalty", 0.0, 1.0),
        std::tuple("max_tokens", 1.0, 1e9)})
    if (auto error = check_range(root, name, low, high)) return error;
  return {};
}

Check check_tools(json::Value root) {
  json::Value tools = root["tools"], choice = root["tool_choice"];
  if (tools.present() && !tools.is_array()) return invalid("tools must be a list");
  size_t index = 0;
  for (json::Value tool : tools) {
    std::string where = fmt::format("tools[{}]", index++);
    if (tool["type"].string() != "function") return invalid(where + ".type must be 'function'");
    if (!tool["function"]["name"].is_string()) return invalid(where + ".function.name is required");
    if (tool["function"]["parameters"].present() && !tool["function"]["parameters"].is_object())
      return invalid(where + ".function.parameters must be an object");
  }
  if (!choice.present()) return {};
  if (choice.string() != "REQUIRED" && choice.string() != "NONE")
    return invalid("tool_choice must be one of REQUIRED, NONE");
  if (tools.size() == 0) return invalid("tool_choice can only be set when tools are given");
  return {};
}

Check check_content(json::Value content, const std::string& where) {
  if (content.is_string()) return {};
  if (!content.is_array()) return invalid(where + ".content must be a string or a list");
  for (json::Value part : content) {
    std::string type = part["type"].string();
    if (type == "text" && !part["text"].is_string()) return invalid(where + ".content: text is required");
    if (type != "text" && type != "image_url" && type != "thinking" && type != "document")
      return invalid(fmt::format("{}.content: unknown type '{}'", where, type));
  }
  return {};
}

// A call must be answered, each result must have its call.
Check check_messages(json::Value messages) {
  std::vector<std::string> waiting;
  size_t index = 0;
  for (json::Value message : messages) {
    std::string where = fmt::format("messages[{}]", index++), role = message["role"].string();
    if (role == "tool") {
      std::string id = message["tool_call_id"].string();
      if (std::erase(waiting, id) == 0)
        return invalid(fmt::format("{}: tool_call_id '{}' is not found in previous tool_calls", where, id));
      if (auto error = check_content(message["content"], where)) return error;
      continue;
    }
    if (!waiting.empty())
      return invalid(fmt::format("{}: tool call id {} not found in tool results", where, waiting.front()));
    if (role != "user" && role != "assistant" && role != "system" && role != "developer")
      return invalid(fmt::format("{}: unknown role '{}'", where, role));
    json::Value calls = message["tool_calls"];
    for (json::Value call : calls) {
      if (!call["id"].is_string() || !call["function"]["name"].is_string() ||
          !call["function"]["arguments"].is_string())
        return invalid(where + ".tool_calls: id, function.name and function.arguments are required");
      waiting.push_back(call["id"].string());
    }
    if (calls.size() > 0 && !message["content"].present()) continue;
    if (auto error = check_content(message["content"], where)) return error;
  }
  return waiting.empty() ? Check() : invalid("tool calls without results");
}

}  // namespace

Check check_cohere_request(json::Value root) {
  if (auto error = check_fields(root)) return error;
  if (auto error = check_tools(root)) return error;
  return check_messages(root["messages"]);
}

}  // namespace hanse::sim
