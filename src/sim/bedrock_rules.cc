#include "sim/bedrock_rules.h"

#include <algorithm>

namespace hanse::sim {
namespace {

constexpr std::string_view kBlocks[] = {"text",
                                        "image",
                                        "document",
                                        "video",
                                        "audio",
                                        "toolUse",
                                        "toolResult",
                                        "guardContent",
                                        "cachePoint",
                                        "reasoningContent",
                                        "citationsContent",
                                        "searchResult"};

CloudError invalid(std::string message) { return {400, "ValidationException", std::move(message)}; }

Check check_share(json::Value config, const char* key) {
  const auto n = config[key].number();
  if (!n || (*n >= 0 && *n <= 1)) return {};
  return invalid(
      fmt::format("1 validation error detected: Value at 'inferenceConfig.{}' failed to satisfy "
                  "constraint: Member must have value between 0 and 1",
                  key));
}

Check check_config(json::Value config) {
  if (auto error = check_share(config, "temperature")) return error;
  if (auto error = check_share(config, "topP")) return error;
  if (auto n = config["maxTokens"].integer(); n && *n < 1)
    return invalid(
        "1 validation error detected: Value at 'inferenceConfig.maxTokens' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1");
  return {};
}

Check check_tools(json::Value config) {
  if (config.missing()) return {};
  if (config["tools"].size() == 0)
    return invalid(
        "1 validation error detected: Value at 'toolConfig.tools' failed to satisfy constraint: Member must "
        "have length greater than or equal to 1");
  size_t index = 0;
  for (json::Value tool : config["tools"]) {
    json::Value spec = tool["toolSpec"];
    const std::string where = fmt::format("toolConfig.tools.{}", ++index);
    if (spec.missing()) {
      if (tool["cachePoint"].present()) continue;
      return invalid("The value at " + where + " must set one of the following keys: toolSpec, cachePoint.");
    }
    if (!is_plain_name(spec["name"].string(), 64))
      return invalid("1 validation error detected: Value at '" + where +
                     ".member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular "
                     "expression pattern: [a-zA-Z0-9_-]+");
    if (!spec["inputSchema"]["json"].is_object())
      return invalid("The value at " + where + ".toolSpec.inputSchema.json is not an object.");
  }
  return {};
}

// The blocks of one message: the calls it makes, the calls it answers.
struct Blocks {
  std::vector<std::string> calls, answered;
  Check error;
};

Check check_block(json::Value block, const std::string& where) {
  const auto keys = std::ranges::count_if(kBlocks, [&](auto key) { return block[key].present(); });
  if (keys != 1) return invalid("The value at " + where + " must set exactly one of its keys.");
  if (json::Value text = block["text"]; text.present()) {
    std::string said = text.string();
    if (said.find_first_not_of(" \t\r\n") == std::string::npos)
      return invalid("The text field in the ContentBlock object at " + where +
                     " is blank. Add text to the text field, and try again.");
  }
  if (json::Value image = block["image"];
      image.present() && image["source"]["bytes"].string().empty() && image["source"]["s3Location"].missing())
    return invalid("The value at " + where + ".image.source is empty.");
  if (json::Value use = block["toolUse"]; use.present() && !use["input"].is_object())
    return invalid("The format of the value at " + where +
                   ".toolUse.input is invalid. Provide a json object for the field and try again.");
  return {};
}

Blocks read_blocks(json::Value content, size_t message) {
  Blocks out;
  size_t index = 0;
  for (json::Value block : content) {
    const std::string where = fmt::format("messages.{}.content.{}", message, index++);
    if (!out.error) out.error = check_block(block, where);
    if (block["toolUse"].present()) out.calls.push_back(block["toolUse"]["toolUseId"].string());
    if (block["toolResult"].present()) out.answered.push_back(block["toolResult"]["toolUseId"].string());
  }
  return out;
}

Check check_pairing(const std::vector<std::string>& calls, const Blocks& blocks, size_t message) {
  for (const std::string& id : blocks.answered)
    if (std::ranges::find(calls, id) == calls.end())
      return invalid(fmt::format(
          "The number of toolResult blocks at messages.{}.content exceeds the number of toolUse blocks of "
          "previous turn.",
          message));
  for (const std::string& id : calls)
    if (std::ranges::find(blocks.answered, id) == blocks.answered.end())
      return invalid(fmt::format(
          "Expected toolResult blocks at messages.{}.content for the following Ids: {}", message, id));
  return {};
}

Check check_messages(json::Value root) {
  json::Value messages = root["messages"];
  if (!messages.is_array() || messages.size() == 0)
    return invalid(
        "A conversation must start with a user message. Try again with a conversation that starts "
        "with a user message.");
  size_t index = 0;
  std::vector<std::string> calls;
  std::string before = "assistant";
  bool uses_tools = false;
  for (json::Value message : messages) {
    const std::string role = message["role"].string();
    if (role != "user" && role != "assistant")
      return invalid(
          fmt::format("1 validation error detected: Value '{}' at 'messages.{}.member.role' failed "
                      "to satisfy constraint: Member must satisfy enum value set: [user, assistant]",
                      role, index + 1));
    if (role == before)
      return invalid(index == 0 ? "A conversation must start with a user message. Try again with a "
                                  "conversation that starts with a user message."
                                : "A conversation must alternate between user and assistant roles. Make sure "
                                  "the conversation alternates between user and assistant roles and try "
                                  "again.");
    if (message["content"].size() == 0)
      return invalid(
          fmt::format("The content field in the Message object at messages.{} is empty. Add a "
                      "ContentBlock object to the content field and try again.",
                      index));
    Blocks blocks = read_blocks(message["content"], index);
    if (blocks.error) return blocks.error;
    if (auto error = check_pairing(calls, blocks, index)) return error;
    uses_tools = uses_tools || !blocks.calls.empty() || !blocks.answered.empty();
    calls = blocks.calls;
    before = role;
    ++index;
  }
  if (uses_tools && root["toolConfig"].missing())
    return invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.");
  return {};
}

}  // namespace

Check check_converse_request(json::Value root) {
  if (auto error = check_config(root["inferenceConfig"])) return error;
  if (auto error = check_tools(root["toolConfig"])) return error;
  return check_messages(root);
}

}  // namespace hanse::sim
