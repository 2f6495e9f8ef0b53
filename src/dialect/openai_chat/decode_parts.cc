// A client's request: the parts of a message.
#include "dialect/openai_chat/decoder.h"
#include "dialect/openai_media.h"

namespace hanse::openai_chat {

using canon::MediaPart;
using json::Value;

namespace {

// The last two are not OpenAI's: Perplexity's and OpenRouter's.
constexpr std::string_view kPartTypes = "text, image_url, input_audio, file, refusal, file_url, video_url";

}  // namespace

Result<void> RequestDecoder::part(Value value, std::vector<Part>& parts, const Place& at) {
  if (!value.is_object()) return wanted(at, "an object", value);
  TRY(canon::Text type, want_text(value["type"], at["type"]));
  if (type.escaped == "text") return text(value, parts, at);
  if (type.escaped == "image_url") return linked(value, MediaPart::Kind::image, type.escaped, parts, at);
  if (type.escaped == "video_url") return linked(value, MediaPart::Kind::video, type.escaped, parts, at);
  if (type.escaped == "file_url") return linked(value, MediaPart::Kind::document, type.escaped, parts, at);
  if (type.escaped == "input_audio") return audio(value, parts, at);
  if (type.escaped == "file") return file(value, parts, at);
  if (type.escaped != "refusal") return unknown_word(at["type"], type, kPartTypes);
  TRY(canon::Text refusal, want_text(value["refusal"], at["refusal"]));
  if (!refusal.empty()) parts.push_back({canon::RefusalPart{refusal}});
  return {};
}

Result<void> RequestDecoder::text(Value value, std::vector<Part>& parts, const Place& at) {
  auto [type, said, marker] = members<3>(value, at, {"type", "text", "cache_control"});
  TRY(canon::Text text, want_text(said, at["text"]));
  canon::Raw cache_control = marker.present() ? marker.raw() : canon::Raw();
  if (!text.empty()) parts.push_back({canon::TextPart{text, cache_control, {}}});
  return {};
}

// {"type":"image_url","image_url":{"url":...}}, and its kin.
Result<void> RequestDecoder::linked(Value value, MediaPart::Kind kind, std::string_view key,
                                    std::vector<Part>& parts, const Place& at) {
  auto [type, given, marker] = members<3>(value, at, {"type", key, "cache_control"});
  Place here = at[key], inside = here["url"];
  bool bare = given.is_string();  // some clients leave the object out
  if (!bare && !given.is_object()) return wanted(here, "an object with a url", given);
  const Place& place = bare ? here : inside;
  TRY(canon::Text url, want_text(bare ? given : given["url"], place));
  MediaPart media;
  media.kind = kind;
  TRY(bool inlined, read_data_url(url, media, request_.arena, place));
  std::string_view plain = inlined ? std::string_view() : json::unescape(url, request_.arena);
  bool bare_base64 = kind == MediaPart::Kind::document && plain.find(':') == std::string_view::npos;
  if (bare_base64 && !inlined) {
    if (!is_base64_of_pdf(plain, media)) return extra(value, at), Result<void>();
  } else if (!inlined) {
    if (!is_web_url(plain)) return refuse(place, "wanted an http, https or data URL");
    media.url = url;
  }
  TRY(media.detail, want_text_or_nothing(given["detail"], here["detail"]));
  if (marker.present()) media.cache_control = marker.raw();
  parts.push_back({media});
  return {};
}

Result<void> RequestDecoder::audio(Value value, std::vector<Part>& parts, const Place& at) {
  auto [named, given, marker] = members<3>(value, at, {"type", "input_audio", "cache_control"});
  Place here = at["input_audio"];
  if (!given.is_object()) return wanted(here, "an object", given);
  MediaPart media;
  media.kind = MediaPart::Kind::audio;
  TRY(media.data, want_text(given["data"], here["data"]));
  TRY(canon::Text format, want_text(given["format"], here["format"]));
  if (format.escaped == "wav")
    media.media_type = {"audio/wav"};
  else if (format.escaped == "mp3")
    media.media_type = {"audio/mpeg"};
  else
    return unknown_word(here["format"], format, "wav, mp3");
  if (marker.present()) media.cache_control = marker.raw();
  parts.push_back({media});
  return {};
}

Result<void> RequestDecoder::file(Value value, std::vector<Part>& parts, const Place& at) {
  auto [named, given, marker] = members<3>(value, at, {"type", "file", "cache_control"});
  Place here = at["file"];
  if (!given.is_object()) return wanted(here, "an object", given);
  MediaPart media;
  media.kind = MediaPart::Kind::document;
  TRY(media.name, want_text_or_nothing(given["filename"], here["filename"]));
  TRY(media.file_id, want_text_or_nothing(given["file_id"], here["file_id"]));
  TRY(canon::Text data, want_text_or_nothing(given["file_data"], here["file_data"]));
  if (!data.empty()) {
    TRY(bool inlined, read_data_url(data, media, request_.arena, here["file_data"]));
    std::string_view plain = inlined ? std::string_view() : json::unescape(data, request_.arena);
    if (!inlined && !is_base64_of_pdf(plain, media))
      return refuse(here["file_data"], "wanted data:<media type>;base64,<data>");
  }
  if (media.data.empty() && media.file_id.empty()) return refuse(here, "wanted file_data or file_id");
  if (media.media_type.escaped.starts_with("image/")) media.kind = MediaPart::Kind::image;
  if (marker.present()) media.cache_control = marker.raw();
  parts.push_back({media});
  return {};
}

}  // namespace hanse::openai_chat
