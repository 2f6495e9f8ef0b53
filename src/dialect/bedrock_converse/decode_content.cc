// A client's request, second half: the conversation, from messages down to what is inside of a tool's result.
#include "base/base64.h"
#include "dialect/bedrock_converse/decoder.h"
#include "dialect/bedrock_converse/wire.h"

namespace hanse::bedrock_converse {

using canon::MediaPart;
using canon::Role;
using json::Value;

namespace {

// As the others have a mark for their caches.
canon::Raw marker_of(std::string_view ttl) {
  if (ttl == "1h") return {R"({"type":"ephemeral","ttl":"1h"})"};
  if (ttl == "5m") return {R"({"type":"ephemeral","ttl":"5m"})"};
  return {R"({"type":"ephemeral"})"};
}

canon::Raw* marker_in(canon::Part& part) {
  return std::visit(
      [](auto& each) -> canon::Raw* {
        if constexpr (requires { each.cache_control; }) return &each.cache_control;
        return nullptr;
      },
      part.value);
}

}  // namespace

Result<void> RequestDecoder::system(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  canon::Turn turn;
  turn.role = Role::system;
  TRY_VOID(contents(list, turn.parts, at, Role::system));
  if (!turn.parts.empty()) request_.turns.push_back(std::move(turn));
  return {};
}

Result<void> RequestDecoder::messages(Value list, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  request_.turns.reserve(request_.turns.size() + list.size());
  size_t index = 0;
  for (Value each : list) TRY_VOID(message(each, at[index++]));
  return {};
}

Result<void> RequestDecoder::message(Value value, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  auto [role, list] = read_members<2>(value, {"role", "content"}, request_.arena,
                                      [&](Value other) { extra(other, at[other.key().escaped]); });
  TRY(canon::Text word, want_text(role, at["role"]));
  canon::Turn turn;
  turn.at = static_cast<uint32_t>(at.index);
  if (word.escaped == "assistant")
    turn.role = Role::assistant;
  else if (word.escaped == "system")
    turn.role = Role::system;
  else if (word.escaped != "user")
    return unknown_word(at["role"], word, "user, assistant, system");
  const Place place = at["content"];
  if (!list.is_array()) return wanted(place, "an array", list);
  TRY_VOID(contents(list, turn.parts, place, turn.role));
  request_.turns.push_back(std::move(turn));
  return {};
}

Result<void> RequestDecoder::contents(Value list, Parts& parts, const Place& at, Role role) {
  parts.reserve(list.size());
  uint32_t index = 0;
  for (Value each : list) {
    size_t before = parts.size();
    TRY_VOID(block(each, parts, at[index], role));
    for (; before < parts.size(); ++before) parts[before].at = index;
    ++index;
  }
  return {};
}

Result<void> RequestDecoder::block(Value block, Parts& parts, const Place& at, Role role) {
  TRY(Value inside, only_member(block, at));
  const std::string_view name = inside.key().escaped;
  const Place here = at[name];
  auto only = [&](Role in, std::string_view who) -> Result<void> {
    if (role == in) return {};
    return refuse(here, std::string(name) + " belongs in messages of the " + std::string(who));
  };
  if (name == "text") return text(inside, parts, here);
  if (name == "cachePoint") {
    TRY(canon::Raw marker, cache_point(inside, here));
    if (!mark(parts, marker)) extra(inside, here);
    return {};
  }
  if (name == "toolUse") {
    TRY_VOID(only(Role::assistant, "assistant"));
    return tool_use(inside, parts, here);
  }
  if (name == "toolResult") {
    TRY_VOID(only(Role::user, "user"));
    return tool_result(inside, parts, here);
  }
  if (name == "reasoningContent") {
    TRY_VOID(only(Role::assistant, "assistant"));
    return reasoning(inside, parts, here);
  }
  return content(name, inside, parts, here);
}

// What has no side of its own.
Result<void> RequestDecoder::content(std::string_view name, Value inside, Parts& parts, const Place& at) {
  for (Kind kind : {Kind::image, Kind::document, Kind::video, Kind::audio})
    if (name == block_name(kind)) return media(inside, kind, parts, at);
  if (name == "guardContent") return guarded(inside, parts, at);
  if (name == "citationsContent") return cited(inside, parts, at);
  if (name == "searchResult") return search_result(inside, parts, at);
  request_.extras.push_back(
      {at.path(), inside.raw()});  // tools that come and go, and what is newer than this
  return {};
}

Result<void> RequestDecoder::text(Value value, Parts& parts, const Place& at) {
  TRY(canon::Text text, want_text(value, at));
  parts.push_back({canon::TextPart{text, {}, {}}});
  return {};
}

Result<void> RequestDecoder::texts(Value list, Parts& parts, const Place& at) {
  if (!list.is_array()) return wanted(at, "an array", list);
  size_t index = 0;
  for (Value each : list) {
    const Place here = at[index++];
    TRY_VOID(text(each["text"], parts, here["text"]));
  }
  return {};
}

Result<void> RequestDecoder::media(Value value, Kind kind, Parts& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  MediaPart media;
  media.kind = kind;
  TRY(canon::Text format, want_text_or_nothing(value["format"], at["format"]));
  if (format.empty() && kind != Kind::document) return wanted(at["format"], "a string", value["format"]);
  media.media_type = {media_type_of(kind, format.escaped)};
  if (media.media_type.empty() && !format.empty())
    return unknown_word(at["format"], format, formats_of(kind));
  if (kind == Kind::document) {
    TRY(media.name, want_text(value["name"], at["name"]));
    if (Value options = value["citations"]; options.present()) media.citations = options.raw();
  }
  TRY_VOID(source(value["source"], media, at["source"]));
  if (kind == Kind::image && !media.data.empty()) {
    const std::string_view seen = format_of_image(media.data.escaped);
    if (!seen.empty() && seen != format_of(kind, media.media_type.escaped))
      return refuse(at["format"], "it says " + std::string(format.escaped) + ", but the bytes are of a " +
                                      std::string(seen));
  }
  if (kind == Kind::document) plain_document(media);
  rest(value, at, {"format", "source", "name", "citations"});
  parts.push_back({media});
  return {};
}

// Bytes, a place in S3, or for documents text.
Result<void> RequestDecoder::source(Value source, MediaPart& media, const Place& at) {
  TRY(Value inside, only_member(source, at));
  const std::string_view name = inside.key().escaped;
  const Place here = at[name];
  if (name == "bytes") return bytes(inside, media, here);
  if (name == "s3Location") {
    TRY(media.file_id, want_text(inside["uri"], here["uri"]));
    rest(inside, here, {"uri"});
    return {};
  }
  if (media.kind == Kind::document && name == "text") {
    TRY(media.plain, want_text(inside, here));
    return {};
  }
  if (media.kind != Kind::document || name != "content")
    return unknown_word(
        at, inside.key(),
        media.kind == Kind::document ? "bytes, s3Location, text, content" : "bytes, s3Location");
  Parts chunks;
  TRY_VOID(texts(inside, chunks, here));
  std::string joined;
  for (const canon::Part& chunk : chunks)
    joined.append(joined.empty() ? "" : "\\n\\n").append(chunk.as<canon::TextPart>()->text.escaped);
  media.plain = {request_.arena.copy(joined)};
  return {};
}

Result<void> RequestDecoder::bytes(Value value, MediaPart& media, const Place& at) {
  TRY(canon::Text escaped, want_text(value, at));
  media.data = {json::unescape(escaped, request_.arena)};  // "\/" is a way to write a slash
  if (media.data.empty()) return refuse(at, "wanted bytes in base64, got an empty string");
  if (!is_base64(media.data.escaped)) return refuse(at, "wanted bytes in base64, got something else");
  return {};
}

// Documents that are text become text, which is the only form that all others can say.
void RequestDecoder::plain_document(MediaPart& media) {
  if (media.data.empty() || !media.media_type.escaped.starts_with("text/")) return;
  std::string plain;
  append_from_base64(media.data.escaped, plain);
  const canon::Text escaped = json::escape(request_.arena.copy(plain), request_.arena);
  if (plain.empty() || json::unescape(escaped, request_.arena) != plain)
    return;  // another encoding than UTF-8
  media.plain = escaped;
  media.data = {};
}

Result<void> RequestDecoder::reasoning(Value value, Parts& parts, const Place& at) {
  TRY(Value inside, only_member(value, at));
  const std::string_view name = inside.key().escaped;
  const Place here = at[name];
  canon::ReasoningPart part;
  if (name == "redactedContent") {
    TRY(canon::Text blob, want_text(inside, here));
    if (blob.empty()) return refuse(here, "wanted bytes in base64, got an empty string");
    part.redacted = redacted_of(blob, request_.arena);
  } else if (name == "reasoningText") {
    TRY(part.text, want_text(inside["text"], here["text"]));
    TRY(part.signature, want_text_or_nothing(inside["signature"], here["signature"]));
    rest(inside, here, {"text", "signature"});
  } else {
    return unknown_word(at, inside.key(), "reasoningText, redactedContent");
  }
  parts.push_back({part});
  return {};
}

Result<void> RequestDecoder::tool_use(Value value, Parts& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  if (value["type"].text().escaped == "server_tool_use") return extra(value, at), Result<void>();
  canon::ToolCallPart part;
  TRY(part.id, want_text(value["toolUseId"], at["toolUseId"]));
  TRY(part.name, want_text(value["name"], at["name"]));
  if (part.name.empty()) return refuse(at["name"], "wanted a name, got an empty string");
  const Value input = value["input"];
  if (input.present() && !input.is_object()) return wanted(at["input"], "an object", input);
  part.arguments = input.present() ? input.raw() : canon::Raw{"{}"};
  rest(value, at, {"toolUseId", "name", "input", "type"});
  parts.push_back({part});
  return {};
}

Result<void> RequestDecoder::tool_result(Value value, Parts& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  canon::ToolResultPart part;
  TRY(part.call_id, want_text(value["toolUseId"], at["toolUseId"]));
  TRY(canon::Text status, want_text_or_nothing(value["status"], at["status"]));
  part.is_error = status.escaped == "error";
  if (!part.is_error && !status.empty() && status.escaped != "success")
    return unknown_word(at["status"], status, "success, error");
  const Value list = value["content"];
  const Place place = at["content"];
  if (!list.is_array()) return wanted(place, "an array", list);
  uint32_t index = 0;
  for (Value each : list) {
    size_t before = part.content.size();
    TRY_VOID(result_content(each, part.content, place[index]));
    for (; before < part.content.size(); ++before) part.content[before].at = index;
    ++index;
  }
  rest(value, at, {"toolUseId", "status", "content"});
  parts.push_back({std::move(part)});
  return {};
}

Result<void> RequestDecoder::result_content(Value block, Parts& parts, const Place& at) {
  TRY(Value inside, only_member(block, at));
  const std::string_view name = inside.key().escaped;
  const Place here = at[name];
  if (name == "text") return text(inside, parts, here);
  if (name != "json") return content(name, inside, parts, here);
  parts.push_back({canon::TextPart{json::escape(inside.raw().json, request_.arena), {}, {}}});
  return {};
}

// The texts stay; whence they are others can't say.
Result<void> RequestDecoder::search_result(Value value, Parts& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY_VOID(texts(value["content"], parts, at["content"]));
  rest(value, at, {"content"});
  return {};
}

// What a guardrail shall look at is part of the conversation all the same.
Result<void> RequestDecoder::guarded(Value value, Parts& parts, const Place& at) {
  TRY(Value inside, only_member(value, at));
  const Place here = at[inside.key().escaped];
  extra(value, at);
  if (inside.key().escaped == "text") return text(inside["text"], parts, here["text"]);
  if (inside.key().escaped == "image") return media(inside, Kind::image, parts, here);
  return {};
}

Result<void> RequestDecoder::cited(Value value, Parts& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  if (Value list = value["content"]; list.present()) TRY_VOID(texts(list, parts, at["content"]));
  rest(value, at, {"content"});
  return {};
}

Result<canon::Raw> RequestDecoder::cache_point(Value point, const Place& at) {
  if (!point.is_object()) return wanted(at, "an object", point);
  TRY(canon::Text type, want_text(point["type"], at["type"]));
  if (type.escaped != "default") return unknown_word(at["type"], type, "default");
  TRY(canon::Text ttl, want_text_or_nothing(point["ttl"], at["ttl"]));
  return marker_of(ttl.escaped);
}

bool RequestDecoder::mark(Parts& parts, canon::Raw marker) {
  canon::Raw* place = parts.empty() ? nullptr : marker_in(parts.back());
  if (place) *place = marker;
  return place;
}

}  // namespace hanse::bedrock_converse
