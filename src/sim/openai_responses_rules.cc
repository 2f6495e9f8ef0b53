#include "sim/model.h"
#include "sim/openai_rules.h"

namespace hanse::sim {
namespace {

// Of the endpoint's published description; anything else is refused.
constexpr std::string_view kKnown =
    " background client_metadata context_management conversation include input instructions "
    "max_output_tokens max_tool_calls metadata model moderation parallel_tool_calls previous_response_id "
    "prompt "
    "prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier "
    "store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation user ";

constexpr size_t kProofSize = 51;  // as sign_reasoning() makes them

// Goes through the items and remembers which calls still wait for their result.
class ItemRules {
 public:
  Check check(json::Value items) {
    size_t index = 0;
    for (json::Value item : items) {
      at_ = fmt::format("input[{}]", index++);
      if (!item.is_object()) return openai_wrong_type(at_, "an object", item);
      if (auto error = check_one(item)) return error;
    }
    if (waiting_.empty()) return {};
    return openai_invalid(fmt::format("No tool output found for function call {}.", waiting_.front()),
                          "input");
  }

 private:
  Check check_one(json::Value item) {
    std::string type = item["type"].is_string() ? item["type"].string() : "message";
    if (type == "message") return check_message(item);
    if (type == "function_call" || type == "custom_tool_call") return check_call(item, type);
    if (type == "function_call_output" || type == "custom_tool_call_output") return check_result(item);
    if (type == "reasoning") {
      if (!item["id"].is_string()) return openai_missing(at_ + ".id");
      if (!item["summary"].is_array()) return openai_missing(at_ + ".summary");
      return check_proof(item["encrypted_content"]);
    }
    return openai_invalid(fmt::format("Invalid value: '{}'.", type), at_ + ".type", "invalid_value");
  }

  // Only what this cloud has sealed itself.
  static Check check_proof(json::Value proof) {
    if (!proof.is_string()) return {};
    std::string text = proof.string();
    const bool own = text.size() == kProofSize && text.starts_with("SIM");
    if (own || is_hidden_reasoning(text)) return {};
    return openai_invalid("The encrypted content could not be verified.", "input",
                          "invalid_encrypted_content");
  }

  Check check_message(json::Value item) {
    json::Value role = item["role"], content = item["content"];
    if (!role.is_string()) return openai_missing(at_ + ".role");
    std::string name = role.string();
    if (name != "user" && name != "assistant" && name != "system" && name != "developer")
      return openai_invalid(fmt::format("Invalid value: '{}'. Supported values are: 'assistant', 'system', "
                                        "'developer', and 'user'.",
                                        name),
                            at_ + ".role", "invalid_value");
    if (content.is_string()) return {};
    if (!content.is_array())
      return openai_wrong_type(at_ + ".content", "one of an array of objects or string", content);
    size_t index = 0;
    for (json::Value part : content)
      if (auto error = check_part(part, name == "assistant", fmt::format("{}.content[{}]", at_, index++)))
        return error;
    return {};
  }

  static Check check_part(json::Value part, bool assistant, const std::string& where) {
    if (!part["type"].is_string()) return openai_missing(where + ".type");
    std::string type = part["type"].string();
    bool known = assistant ? type == "output_text" || type == "refusal"
                           : type == "input_text" || type == "input_image" || type == "input_file";
    if (!known)
      return openai_invalid(fmt::format("Invalid value: '{}'. Supported values are: {}.", type,
                                        assistant ? "'output_text' and 'refusal'"
                                                  : "'input_text', 'input_image', and 'input_file'"),
                            where, "invalid_value");
    if (type.ends_with("_text") && !part["text"].is_string()) return openai_missing(where + ".text");
    if (type == "input_image" && !part["image_url"].is_string() && !part["file_id"].is_string())
      return openai_missing(where + ".image_url");
    return {};
  }

  Check check_call(json::Value item, std::string_view type) {
    for (std::string_view name : {std::string_view("call_id"), std::string_view("name"),
                                  std::string_view(type == "function_call" ? "arguments" : "input")})
      if (!item[name].is_string()) return openai_missing(fmt::format("{}.{}", at_, name));
    std::string id = item["call_id"].string();
    if (id.empty() || id.size() > 64)
      return openai_invalid(
          fmt::format("Invalid '{}.call_id': string too long. Expected a string with maximum "
                      "length 64, but got a string with length {} instead.",
                      at_, id.size()),
          at_ + ".call_id", "string_above_max_length");
    waiting_.push_back(std::move(id));
    return {};
  }

