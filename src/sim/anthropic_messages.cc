#include "sim/anthropic_rules.h"
#include "sim/model.h"

namespace hanse::sim {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

// Goes through the messages, turns of the same role merged as the service does it.
class MessageRules {
 public:
  explicit MessageRules(bool thinking) : thinking_(thinking) {}

  Check check(json::Value messages) {
    size_t at = 0;
    for (json::Value message : messages) {
      if (message["role"].string() == "assistant") last_assistant_ = at;
      ++at;
    }
    for (json::Value message : messages) {
      bool last = index_ + 1 == messages.size();
      if (auto error = check_one(message, last)) return error;
      ++index_;
    }
    return {};
  }

 private:
  Check check_one(json::Value message, bool last) {
    where_ = fmt::format("messages.{}", index_);
    if (!message.is_object())
      return refuse(": Input should be a valid dictionary or object to extract fields from");
    std::string role = message["role"].string();
    if (message["role"].missing()) return refuse(".role: Field required");
    if (role == "system") return refuse(": role 'system' is not supported on this model");
    if (role != "user" && role != "assistant") return refuse(".role: Input should be 'user' or 'assistant'");
    if (message["content"].missing()) return refuse(".content: Field required");
    if (role != role_) {
      if (role == "assistant") calls_.clear(), calls_at_ = index_;
      role_ = role;
      first_of_turn_ = true;
    }
    if (auto error = check_content(message["content"], last)) return error;
    return role == "user" ? unanswered() : std::nullopt;
  }

  Check check_content(json::Value content, bool last) {
    if (content.is_string()) {
      std::string text = content.string();
      if (text.empty() && !(last && role_ == "assistant")) return empty();
      if (auto error = trailing(text, last)) return error;
      first_of_turn_ = false;
      return text.find_first_not_of(kBlank) == std::string::npos && !text.empty() ? blank() : std::nullopt;
    }
    if (!content.is_array()) return refuse(".content: Input should be a valid string or array");
    if (content.size() == 0) return last && role_ == "assistant" ? Check() : empty();
    if (auto error = check_thought_first(content)) return error;
    size_t block_index = 0;
    for (json::Value block : content) {
      where_ = fmt::format("messages.{}.content.{}", index_, block_index);
      if (auto error = check_block(block)) return error;
      first_of_turn_ = false;
      if (++block_index == content.size() && block["type"].string() == "text")
        if (auto error = trailing(block["text"].string(), last)) return error;
    }
    return {};
  }

  Check check_block(json::Value block) {
    if (!block.is_object() || !block["type"].is_string()) return refuse(".type: Field required");
    std::string type = block["type"].string();
    if (type == "text") return check_text(block);
    if (type == "thinking" || type == "redacted_thinking") return check_thought(block, type);
    if (type == "tool_use") return check_call(block);
    if (type == "tool_result") return check_result(block);
    if (type == "image") return check_image(block["source"]);
    constexpr std::string_view kOthers[] = {"document", "search_result", "container_upload",
                                            "server_tool_use", "web_search_tool_result"};
    if (std::find(std::begin(kOthers), std::end(kOthers), type) != std::end(kOthers)) return {};
    return refuse(fmt::format(
        ": Input tag '{}' found using 'type' does not match any of the expected tags: 'document', 'image', "
        "'redacted_thinking', 'search_result', 'text', 'thinking', 'tool_result', 'tool_use'",
        type));
  }

  // The turn whose calls are being answered must begin with what the model thought, when it is to think on.
  Check check_thought_first(json::Value content) {
    if (!thinking_ || role_ != "assistant" || index_ != last_assistant_ || !first_of_turn_) return {};
    std::string first = (*content.begin())["type"].string();
    if (first.ends_with("thinking")) return {};
    for (json::Value block : content)
      if (block["type"].string() == "tool_use")
        return refuse(
            fmt::format(".content.0.type: Expected `thinking` or `redacted_thinking`, but found `{}`. When "
                        "`thinking` is enabled, a final "
                        "`assistant` message must start with a thinking block (preceeding the lastmost set "
                        "of `tool_use` and `tool_result` blocks).",
                        first));
    return {};
  }

  Check check_text(json::Value block) {
    if (!block["text"].is_string()) return refuse(".text.text: Field required");
    std::string text = block["text"].string();
    if (text.empty()) return anthropic_invalid("messages: text content blocks must be non-empty");
    return text.find_first_not_of(kBlank) == std::string::npos ? blank() : std::nullopt;
  }

