// A client's request, second half: the conversation.
#include "dialect/cohere_chat/decoder.h"

namespace hanse::cohere_chat {

using canon::MediaPart;
using canon::Role;
using json::Value;

namespace {

constexpr int kArgumentsDepthMax = 64;

// Base64 and media types hold nothing that JSON would escape.
bool is_clean(std::string_view text) {
  for (unsigned char c : text)
    if (c <= ' ' || c == '"' || c == '\\' || c >= 0x7F) return false;
  return true;
}

}  // namespace

Result<void> RequestDecoder::messages(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  if (list.size() == 0) return refuse(at, "wanted at least one message, got none");
  request_.turns.reserve(list.size());
  size_t index = 0;
  for (Value each : list) TRY_VOID(message(each, at[index++]));
  return {};
}

Result<void> RequestDecoder::message(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(canon::Text role, want_text(value["role"], at["role"]));
  canon::Turn& turn = request_.turns.emplace_back();
  turn.at = static_cast<uint32_t>(at.index);
  if (role.escaped == "assistant") return assistant(value, turn, at);
  if (role.escaped == "tool") return tool_result(value, turn, at);
  if (role.escaped == "system" || role.escaped == "developer")
    turn.role = Role::system;
  else if (role.escaped != "user")
    return unknown_word(at["role"], role, "system, user, assistant, tool");
  return content(value["content"], turn.parts, at["content"]);
}

// What the model planned stands before the calls that it planned.
Result<void> RequestDecoder::assistant(Value message, canon::Turn& turn, const Place& at) {
  turn.role = Role::assistant;
  if (Value said = message["content"]; said.present()) TRY_VOID(content(said, turn.parts, at["content"]));
  TRY(canon::Text plan, want_text_or_nothing(message["tool_plan"], at["tool_plan"]));
  if (!plan.empty()) turn.parts.push_back({canon::TextPart{plan, {}, {}}});
  if (Value citations = message["citations"]; citations.present()) extra(citations, at["citations"]);
  Value calls = message["tool_calls"];
  Place place = at["tool_calls"];
  if (!calls.present()) return {};
  if (!calls.is_array()) return wanted(place, "an array", calls);
  size_t index = 0;
  for (Value call : calls) TRY_VOID(tool_call(call, turn, place[index++]));
  return {};
}

Result<void> RequestDecoder::tool_call(Value call, canon::Turn& turn, const Place& at) {
  if (!call.is_object()) return wanted(at, "an object", call);
  canon::ToolCallPart part;
  TRY(part.id, want_text(call["id"], at["id"]));
  Value function = call["function"];
  Place here = at["function"];
  if (!function.is_object()) return wanted(here, "an object", function);
  TRY(part.name, want_text(function["name"], here["name"]));
  TRY(canon::Text arguments, want_text_or_nothing(function["arguments"], here["arguments"]));
  std::string_view plain = json::unescape(arguments, request_.arena);
  part.arguments = {"{}"};
  if (plain.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    thread_local json::Document document;  // the client's body is in json::scratch() perhaps
    auto root = document.parse(plain, kArgumentsDepthMax);
    if (!root || !root->is_object()) return refuse(here["arguments"], "wanted the text of a JSON object");
    part.arguments = {plain};
  }
  turn.parts.push_back({part, static_cast<uint32_t>(at.index)});
  return {};
}

Result<void> RequestDecoder::tool_result(Value message, canon::Turn& turn, const Place& at) {
  canon::ToolResultPart result;
  TRY(result.call_id, want_text(message["tool_call_id"], at["tool_call_id"]));
  if (Value said = message["content"]; said.present()) TRY_VOID(content(said, result.content, at["content"]));
  turn.parts.push_back({std::move(result)});
  return {};
}

Result<void> RequestDecoder::content(Value value, Parts& parts, const Place& at) {
  if (value.is_string()) {
    if (!value.text().empty()) parts.push_back({canon::TextPart{value.text(), {}, {}}});
    return {};
  }
  if (!value.is_array()) return wanted(at, "a string or an array of parts", value);
  uint32_t index = 0;
  for (Value each : value) {
    const size_t before = parts.size();
    TRY_VOID(part(each, parts, at[index]));
    if (parts.size() > before) parts.back().at = index;
    ++index;
  }
  return {};
}

Result<void> RequestDecoder::part(Value value, Parts& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(canon::Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "image_url") return image(value, parts, at);
  if (type.escaped == "document") return document(value, parts, at);
  if (type.escaped == "thinking") {
    TRY(canon::Text thought, want_text(value["thinking"], at["thinking"]));
    if (!thought.empty()) parts.push_back({canon::ReasoningPart{thought, {}, {}}});
    return {};
  }
  if (type.escaped != "text") return unknown_word(at["type"], type, "text, image_url, document, thinking");
  TRY(canon::Text text, want_text(value["text"], at["text"]));
  if (!text.empty()) parts.push_back({canon::TextPart{text, {}, {}}});
  return {};
}

Result<void> RequestDecoder::image(Value value, Parts& parts, const Place& at) {
  Value given = value["image_url"];
  Place here = at["image_url"], place = here["url"];
  if (!given.is_object()) return wanted(here, "an object with a url", given);
  TRY(canon::Text url, want_text(given["url"], place));
  MediaPart media;
  TRY(media.detail, want_text_or_nothing(given["detail"], here["detail"]));
  std::string_view plain = json::unescape(url, request_.arena);
  if (plain.starts_with("http://") || plain.starts_with("https://")) {
    media.url = url;
  } else {
    // data:<media type>;base64,<data> (RFC 2397)
    size_t comma = plain.find(','), type_end = plain.find(';');
    bool good = plain.starts_with("data:") && comma != std::string_view::npos && type_end < comma &&
                plain.substr(0, comma).ends_with(";base64") && is_clean(plain) && comma + 1 < plain.size();
    if (!good) return refuse(place, "wanted an http or https URL, or data:<media type>;base64,<data>");
    media.media_type = {plain.substr(5, type_end - 5)};
    media.data = {plain.substr(comma + 1)};
  }
  parts.push_back({media});
  return {};
}

// A document of a tool's result: any object, of which others see the JSON text.
Result<void> RequestDecoder::document(Value value, Parts& parts, const Place& at) {
  Value given = value["document"];
  Place here = at["document"];
  if (!given.is_object()) return wanted(here, "an object", given);
  Value data = given["data"];
  if (data.is_string()) {
    parts.push_back({canon::TextPart{data.text(), {}, {}}});
  } else if (data.is_object()) {
    parts.push_back({canon::TextPart{json::escape(data.raw().json, request_.arena), {}, {}}});
  } else {
    return wanted(here["data"], "a string or an object", data);
  }
  if (Value id = given["id"]; id.present()) extra(id, here["id"]);
  return {};
}

}  // namespace hanse::cohere_chat