  Check check_result(json::Value item) {
    if (!item["call_id"].is_string()) return openai_missing(at_ + ".call_id");
    std::string id = item["call_id"].string();
    if (std::erase(waiting_, id) == 0)
      return openai_invalid(fmt::format("No tool call found for function call output with call_id {}.", id),
                            "input");
    json::Value output = item["output"];
    if (output.is_string() || output.is_array()) return {};
    return openai_missing(at_ + ".output");
  }

  std::string at_;
  std::vector<std::string> waiting_;
};

Check check_tools(json::Value root) {
  json::Value tools = root["tools"], choice = root["tool_choice"];
  if (tools.present() && !tools.is_array()) return openai_wrong_type("tools", "an array of objects", tools);
  std::string wanted = choice.is_object() && choice["name"].is_string() ? choice["name"].string() : "";
  bool found = wanted.empty();
  size_t index = 0;
  for (json::Value tool : tools) {
    std::string where = fmt::format("tools[{}]", index++);
    if (!tool["type"].is_string()) return openai_missing(where + ".type");
    if (tool["type"].string() != "function" && tool["type"].string() != "custom") continue;
    if (!tool["name"].is_string()) return openai_missing(where + ".name");
    std::string name = tool["name"].string();
    if (!is_plain_name(name, 64))
      return openai_invalid(fmt::format("Invalid '{}.name': string does not match pattern. Expected a string "
                                        "that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                                        where),
                            where + ".name", "invalid_value");
    json::Value parameters = tool["parameters"];
    if (parameters.present() && parameters["type"].string() != "object")
      return openai_invalid(fmt::format("Invalid schema for function '{}': schema must be a JSON Schema of "
                                        "'type: \"object\"'.",
                                        name),
                            where + ".parameters", "invalid_function_parameters");
    found = found || name == wanted;
  }
  if (found) return {};
  return openai_invalid(fmt::format("Tool choice 'function' not found in 'tools' parameter: {}", wanted),
                        "tool_choice");
}

Check check_form(json::Value form) {
  if (!form.present()) return {};
  if (!form["type"].is_string()) return openai_missing("text.format.type");
  if (form["type"].string() != "json_schema") return {};
  if (!form["name"].is_string()) return openai_missing("text.format.name");
  if (!is_plain_name(form["name"].string(), 64))
    return openai_invalid(
        "Invalid 'text.format.name': string does not match pattern. Expected a string that matches the "
        "pattern '^[a-zA-Z0-9_-]+$'.",
        "text.format.name", "invalid_value");
  if (!form["schema"].is_object()) return openai_missing("text.format.schema");
  return {};
}

}  // namespace

Check check_responses_request(json::Value root, bool) {
  if (!root["model"].present()) return openai_missing("model");
  if (!root["model"].is_string()) return openai_wrong_type("model", "a string", root["model"]);
  for (json::Value member : root) {
    std::string name = json::unescape(member.key());
    if (kKnown.find(" " + name + " ") == std::string_view::npos)
      return openai_invalid(fmt::format("Unknown parameter: '{}'.", name), name, "unknown_parameter");
  }
  if (json::Value before = root["previous_response_id"]; before.is_string())
    return openai_invalid(fmt::format("Previous response with id '{}' not found.", before.string()),
                          "previous_response_id", "previous_response_not_found");
  if (auto error = check_tools(root)) return error;
  if (auto error = check_form(root["text"]["format"])) return error;
  for (auto [name, low, high] :
       {OpenAiRange{"temperature", 0, 2}, OpenAiRange{"top_p", 0, 1},
        OpenAiRange{"max_output_tokens", 16, 1e9}, OpenAiRange{"top_logprobs", 0, 20}})
    if (auto error = openai_check_range(root, name, low, high)) return error;
  json::Value input = root["input"];
  if (!input.present()) return openai_missing("input");
  if (input.is_string()) return {};
  if (!input.is_array()) return openai_wrong_type("input", "one of a string or array of objects", input);
  return ItemRules().check(input);
}

}  // namespace hanse::sim
