#include "sim/openai_rules.h"

namespace hanse::sim {
namespace {

// Of the endpoint's published description; anything else is refused.
constexpr std::string_view kKnown =
    " audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens "
    "max_tokens messages metadata modalities model moderation n parallel_tool_calls prediction "
    "presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort "
    "response_format safety_identifier seed service_tier stop store stream stream_options temperature "
    "tool_choice tools top_logprobs top_p user verbosity web_search_options ";
constexpr size_t kIdMax = 64;
constexpr size_t kStopsMax = 4;

// Goes through the messages and remembers which calls still wait for their result.
class MessageRules {
 public:
  Check check(json::Value messages) {
    size_t index = 0;
    for (json::Value message : messages) {
      at_ = fmt::format("messages[{}]", index++);
      if (!message.is_object()) return openai_wrong_type(at_, "an object", message);
      if (auto error = check_one(message)) return error;
    }
    return unanswered();
  }

 private:
  Check check_one(json::Value message) {
    json::Value role = message["role"];
    if (!role.present()) return openai_missing(at_ + ".role");
    if (!role.is_string()) return openai_wrong_type(at_ + ".role", "a string", role);
    std::string name = role.string();
    if (name == "tool") return check_result(message);
    if (auto error = unanswered()) return error;
    may_answer_ = false;
    if (name == "assistant") return check_assistant(message);
    if (name != "user" && name != "system" && name != "developer" && name != "function")
      return openai_invalid(
          fmt::format("Invalid value: '{}'. Supported values are: 'system', 'assistant', 'user', "
                      "'function', 'tool', and 'developer'.",
                      name),
          at_ + ".role", "invalid_value");
    return check_content(message["content"]);
  }

  Check check_content(json::Value content) {
    if (content.is_string()) return {};
    if (!content.present())
      return openai_invalid("Invalid value for 'content': expected a string, got null.", at_ + ".content");
    if (!content.is_array())
      return openai_wrong_type(at_ + ".content", "one of a string or array of objects", content);
    size_t index = 0;
    for (json::Value part : content) {
      std::string where = fmt::format("{}.content[{}]", at_, index++);
      if (!part["type"].is_string()) return openai_missing(where + ".type");
      std::string type = part["type"].string();
      constexpr std::string_view kParts[] = {"text", "image_url", "input_audio", "refusal", "file"};
      if (std::find(std::begin(kParts), std::end(kParts), type) == std::end(kParts))
        return openai_invalid(fmt::format("Invalid value: '{}'. Supported values are: 'text', 'image_url', "
                                          "'input_audio', 'refusal', and 'file'.",
                                          type),
                              where + ".type", "invalid_value");
      if (type == "text" && !part["text"].is_string()) return openai_missing(where + ".text");
      if (type == "image_url" && !part["image_url"]["url"].is_string())
        return openai_missing(where + ".image_url.url");
    }
    return {};
  }

  Check check_assistant(json::Value message) {
    json::Value calls = message["tool_calls"];
    if (calls.present() && !calls.is_array())
      return openai_wrong_type(at_ + ".tool_calls", "an array of objects", calls);
    if (calls.is_array() && calls.size() == 0)
      return openai_invalid(
          fmt::format("Invalid '{}.tool_calls': empty array. Expected an array with minimum "
                      "length 1, but got an empty array instead.",
                      at_),
          at_ + ".tool_calls", "empty_array");
    if (!calls.present() && !message["refusal"].present() && !message["function_call"].present() &&
        !message["audio"].present())
      return check_content(message["content"]);
    size_t index = 0;
    for (json::Value call : calls) {
      std::string where = fmt::format("{}.tool_calls[{}]", at_, index++);
      if (!call["id"].is_string()) return openai_missing(where + ".id");
      std::string id = call["id"].string();
      if (id.size() > kIdMax)
        return openai_invalid(
            fmt::format("Invalid '{}.id': string too long. Expected a string with maximum length "
                        "64, but got a string with length {} instead.",
                        where, id.size()),
            where + ".id", "string_above_max_length");
      json::Value function = call["function"];
      if (call["type"].string() == "function" && !function["name"].is_string())
        return openai_missing(where + ".function.name");
      if (call["type"].string() == "function" && !function["arguments"].is_string())
        return function["arguments"].present()
                   ? openai_wrong_type(where + ".function.arguments", "a string", function["arguments"])
                   : openai_missing(where + ".function.arguments");
      waiting_.push_back(id);
      calls_.push_back(std::move(id));
    }
    may_answer_ = calls.present();
    calls_at_ = at_;
    return {};
  }

