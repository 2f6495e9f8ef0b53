#include "dialect/anthropic_messages/request_blocks.h"

#include <algorithm>

namespace hanse::anthropic_messages {

using canon::MediaPart;
using canon::Part;
using json::Text;
using json::Value;

Result<void> BlockReader::read_content(Value content, std::vector<Part>& parts, const Path& path) {
  if (content.is_string()) {
    parts.push_back({canon::TextPart{content.text(), {}, {}}});
    return {};
  }
  if (!content.is_array()) return refuse_type(path, "a string or an array of blocks", content);
  parts.reserve(parts.size() + content.size());
  int32_t index = 0;
  for (Value block : content) {
    TRY_VOID(read_block(block, parts, index, path.at(index)));
    ++index;
  }
  return {};
}

Result<void> BlockReader::read_block(Value block, std::vector<Part>& parts, int32_t index, const Path& path) {
  TRY_VOID(want_object(block, path));
  TRY(Text type, want_text(block["type"], path["type"]));
  std::string_view word = type.escaped;
  Result<Part> part = Part();
  if (word == "text") part = read_text(block, path);
  else if (word == "image") part = read_media(block, MediaPart::Kind::image, path);
  else if (word == "document") part = read_media(block, MediaPart::Kind::document, path);
  else if (word == "tool_use") part = read_call(block, path);
  else if (word == "tool_result") part = read_result(block, path);
  else if (word == "thinking" || word == "redacted_thinking") part = read_thinking(block, path);
  else return keep_extra(request_, path, block), Result<void>();
  if (!part) return fail(std::move(part.error()));
  part->index = index;
  parts.push_back(std::move(*part));
  return {};
}

// Members beside `type` and those that were read.
void BlockReader::keep_unknown(Value block, std::initializer_list<std::string_view> known, const Path& path) {
  for (Value member : block) {
    std::string_view key = member.key().escaped;
    if (key == "type" || std::find(known.begin(), known.end(), key) != known.end()) continue;
    keep_extra(request_, path[key], member);
  }
}

namespace {

json::Raw mark_of(Value block) {
  Value mark = block["cache_control"];
  return mark.present() ? mark.raw() : json::Raw();
}

}  // namespace

Result<Part> BlockReader::read_text(Value block, const Path& path) {
  TRY(Text text, want_text(block["text"], path["text"]));
  if (block.size() == 2) return Part{canon::TextPart{text, {}, {}}};
  Value citations = block["citations"];
  keep_unknown(block, {"text", "cache_control", "citations"}, path);
  return Part{canon::TextPart{text, mark_of(block), asks_nothing(citations) ? json::Raw() : citations.raw()}};
}

Result<Part> BlockReader::read_media(Value block, MediaPart::Kind kind, const Path& path) {
  MediaPart media;
  media.kind = kind;
  media.cache_control = mark_of(block);
  TRY(media.name, optional_text(block["title"], path["title"]));
  Value citations = block["citations"];
  if (citations["enabled"].boolean().value_or(false)) media.citations = citations.raw();
  keep_unknown(block, {"source", "cache_control", "title", "citations"}, path);
  TRY_VOID(want_object(block["source"], path["source"]));
  TRY_VOID(read_source(block["source"], media, path["source"]));
  return Part{media};
}

Result<void> BlockReader::read_source(Value source, MediaPart& media, const Path& path) {
  TRY(Text type, want_text(source["type"], path["type"]));
  std::string_view word = type.escaped;
  if (word == "base64") {
    TRY(media.media_type, want_text(source["media_type"], path["media_type"]));
    TRY(media.data, want_text(source["data"], path["data"]));
  } else if (word == "url") {
    TRY(media.url, want_text(source["url"], path["url"]));
  } else if (word == "file") {
    TRY(media.file_id, want_text(source["file_id"], path["file_id"]));
  } else if (word == "text") {
    media.media_type = {"text/plain"};
    TRY(media.plain, want_text(source["data"], path["data"]));
  } else if (word == "content" && source["content"].is_string()) {
    media.media_type = {"text/plain"};
    media.plain = source["content"].text();
  } else {
    keep_extra(request_, path, source);
  }
  return {};
}

Result<Part> BlockReader::read_call(Value block, const Path& path) {
  canon::ToolCallPart call;
  TRY(call.id, want_text(block["id"], path["id"]));
  TRY(call.name, want_text(block["name"], path["name"]));
  Value input = block["input"];
  if (input.present()) TRY_VOID(want_object(input, path["input"]));
  call.arguments = input.present() ? input.raw() : json::Raw{"{}"};
  call.cache_control = mark_of(block);
  if (block.size() > 4) keep_unknown(block, {"id", "name", "input", "cache_control"}, path);
  return Part{call};
}

Result<Part> BlockReader::read_result(Value block, const Path& path) {
  canon::ToolResultPart result;
  TRY(result.call_id, want_text(block["tool_use_id"], path["tool_use_id"]));
  TRY(auto is_error, optional_boolean(block["is_error"], path["is_error"]));
  result.is_error = is_error.value_or(false);
  result.cache_control = mark_of(block);
  Value content = block["content"];
  if (content.present()) TRY_VOID(read_content(content, result.content, path["content"]));
  // What of it is lost is named by the block: its place in the message.
  for (Part& part : result.content) part.index = static_cast<int32_t>(path.index);
  keep_unknown(block, {"tool_use_id", "is_error", "content", "cache_control"}, path);
  return Part{std::move(result)};
}

Result<Part> BlockReader::read_thinking(Value block, const Path& path) {
  canon::ReasoningPart part;
  TRY(part.text, optional_text(block["thinking"], path["thinking"]));
  TRY(part.signature, optional_text(block["signature"], path["signature"]));
  TRY(part.redacted, optional_text(block["data"], path["data"]));
  return Part{part};
}

}  // namespace hanse::anthropic_messages