  Check check_thought(json::Value block, const std::string& type) {
    if (role_ != "assistant")
      return refuse(fmt::format(": `{}` blocks are only allowed in `assistant` messages", type));
    if (type == "redacted_thinking")
      return is_hidden_reasoning(block["data"].string())
                 ? std::nullopt
                 : refuse(": Invalid `data` in `redacted_thinking` block");
    if (!block["thinking"].is_string()) return refuse(".thinking.thinking: Field required");
    if (!block["signature"].is_string()) return refuse(".thinking.signature: Field required");
    if (block["signature"].string() != sign_reasoning(block["thinking"].string()))
      return refuse(": Invalid `signature` in `thinking` block");
    return {};
  }

  Check check_call(json::Value block) {
    if (role_ != "assistant") return refuse(": `tool_use` blocks can only be in `assistant` messages");
    if (!block["id"].is_string()) return refuse(".tool_use.id: Field required");
    if (!is_plain_name(block["id"].string(), 1000))
      return refuse(".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
    if (!is_plain_name(block["name"].string(), 200))
      return refuse(".tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,200}$'");
    if (!block["input"].is_object())
      return refuse(block["input"].missing() ? ".tool_use.input: Field required"
                                             : ".tool_use.input: Input should be a valid dictionary");
    std::string id = block["id"].string();
    if (std::find(calls_.begin(), calls_.end(), id) != calls_.end())
      return anthropic_invalid("messages: `tool_use` ids must be unique");
    calls_.push_back(id);
    waiting_.push_back(std::move(id));
    return {};
  }

  Check check_result(json::Value block) {
    if (role_ != "user") return refuse(": `tool_result` blocks can only be in `user` messages");
    if (!block["tool_use_id"].is_string()) return refuse(".tool_result.tool_use_id: Field required");
    std::string id = block["tool_use_id"].string();
    if (std::find(calls_.begin(), calls_.end(), id) == calls_.end())
      return refuse(
          fmt::format(": unexpected `tool_use_id` found in `tool_result` blocks: {}. Each `tool_result` "
                      "block must have a corresponding `tool_use` block in the previous message.",
                      id));
    std::erase(waiting_, id);
    for (json::Value inner : block["content"])
      if (inner["type"].string() == "text" && inner["text"].string().empty())
        return anthropic_invalid("messages: text content blocks must be non-empty");
    return {};
  }

  Check check_image(json::Value source) {
    std::string type = source["type"].string();
    if (type == "url" || type == "file") return {};
    if (type != "base64")
      return refuse(
          ".image.source: Input tag found using 'type' does not match any of the expected tags: 'base64', "
          "'url'");
    constexpr std::string_view kTypes[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};
    if (std::find(std::begin(kTypes), std::end(kTypes), source["media_type"].string()) == std::end(kTypes))
      return refuse(
          ".image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or "
          "'image/webp'");
    if (source["data"].string().empty()) return refuse(".image.source.base64.data: Field required");
    return {};
  }

  // At the end of a user message every call of the turn before must have its result.
  Check unanswered() {
    if (waiting_.empty()) return {};
    return anthropic_invalid(fmt::format(
        "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each "
        "`tool_use` block must have a corresponding `tool_result` block in the next message.",
        calls_at_, fmt::join(waiting_, ", ")));
  }
  Check trailing(const std::string& text, bool last) {
    if (!last || role_ != "assistant" || text.empty() || kBlank.find(text.back()) == std::string_view::npos)
      return {};
    return anthropic_invalid("messages: final assistant content cannot end with trailing whitespace");
  }
  Check empty() {
    return anthropic_invalid(
        fmt::format("messages.{}: all messages must have non-empty content except for the optional final "
                    "assistant message",
                    index_));
  }
  Check blank() {
    return anthropic_invalid("messages: text content blocks must contain non-whitespace text");
  }
  Check refuse(std::string_view what) { return anthropic_invalid(where_ + std::string(what)); }

  bool thinking_;
  size_t index_ = 0, calls_at_ = 0, last_assistant_ = std::string::npos;
  bool first_of_turn_ = true;
  std::string where_, role_;
  std::vector<std::string> calls_, waiting_;
};

}  // namespace

Check check_anthropic_messages(json::Value messages, bool thinking) {
  if (messages.size() > 0 && (*messages.begin())["role"].string() == "assistant")
    return anthropic_invalid("messages: first message must use the \"user\" role");
  return MessageRules(thinking).check(messages);
}

}  // namespace hanse::sim