  Check check_result(json::Value message) {
    if (!may_answer_)
      return openai_invalid(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
          "'tool_calls'.",
          at_ + ".role");
    if (!message["tool_call_id"].is_string()) return openai_missing(at_ + ".tool_call_id");
    std::string id = message["tool_call_id"].string();
    if (std::find(calls_.begin(), calls_.end(), id) == calls_.end())
      return openai_invalid(
          fmt::format(
              "Invalid parameter: 'tool_call_id' of '{}' not found in 'tool_calls' of previous message.", id),
          at_ + ".tool_call_id");
    std::erase(waiting_, id);
    return check_content(message["content"]);
  }

  Check unanswered() {
    calls_.clear();
    if (waiting_.empty()) return {};
    return openai_invalid(
        fmt::format("An assistant message with 'tool_calls' must be followed by tool messages responding to "
                    "each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
                    fmt::join(waiting_, ", ")),
        calls_at_ + ".role");
  }

  std::string at_, calls_at_;
  std::vector<std::string> calls_, waiting_;
  bool may_answer_ = false;
};

Check check_tools(json::Value root) {
  json::Value tools = root["tools"], choice = root["tool_choice"];
  if (tools.present() && !tools.is_array()) return openai_wrong_type("tools", "an array of objects", tools);
  if (tools.is_array() && tools.size() == 0)
    return openai_invalid(
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array "
        "instead.",
        "tools", "empty_array");
  if (!tools.present() && choice.present() && choice.string() != "none")
    return openai_invalid(
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        "tool_choice");
  if (!tools.present() && root["parallel_tool_calls"].present())
    return openai_invalid(
        "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are "
        "specified.",
        "parallel_tool_calls");
  size_t index = 0;
  std::string wanted = choice["function"]["name"].string();
  bool found = wanted.empty();
  for (json::Value tool : tools) {
    std::string where = fmt::format("tools[{}]", index++);
    if (!tool["type"].is_string()) return openai_missing(where + ".type");
    if (tool["type"].string() != "function") continue;
    if (!tool["function"].is_object()) return openai_missing(where + ".function");
    if (!tool["function"]["name"].is_string()) return openai_missing(where + ".function.name");
    std::string name = tool["function"]["name"].string();
    if (!is_plain_name(name, 64))
      return openai_invalid(
          fmt::format("Invalid '{}.function.name': string does not match pattern. Expected a "
                      "string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                      where),
          where + ".function.name", "invalid_value");
    json::Value parameters = tool["function"]["parameters"];
    if (parameters.present() && parameters["type"].string() != "object")
      return openai_invalid(
          fmt::format("Invalid schema for function '{}': schema must be a JSON Schema of 'type: "
                      "\"object\"', got 'type: \"{}\"'.",
                      name, parameters["type"].is_string() ? parameters["type"].string() : "None"),
          where + ".function.parameters", "invalid_function_parameters");
    found = found || name == wanted;
  }
  if (!found)
    return openai_invalid(fmt::format("Tool choice 'function' not found in 'tools' parameter: {}", wanted),
                          "tool_choice");
  return {};
}

Check check_form(json::Value root) {
  json::Value form = root["response_format"];
  if (!form.present()) return {};
  if (!form["type"].is_string()) return openai_missing("response_format.type");
  std::string type = form["type"].string();
  if (type == "text" || type == "json_object") return {};
  if (type != "json_schema")
    return openai_invalid(
        fmt::format("Invalid value: '{}'. Supported values are: 'json_object', 'json_schema', and 'text'.",
                    type),
        "response_format.type", "invalid_value");
  if (!form["json_schema"].is_object()) return openai_missing("response_format.json_schema");
  if (!form["json_schema"]["name"].is_string()) return openai_missing("response_format.json_schema.name");
  if (!is_plain_name(form["json_schema"]["name"].string(), 64))
    return openai_invalid(
        "Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that "
        "matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "response_format.json_schema.name", "invalid_value");
  return {};
}

// The simulated model gives one choice only, so `n` is narrower than the real one's.
constexpr OpenAiRange kRanges[] = {{"temperature", 0, 2},
                                   {"top_p", 0, 1},
                                   {"presence_penalty", -2, 2},
                                   {"frequency_penalty", -2, 2},
                                   {"max_tokens", 1, 1e9},
                                   {"max_completion_tokens", 1, 1e9},
                                   {"n", 1, 1}};

Check check_numbers(json::Value root) {
  for (auto [name, low, high] : kRanges)
    if (auto error = openai_check_range(root, name, low, high)) return error;
  if (root["max_tokens"].present() && root["max_completion_tokens"].present())
    return openai_invalid(
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens",
        "invalid_parameter_combination");
  json::Value stop = root["stop"];
  if (stop.is_array() && stop.size() > kStopsMax)
    return openai_invalid(
        fmt::format("Invalid 'stop': array too long. Expected an array with maximum length 4, but "
                    "got an array with length {} instead.",
                    stop.size()),
        "stop", "array_above_max_length");
  if (root["stream_options"].present() && root["stream"].boolean() != true)
    return openai_invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                          "stream_options");
  return {};
}

}  // namespace

CloudError openai_invalid(std::string message, std::string param, std::string code) {
  return {400, "invalid_request_error", std::move(message), std::move(param), std::move(code)};
}
CloudError openai_wrong_type(std::string param, std::string_view wanted, json::Value got) {
  std::string message = fmt::format("Invalid type for '{}': expected {}, but got {} instead.", param, wanted,
                                    json::name_of(got.type()));
  return openai_invalid(std::move(message), std::move(param), "invalid_type");
}
CloudError openai_missing(std::string param) {
  std::string message = fmt::format("Missing required parameter: '{}'.", param);
  return openai_invalid(std::move(message), std::move(param), "missing_required_parameter");
}

Check openai_check_range(json::Value root, std::string_view name, double low, double high) {
  json::Value value = root[name];
  if (!value.present()) return {};
  auto n = value.number();
  if (!n) return openai_wrong_type(std::string(name), "a decimal", value);
  std::string_view kind = value.integer() && low >= 1 ? "integer" : "decimal";
  if (*n < low)
    return openai_invalid(
        fmt::format("Invalid '{}': {} below minimum value. Expected a value >= {}, but got {} instead.", name,
                    kind, low, value.raw().json),
        std::string(name), fmt::format("{}_below_min_value", kind));
  if (*n > high)
    return openai_invalid(
        fmt::format("Invalid '{}': {} above maximum value. Expected a value <= {}, but got {} instead.", name,
                    kind, high, value.raw().json),
        std::string(name), fmt::format("{}_above_max_value", kind));
  return {};
}

Check check_openai_request(json::Value root) {
  if (!root["model"].present()) return openai_invalid("you must provide a model parameter", "");
  if (!root["model"].is_string()) return openai_wrong_type("model", "a string", root["model"]);
  for (json::Value member : root) {
    std::string name = json::unescape(member.key());
    if (kKnown.find(" " + name + " ") == std::string_view::npos)
      return openai_invalid("Unrecognized request argument supplied: " + name, "");
  }
  json::Value messages = root["messages"];
  if (!messages.present()) return openai_missing("messages");
  if (!messages.is_array()) return openai_wrong_type("messages", "an array of objects", messages);
  if (messages.size() == 0)
    return openai_invalid(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array "
        "instead.",
        "messages", "empty_array");
  if (auto error = check_tools(root)) return error;
  if (auto error = check_form(root)) return error;
  if (auto error = check_numbers(root)) return error;
  return MessageRules().check(messages);
}

}  // namespace hanse::sim
