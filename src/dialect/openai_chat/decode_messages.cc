// A client's request, second half: the conversation.
#include "dialect/openai_arguments.h"
#include "dialect/openai_chat/decoder.h"

namespace hanse::openai_chat {

using canon::Role;
using json::Value;

Result<void> RequestDecoder::messages(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  if (list.size() == 0) return refuse(at, "wanted at least one message, got none");
  request_.turns.clear();
  request_.turns.reserve(list.size());
  size_t index = 0;
  for (Value each : list) TRY_VOID(message(each, at[index++]));
  return {};
}

struct RequestDecoder::Message {
  Value content, name, tool_call_id, tool_calls, refusal, reasoning_content, reasoning, thinking_blocks,
      function_call, cache_control;
};

Result<void> RequestDecoder::message(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  auto [named, said, name, id, calls, refusal, thought, bare_thought, blocks, call, marker] =
      members<11>(value, at,
                  {"role", "content", "name", "tool_call_id", "tool_calls", "refusal", "reasoning_content",
                   "reasoning", "thinking_blocks", "function_call", "cache_control"});
  Message message{said, name, id, calls, refusal, thought, bare_thought, blocks, call, marker};
  TRY(canon::Text role, want_text(named, at["role"]));
  canon::Turn& turn = request_.turns.emplace_back();
  turn.at = static_cast<uint32_t>(at.index);
  if (role.escaped == "assistant") return assistant(message, turn, at);
  if (role.escaped == "tool") return tool_result(message, turn, at, false);
  if (role.escaped == "function") return tool_result(message, turn, at, true);
  if (role.escaped == "system" || role.escaped == "developer")
    turn.role = Role::system;
  else if (role.escaped != "user")
    return unknown_word(at["role"], role, "system, developer, user, assistant, tool, function");
  TRY(turn.name, want_text_or_nothing(name, at["name"]));
  return content(said, turn.parts, at["content"]);
}

Result<void> RequestDecoder::content(Value value, std::vector<Part>& parts, const Place& at) {
  if (value.is_string()) {
    if (!value.text().empty()) parts.push_back({canon::TextPart{value.text(), {}, {}}});
    return {};
  }
  if (!value.is_array()) return wanted(at, "a string or an array of parts", value);
  parts.reserve(parts.size() + value.size());
  uint32_t index = 0;
  for (Value each : value) {
    const size_t before = parts.size();
    TRY_VOID(part(each, parts, at[index]));
    if (parts.size() > before) parts.back().at = index;
    ++index;
  }
  return {};
}

// Thoughts come first, as the models that sign them want it.
Result<void> RequestDecoder::assistant(const Message& message, canon::Turn& turn, const Place& at) {
  turn.role = Role::assistant;
  TRY(turn.name, want_text_or_nothing(message.name, at["name"]));
  TRY_VOID(reasoning(message, turn, at));
  if (Value value = message.content; value.present()) TRY_VOID(content(value, turn.parts, at["content"]));
  TRY(canon::Text refusal, want_text_or_nothing(message.refusal, at["refusal"]));
  if (!refusal.empty()) turn.parts.push_back({canon::RefusalPart{refusal}});
  if (Value calls = message.tool_calls; calls.present()) TRY_VOID(tool_calls(calls, turn, at["tool_calls"]));
  if (Value call = message.function_call; call.present())
    TRY_VOID(function_call(call, turn, at["function_call"]));
  return {};
}

// `thinking_blocks` say the same as `reasoning_content`, and with signatures.
Result<void> RequestDecoder::reasoning(const Message& message, canon::Turn& turn, const Place& at) {
  Value blocks = message.thinking_blocks;
  Place here = at["thinking_blocks"];
  if (blocks.present() && !blocks.is_array()) return wanted(here, "an array", blocks);
  size_t index = 0;
  for (Value block : blocks) {
    Place place = here[index++];
    if (!block.is_object()) return wanted(place, "an object", block);
    canon::ReasoningPart part;
    TRY(canon::Text type, want_text(block["type"], place["type"]));
    if (type.escaped == "redacted_thinking") {
      TRY(part.redacted, want_text(block["data"], place["data"]));
    } else if (type.escaped == "thinking") {
      TRY(part.text, want_text(block["thinking"], place["thinking"]));
      TRY(part.signature, want_text_or_nothing(block["signature"], place["signature"]));
    } else {
      return unknown_word(place["type"], type, "thinking, redacted_thinking");
    }
    turn.parts.push_back({part, static_cast<uint32_t>(place.index)});
  }
  TRY(canon::Text text, want_text_or_nothing(message.reasoning_content, at["reasoning_content"]));
  if (text.empty()) text = message.reasoning.text();  // as some servers call it, and clients send it back
  if (turn.parts.empty() && !text.empty()) turn.parts.push_back({canon::ReasoningPart{text, {}, {}}});
  return {};
}

Result<void> RequestDecoder::tool_calls(Value list, canon::Turn& turn, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  size_t index = 0;
  for (Value each : list) TRY_VOID(tool_call(each, turn, at[index++]));
  return {};
}

Result<void> RequestDecoder::tool_call(Value call, canon::Turn& turn, const Place& at) {
  if (!call.is_object()) return wanted(at, "an object", call);
  TRY(canon::Text type, want_text_or_nothing(call["type"], at["type"]));
  if (!type.empty() && type.escaped != "function") {
    extra(call, at);
    return {};
  }
  canon::ToolCallPart part;
  TRY(part.id, want_text(call["id"], at["id"]));
  Value function = call["function"];
  Place here = at["function"];
  if (!function.is_object()) return wanted(here, "an object", function);
  TRY(part.name, want_text(function["name"], here["name"]));
  TRY(part.arguments, read_arguments(function["arguments"], request_.arena, here["arguments"]));
  if (Value marker = call["cache_control"]; marker.present()) part.cache_control = marker.raw();
  turn.parts.push_back({part, static_cast<uint32_t>(at.index)});
  return {};
}

// From before there were tools: a call has no id, so its name stands for one on both sides.
Result<void> RequestDecoder::function_call(Value call, canon::Turn& turn, const Place& at) {
  if (!call.is_object()) return wanted(at, "an object", call);
  canon::ToolCallPart part;
  TRY(part.name, want_text(call["name"], at["name"]));
  part.id = part.name;
  TRY(part.arguments, read_arguments(call["arguments"], request_.arena, at["arguments"]));
  turn.parts.push_back({part});
  return {};
}

// The results of `function`, from before there were tools, name the function instead of the call.
Result<void> RequestDecoder::tool_result(const Message& message, canon::Turn& turn, const Place& at,
                                         bool by_name) {
  canon::ToolResultPart result;
  std::string_view key = by_name ? "name" : "tool_call_id";
  TRY(result.call_id, want_text(by_name ? message.name : message.tool_call_id, at[key]));
  bool null = message.content.type() == json::Type::null;
  if (!null) TRY_VOID(content(message.content, result.content, at["content"]));
  if (message.cache_control.present()) result.cache_control = message.cache_control.raw();
  turn.parts.push_back({std::move(result)});
  return {};
}

}  // namespace hanse::openai_chat
