// A request for an Anthropic server, second half: the conversation.
#include "base/bytes.h"
#include "dialect/anthropic_messages/encoder.h"
#include "dialect/ids.h"

namespace hanse::anthropic_messages {
namespace {

constexpr std::string_view kNobody = ".";  // the user that the dialect wants first, in the least of words
constexpr std::string_view kUnanswered = "The tool call was not answered.";
constexpr IdRule kIdRule{128, ""};

bool is_plain(const Item& item) {
  if (!item.part) return false;
  if (item.part->as<canon::RefusalPart>()) return true;
  auto* text = item.part->as<canon::TextPart>();
  return text && text->cache_control.empty() && text->citations.empty();
}

canon::Text text_of(const canon::Part& part) {
  if (auto* refusal = part.as<canon::RefusalPart>()) return refusal->text;
  return part.as<canon::TextPart>()->text;
}

}  // namespace

bool can_say(const canon::MediaPart& media) {
  using Kind = canon::MediaPart::Kind;
  // A file's id means something at one provider only; this vendor's begin so.
  const bool file = media.file_id.escaped.starts_with("file_");
  const bool url = media.url.escaped.starts_with("http");
  if (media.kind == Kind::image)
    return url || file || (!media.data.empty() && !image_type(media.media_type).empty());
  if (media.kind != Kind::document) return false;
  return url || file || !is_blank(media.plain) ||
         (!media.data.empty() && equal_ignoring_case(media.media_type.escaped, "application/pdf"));
}

void RequestEncoder::system() {
  const auto& items = conversation_.system;
  if (items.empty()) return;
  out_.key("system");
  if (items.size() == 1 && is_plain(items.front())) {
    out_.text(text_of(*items.front().part));
    return;
  }
  out_.array();
  for (const Item& each : items) item(each, false);
  out_.end_array();
}

void RequestEncoder::messages() {
  out_.key("messages").array();
  for (const auto& each : conversation_.messages) message(each, &each == &conversation_.messages.back());
  out_.end_array();
}

void RequestEncoder::message(const Message& message, bool last) {
  const auto& items = message.items;
  const bool assistant = message.role == canon::Role::assistant;
  out_.object().key("role").string(assistant ? "assistant" : "user").key("content");
  if (items.empty()) {
    out_.string(kNobody);
  } else if (items.size() == 1 && is_plain(items.front())) {
    canon::Text only = text_of(*items.front().part);
    out_.text(last && assistant ? trimmed_end(only) : only);
  } else {
    out_.array();
    for (const Item& each : items) item(each, last && assistant && &each == &items.back());
    out_.end_array();
  }
  out_.end_object();
}

void RequestEncoder::item(const Item& item, bool trim) {
  if (!item.part) {
    out_.object().key("type").string("tool_result");
    tool_id("tool_use_id", item.unanswered);
    out_.key("is_error").boolean(true).key("content").string(kUnanswered).end_object();
    return;
  }
  const canon::Part& part = *item.part;
  if (auto* plain = part.as<canon::TextPart>())
    text(trim ? trimmed_end(plain->text) : plain->text, plain->cache_control, plain->citations);
  else if (auto* refusal = part.as<canon::RefusalPart>())
    text(trim ? trimmed_end(refusal->text) : refusal->text, {}, {});
  else if (auto* shown = part.as<canon::MediaPart>())
    media(*shown);
  else if (auto* thought = part.as<canon::ReasoningPart>())
    reasoning(*thought);
  else if (auto* call = part.as<canon::ToolCallPart>())
    tool_use(*call);
  else if (auto* result = part.as<canon::ToolResultPart>())
    tool_result(*result, item);
}

void RequestEncoder::cache_control(canon::Raw marker) {
  if (!marker.empty()) out_.key("cache_control").raw(marker);
}

void RequestEncoder::text(canon::Text text, canon::Raw marker, canon::Raw citations) {
  out_.object().key("type").string("text").key("text").text(text);
  if (!citations.empty()) out_.key("citations").raw(citations);
  cache_control(marker);
  out_.end_object();
}

void RequestEncoder::media(const canon::MediaPart& media) {
  const bool image = media.kind == canon::MediaPart::Kind::image;
  out_.object().key("type").string(image ? "image" : "document").key("source").object().key("type");
  if (!media.data.empty()) {
    out_.string("base64").key("media_type").string(image ? image_type(media.media_type) : "application/pdf");
    out_.key("data").text(media.data);
  } else if (!media.plain.empty()) {
    out_.string("text").key("media_type").string("text/plain").key("data").text(media.plain);
  } else if (!media.url.empty()) {
    out_.string("url").key("url").text(media.url);
  } else {
    out_.string("file").key("file_id").text(media.file_id);
  }
  out_.end_object();
  if (!image && !media.name.empty()) out_.key("title").text(media.name);
  if (!image && !media.citations.empty()) out_.key("citations").raw(media.citations);
  cache_control(media.cache_control);
  out_.end_object();
}

void RequestEncoder::reasoning(const canon::ReasoningPart& part) {
  out_.object().key("type");
  if (!part.redacted.empty())
    out_.string("redacted_thinking").key("data").text(part.redacted);
  else
    out_.string("thinking").key("thinking").text(part.text).key("signature").text(part.signature);
  out_.end_object();
}

void RequestEncoder::tool_id(std::string_view key, canon::Text id) {
  bool plain = id.escaped.find('\\') == std::string_view::npos;
  out_.key(key).string(legal_id(plain ? std::string(id.escaped) : json::unescape(id), kIdRule));
}

void RequestEncoder::tool_use(const canon::ToolCallPart& call) {
  out_.object().key("type").string("tool_use");
  tool_id("id", call.id);
  out_.key("name").text(call.name).key("input");
  out_.raw(call.arguments.empty() ? canon::Raw{"{}"} : call.arguments);
  cache_control(call.cache_control);
  out_.end_object();
}

// A part of what a tool answered.
void RequestEncoder::inside(const canon::Part& part, const Item& item) {
  auto* shown = part.as<canon::MediaPart>();
  if (auto* said = part.as<canon::TextPart>()) {
    if (!is_blank(said->text)) text(said->text, said->cache_control, {});
  } else if (!shown || !can_say(*shown)) {
    losses_.add(request_.path(item.turn, item.index, part));
  } else {
    if (loses_detail(*shown)) losses_.add(request_.path(item.turn, item.index, part) + ".image_url.detail");
    media(*shown);
  }
}

void RequestEncoder::tool_result(const canon::ToolResultPart& result, const Item& item) {
  out_.object().key("type").string("tool_result");
  tool_id("tool_use_id", result.call_id);
  if (result.is_error) out_.key("is_error").boolean(true);
  const auto* only = result.content.size() == 1 ? result.content[0].as<canon::TextPart>() : nullptr;
  if (only && only->cache_control.empty()) {
    // A tool may have nothing to say; a blank text would be refused.
    if (!is_blank(only->text)) out_.key("content").text(only->text);
  } else if (!result.content.empty()) {
    out_.key("content").array();
    for (const auto& part : result.content) inside(part, item);
    out_.end_array();
  }
  cache_control(result.cache_control);
  out_.end_object();
}

}  // namespace hanse::anthropic_messages
