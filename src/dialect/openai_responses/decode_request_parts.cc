// A client's request: what a message, or the output of a tool, holds.
#include "dialect/openai_media.h"
#include "dialect/openai_responses/decoder.h"

namespace hanse::openai_responses {

using canon::MediaPart;
using json::Text;
using json::Value;

namespace {

constexpr std::string_view kPartTypes = "input_text, input_image, input_file, output_text, refusal";
constexpr std::string_view kCacheMark = R"({"type":"ephemeral"})";

canon::Raw cache_mark(Value breakpoint) {
  return breakpoint.is_object() ? canon::Raw{kCacheMark} : canon::Raw();
}

}  // namespace

// Each part's `at` is its place in the list.
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

Result<void> RequestDecoder::part(Value value, std::vector<Part>& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "input_text" || type.escaped == "output_text" || type.escaped == "text")
    return text(value, parts, at);
  if (type.escaped == "input_image") return image(value, parts, at);
  if (type.escaped == "input_file") return file(value, parts, at);
  if (type.escaped != "refusal") return unknown_word(at["type"], type, kPartTypes);
  TRY(Text refusal, want_text(value["refusal"], at["refusal"]));
  if (!refusal.empty()) parts.push_back({canon::RefusalPart{refusal}});
  return {};
}

Result<void> RequestDecoder::text(Value value, std::vector<Part>& parts, const Place& at) {
  auto [type, said, logprobs, breakpoint] =
      members<4>(value, at, {"type", "text", "logprobs", "prompt_cache_breakpoint"});
  TRY(Text text, want_text(said, at["text"]));
  if (!text.empty()) parts.push_back({canon::TextPart{text, cache_mark(breakpoint), {}}});
  return {};
}

Result<void> RequestDecoder::image(Value value, std::vector<Part>& parts, const Place& at) {
  auto [type, given, file_id, detail, breakpoint] =
      members<5>(value, at, {"type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"});
  MediaPart media;
  Place here = at["image_url"];
  TRY(media.file_id, want_text_or_nothing(file_id, at["file_id"]));
  TRY(media.detail, want_text_or_nothing(detail, at["detail"]));
  TRY(Text url, want_text_or_nothing(given, here));
  if (url.empty() && media.file_id.empty()) return refuse(at, "wanted image_url or file_id");
  if (!url.empty()) {
    TRY(bool inlined, read_data_url(url, media, request_.arena, here));
    if (!inlined && !is_web_url(json::unescape(url, request_.arena)))
      return refuse(here, "wanted an http, https or data URL");
    if (!inlined) media.url = url;
  }
  media.cache_control = cache_mark(breakpoint);
  parts.push_back({media});
  return {};
}

Result<void> RequestDecoder::file(Value value, std::vector<Part>& parts, const Place& at) {
  auto [type, name, file_id, file_url, file_data, breakpoint] = members<6>(
      value, at, {"type", "filename", "file_id", "file_url", "file_data", "prompt_cache_breakpoint"});
  MediaPart media;
  media.kind = MediaPart::Kind::document;
  TRY(media.name, want_text_or_nothing(name, at["filename"]));
  TRY(media.file_id, want_text_or_nothing(file_id, at["file_id"]));
  TRY(Text url, want_text_or_nothing(file_url, at["file_url"]));
  TRY(Text data, want_text_or_nothing(file_data, at["file_data"]));
  if (!data.empty()) {
    Place here = at["file_data"];
    TRY(bool inlined, read_data_url(data, media, request_.arena, here));
    std::string_view plain = inlined ? std::string_view() : json::unescape(data, request_.arena);
    if (!inlined && !is_base64_of_pdf(plain, media))
      return refuse(here, "wanted data:<media type>;base64,<data>");
  } else if (!url.empty()) {
    Place here = at["file_url"];
    if (!is_web_url(json::unescape(url, request_.arena))) return refuse(here, "wanted an http or https URL");
    media.url = url;
  }
  if (media.data.empty() && media.url.empty() && media.file_id.empty())
    return refuse(at, "wanted file_data, file_url or file_id");
  if (media.media_type.escaped.starts_with("image/")) media.kind = MediaPart::Kind::image;
  if (media.media_type.escaped.starts_with("audio/")) media.kind = MediaPart::Kind::audio;
  if (media.media_type.escaped.starts_with("video/")) media.kind = MediaPart::Kind::video;
  media.cache_control = cache_mark(breakpoint);
  parts.push_back({media});
  return {};
}

}  // namespace hanse::openai_responses
