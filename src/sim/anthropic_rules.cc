#include "sim/anthropic_rules.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kKnown =
    " cache_control container context_management diagnostics fallback_credit_token fallbacks "
    "inference_geo max_tokens mcp_servers messages metadata model output_config output_format "
    "service_tier speed stop_sequences stream system temperature thinking tool_choice tools top_k "
    "top_p ";
constexpr int64_t kBudgetMin = 1024;

Check check_fields(json::Value root, bool counting) {
  for (std::string_view name : {"model", "messages", "max_tokens"})
    if (root[name].missing() && !(counting && name == "max_tokens"))
      return anthropic_invalid(fmt::format("{}: Field required", name));
  for (json::Value member : root) {
    std::string name = json::unescape(member.key());
    if (kKnown.find(" " + name + " ") == std::string_view::npos)
      return anthropic_invalid(name + ": Extra inputs are not permitted");
  }
  if (!root["model"].is_string()) return anthropic_invalid("model: Input should be a valid string");
  if (!root["messages"].is_array()) return anthropic_invalid("messages: Input should be a valid array");
  if (root["messages"].size() == 0) return anthropic_invalid("messages: at least one message is required");
  if (root["stream"].present() && !root["stream"].boolean())
    return anthropic_invalid("stream: Input should be a valid boolean");
  return {};
}

Check check_range(json::Value root, std::string_view name, double low, double high) {
  json::Value value = root[name];
  if (!value.present()) return {};
  auto n = value.number();
  if (!n) return anthropic_invalid(fmt::format("{}: Input should be a valid number", name));
  if (*n < low)
    return anthropic_invalid(fmt::format("{}: Input should be greater than or equal to {}", name, low));
  if (*n > high)
    return anthropic_invalid(fmt::format("{}: Input should be less than or equal to {}", name, high));
  return {};
}

Check check_numbers(json::Value root, bool counting) {
  if (!counting && !root["max_tokens"].integer())
    return anthropic_invalid("max_tokens: Input should be a valid integer");
  if (auto error = check_range(root, "max_tokens", 1, 1e9)) return error;
  if (auto error = check_range(root, "temperature", 0, 1)) return error;
  if (auto error = check_range(root, "top_p", 0, 1)) return error;
  if (auto error = check_range(root, "top_k", 0, 1e9)) return error;
  for (json::Value stop : root["stop_sequences"]) {
    if (!stop.is_string()) return anthropic_invalid("stop_sequences: Input should be a valid string");
    if (stop.string().find_first_not_of(" \t\r\n") == std::string::npos)
      return anthropic_invalid("stop_sequences: each stop sequence must contain non-whitespace");
  }
  return {};
}

Check check_system(json::Value system) {
  if (!system.present() || system.is_string()) return {};
  if (!system.is_array()) return anthropic_invalid("system: Input should be a valid string or array");
  size_t index = 0;
  for (json::Value block : system) {
    if (block["type"].string() != "text")
      return anthropic_invalid(fmt::format(
          "system.{}: Input tag '{}' found using 'type' does not match any of the expected tags: 'text'",
          index, block["type"].string()));
    if (block["text"].string().empty())
      return anthropic_invalid("system: text content blocks must be non-empty");
    ++index;
  }
  return {};
}

Check check_tools(json::Value root) {
  json::Value tools = root["tools"], choice = root["tool_choice"];
  if (tools.present() && !tools.is_array()) return anthropic_invalid("tools: Input should be a valid array");
  std::vector<std::string> names;
  size_t index = 0;
  for (json::Value tool : tools) {
    std::string where = fmt::format("tools.{}.custom", index++);
    if (tool["type"].present() && tool["type"].string() != "custom")
      continue;  // a server's tool: not simulated
    if (!tool["name"].is_string()) return anthropic_invalid(where + ".name: Field required");
    if (!is_plain_name(tool["name"].string(), 128))
      return anthropic_invalid(where + ".name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    if (!tool["input_schema"].is_object()) return anthropic_invalid(where + ".input_schema: Field required");
    if (tool["input_schema"]["type"].missing())
      return anthropic_invalid(where + ".input_schema.type: Field required");
    if (tool["input_schema"]["type"].string() != "object")
      return anthropic_invalid(where + ".input_schema.type: Input should be 'object'");
    if (std::find(names.begin(), names.end(), tool["name"].string()) != names.end())
      return anthropic_invalid("tools: Tool names must be unique.");
    names.push_back(tool["name"].string());
  }
  if (!choice.present()) return {};
  std::string type = choice["type"].string();
  if (type != "auto" && type != "any" && type != "tool" && type != "none")
    return anthropic_invalid(
        fmt::format("tool_choice: Input tag '{}' found using 'type' does not match any of the expected tags: "
                    "'auto', 'any', 'tool', 'none'",
                    type));
  if (tools.size() == 0 && type != "none")
    return anthropic_invalid("tool_choice: `tool_choice` may only be specified while providing `tools`.");
  if (type == "tool" && std::find(names.begin(), names.end(), choice["name"].string()) == names.end())
    return anthropic_invalid(fmt::format("Tool '{}' not found in provided tools", choice["name"].string()));
  return {};
}

Check check_thinking(json::Value root, bool* on) {
  json::Value thinking = root["thinking"];
  std::string type = thinking["type"].string();
  *on = type == "enabled";
  if (!thinking.present() || type == "disabled" || type == "adaptive") return {};
  if (type != "enabled")
    return anthropic_invalid(
        fmt::format("thinking: Input tag '{}' found using 'type' does not match any of the expected tags: "
                    "'adaptive', 'disabled', 'enabled'",
                    type));
  auto budget = thinking["budget_tokens"].integer();
  if (!budget) return anthropic_invalid("thinking.enabled.budget_tokens: Field required");
  if (*budget < kBudgetMin)
    return anthropic_invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
  if (auto most = root["max_tokens"].integer(); most && *most <= *budget)
    return anthropic_invalid("`max_tokens` must be greater than `thinking.budget_tokens`.");
  if (auto temperature = root["temperature"].number(); temperature && *temperature != 1)
    return anthropic_invalid("`temperature` may only be set to 1 when thinking is enabled.");
  if (root["top_k"].present()) return anthropic_invalid("`top_k` must be unset when thinking is enabled.");
  if (auto top_p = root["top_p"].number(); top_p && *top_p < 0.95)
    return anthropic_invalid(
        "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.");
  std::string choice = root["tool_choice"]["type"].string();
  if (choice == "any" || choice == "tool")
    return anthropic_invalid("Thinking may not be enabled when tool_choice forces tool use.");
  return {};
}

}  // namespace

CloudError anthropic_invalid(std::string message) {
  return {400, "invalid_request_error", std::move(message)};
}

Check check_anthropic_request(json::Value root, bool counting) {
  bool thinking = false;
  if (auto error = check_fields(root, counting)) return error;
  if (auto error = check_numbers(root, counting)) return error;
  if (auto error = check_system(root["system"])) return error;
  if (auto error = check_tools(root)) return error;
  if (auto error = check_thinking(root, &thinking)) return error;
  return check_anthropic_messages(root["messages"], thinking);
}

}  // namespace hanse::sim
