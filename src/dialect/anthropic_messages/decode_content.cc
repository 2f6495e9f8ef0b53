// A client's request, second half: the conversation, from messages down to blocks.
#include "dialect/anthropic_messages/decoder.h"

namespace hanse::anthropic_messages {

using canon::Part;
using canon::Role;

Result<void> RequestDecoder::system(json::Value system) {
  if (!system.present()) return {};
  canon::Turn turn;
  turn.role = Role::system;
  TRY_VOID(content(system, {nullptr, "system"}, Role::system, turn.parts));
  if (!turn.parts.empty()) request_.turns.push_back(std::move(turn));
  return {};
}

Result<void> RequestDecoder::messages(json::Value messages) {
  Place at{nullptr, "messages"};
  if (!messages.is_array()) return wrong_type(at, "an array", messages);
  if (messages.size() == 0) return refuse(at, "at least one message is required");
  request_.turns.reserve(request_.turns.size() + messages.size());
  size_t index = 0;
  for (json::Value each : messages) TRY_VOID(message(each, at[index++]));
  return {};
}

Result<void> RequestDecoder::message(json::Value message, const Place& at) {
  if (!message.is_object()) return wrong_type(at, "an object", message);
  canon::Text role;
  TRY_VOID(need(message["role"], at["role"], role));
  canon::Turn turn;
  turn.at = static_cast<uint32_t>(at.index);
  if (role.escaped == "assistant")
    turn.role = Role::assistant;
  else if (role.escaped == "system")
    turn.role = Role::system;
  else if (role.escaped != "user")
    return refuse(at["role"], "wanted user, assistant or system, got '" + json::unescape(role) + "'");
  TRY_VOID(content(message["content"], at["content"], turn.role, turn.parts));
  rest(message, at, {"role", "content"});
  request_.turns.push_back(std::move(turn));
  return {};
}

Result<void> RequestDecoder::content(json::Value content, const Place& at, Role role,
                                     std::vector<Part>& parts) {
  if (content.is_string()) {
    if (!content.text().empty()) parts.push_back({canon::TextPart{content.text(), {}, {}}});
    return {};
  }
  if (!content.is_array()) return wrong_type(at, "a string or an array of blocks", content);
  parts.reserve(content.size());
  uint32_t index = 0;
  for (json::Value each : content) {
    const size_t before = parts.size();
    TRY_VOID(block(each, at[index], role, parts));
    if (parts.size() > before) parts.back().at = index;
    ++index;
  }
  return {};
}

Result<void> RequestDecoder::block(json::Value block, const Place& at, Role role, std::vector<Part>& parts) {
  if (!block.is_object()) return wrong_type(at, "an object", block);
  canon::Text named;
  TRY_VOID(need(block["type"], at["type"], named));
  std::string_view type = named.escaped;
  auto only = [&](Role in, std::string_view who) -> Result<void> {
    if (role == in) return {};
    return refuse(at["type"], std::string(type) + " blocks belong in messages of the " + std::string(who));
  };
  if (type == "text") return text(block, at, parts);
  if (role == Role::system) return in_system(block, at);
  if (type == "image") return media(block, at, canon::MediaPart::Kind::image, parts);
  if (type == "document") return media(block, at, canon::MediaPart::Kind::document, parts);
  if (type == "tool_use") {
    TRY_VOID(only(Role::assistant, "assistant"));
    return tool_use(block, at, parts);
  }
  if (type == "tool_result") {
    TRY_VOID(only(Role::user, "user"));
    return tool_result(block, at, parts);
  }
  if (type == "thinking" || type == "redacted_thinking") {
    TRY_VOID(only(Role::assistant, "assistant"));
    return reasoning(block, at, type == "redacted_thinking", parts);
  }
  extra(block, at);  // tools of the vendor's own servers, and what came after this was written
  return {};
}

// Beside text, the vendor's newer models take orders about tools between the messages.
Result<void> RequestDecoder::in_system(json::Value block, const Place& at) {
  std::string_view type = block["type"].text().escaped;
  for (std::string_view elsewhere : {"image", "document", "tool_use", "tool_result", "thinking"})
    if (type == elsewhere) return refuse(at["type"], "wanted text, got '" + std::string(type) + "'");
  extra(block, at);
  return {};
}

Result<void> RequestDecoder::text(json::Value block, const Place& at, std::vector<Part>& parts) {
  canon::TextPart part;
  if (!block["text"].is_string()) return wrong_type(at["text"], "a string", block["text"]);
  part.text = block["text"].text();
  part.cache_control = raw(block["cache_control"]);
  if (block["citations"].size() > 0) part.citations = block["citations"].raw();
  if (block.size() > 2) rest(block, at, {"type", "text", "cache_control", "citations"});
  parts.push_back({part});
  return {};
}

Result<void> RequestDecoder::media(json::Value block, const Place& at, canon::MediaPart::Kind kind,
                                   std::vector<Part>& parts) {
  json::Value source = block["source"];
  Place from = at["source"];
  if (!source.is_object()) return wrong_type(from, "an object", source);
  canon::MediaPart part;
  part.kind = kind;
  canon::Text type;
  TRY_VOID(need(source["type"], from["type"], type));
  TRY_VOID(read(source["media_type"], from["media_type"], part.media_type));
  if (type.escaped == "base64") {
    TRY_VOID(need(source["media_type"], from["media_type"], part.media_type));
    TRY_VOID(need(source["data"], from["data"], part.data));
  } else if (type.escaped == "url") {
    TRY_VOID(need(source["url"], from["url"], part.url));
  } else if (type.escaped == "file") {
    TRY_VOID(need(source["file_id"], from["file_id"], part.file_id));
  } else if (type.escaped == "text" && kind == canon::MediaPart::Kind::document) {
    TRY_VOID(need(source["data"], from["data"], part.plain));
  } else {
    extra(block, at);
    return {};
  }
  TRY_VOID(read(block["title"], at["title"], part.name));
  part.cache_control = raw(block["cache_control"]);
  part.citations = raw(block["citations"]);
  rest(block, at, {"type", "source", "title", "cache_control", "citations"});
  parts.push_back({part});
  return {};
}

Result<void> RequestDecoder::reasoning(json::Value block, const Place& at, bool redacted,
                                       std::vector<Part>& parts) {
  canon::ReasoningPart part;
  if (redacted) {
    TRY_VOID(need(block["data"], at["data"], part.redacted));
  } else {
    if (!block["thinking"].is_string()) return wrong_type(at["thinking"], "a string", block["thinking"]);
    part.text = block["thinking"].text();
    TRY_VOID(read(block["signature"], at["signature"], part.signature));
  }
  rest(block, at, {"type", "data", "thinking", "signature"});
  parts.push_back({part});
  return {};
}

Result<void> RequestDecoder::tool_use(json::Value block, const Place& at, std::vector<Part>& parts) {
  canon::ToolCallPart part;
  TRY_VOID(need(block["id"], at["id"], part.id));
  TRY_VOID(need(block["name"], at["name"], part.name));
  json::Value input = block["input"];
  if (input.present() && !input.is_object()) return wrong_type(at["input"], "an object", input);
  part.arguments = input.present() ? input.raw() : canon::Raw{"{}"};
  part.cache_control = raw(block["cache_control"]);
  rest(block, at, {"type", "id", "name", "input", "cache_control"});
  parts.push_back({part});
  return {};
}

Result<void> RequestDecoder::tool_result(json::Value block, const Place& at, std::vector<Part>& parts) {
  canon::ToolResultPart part;
  TRY_VOID(need(block["tool_use_id"], at["tool_use_id"], part.call_id));
  json::Value inner = block["content"];
  if (inner.present()) TRY_VOID(content(inner, at["content"], Role::user, part.content));
  for (const Part& each : part.content)
    if (each.as<canon::ToolResultPart>()) return refuse(at["content"], "a tool_result inside a tool_result");
  std::optional<bool> is_error;
  TRY_VOID(read(block["is_error"], at["is_error"], is_error));
  part.is_error = is_error.value_or(false);
  part.cache_control = raw(block["cache_control"]);
  rest(block, at, {"type", "tool_use_id", "content", "is_error", "cache_control"});
  parts.push_back({std::move(part)});
  return {};
}

}  // namespace hanse::anthropic_messages
