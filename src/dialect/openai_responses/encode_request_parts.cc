// A request for a provider: what a message, or the output of a tool, holds.
#include "dialect/openai_responses/encoder.h"

namespace hanse::openai_responses {

using canon::MediaPart;
using canon::Part;

namespace {

bool is_text(const Part* part) { return part->as<canon::TextPart>() != nullptr; }

}  // namespace

void RequestEncoder::lose(size_t turn, size_t part, std::string_view field) {
  std::string path = request_.path(turn, part);
  if (!field.empty()) path.append(1, '.').append(field);
  losses_.add(std::move(path));
}

void RequestEncoder::marks(canon::Raw cache_control, canon::Raw citations, size_t turn, size_t part) {
  if (!cache_control.empty() && !own_) lose(turn, part, "cache_control");
  if (!citations.empty()) lose(turn, part, "citations");
}

// A file that only one provider has goes on for a client of this dialect, who knows whom it asks.
bool RequestEncoder::can_say(const MediaPart& media) const {
  const bool has_bytes = !media.data.empty() || !media.url.empty() || (own_ && !media.file_id.empty());
  if (media.kind == MediaPart::Kind::image) return has_bytes;
  return media.kind == MediaPart::Kind::document && (has_bytes || !media.plain.empty());
}

// Empty texts say nothing, so nothing is lost with them.
bool RequestEncoder::gather(const Part& part) {
  const auto* text = part.as<canon::TextPart>();
  const auto* media = part.as<MediaPart>();
  if (!text && !(media && can_say(*media))) return false;
  if (media || !text->text.empty()) content_.push_back(&part);
  return true;
}

void RequestEncoder::content() {
  if (content_.size() == 1 && is_text(content_.front()) && !marks_cache(content_.front())) {
    out_.text(content_.front()->as<canon::TextPart>()->text);
    return;
  }
  out_.array();
  for (const Part* each : content_) part(*each);
  out_.end_array();
}

void RequestEncoder::part(const Part& part) {
  out_.object().key("type");
  if (const auto* text = part.as<canon::TextPart>())
    out_.text({"input_text"}).key("text").text(text->text);
  else
    media(*part.as<MediaPart>());
  if (marks_cache(&part))
    out_.key("prompt_cache_breakpoint").object().key("mode").text({"explicit"}).end_object();
  out_.end_object();
}

// A client of this dialect said so in this dialect's words; models that others mean may not know them.
bool RequestEncoder::marks_cache(const Part* part) const {
  const auto* text = part->as<canon::TextPart>();
  const auto* media = part->as<MediaPart>();
  return own_ && !(text ? text->cache_control : media->cache_control).empty();
}

void RequestEncoder::media(const MediaPart& media) {
  if (!media.plain.empty()) {
    out_.text({"input_text"}).key("text").text(media.plain);
    return;
  }
  if (media.kind == MediaPart::Kind::image) {
    out_.text({"input_image"}).key("detail").text(media.detail.empty() ? json::Text{"auto"} : media.detail);
    if (!media.data.empty()) {
      out_.key("image_url");
      data_url(media);
    } else if (!media.url.empty()) {
      out_.key("image_url").text(media.url);
    } else {
      out_.key("file_id").text(media.file_id);
    }
    return;
  }
  out_.text({"input_file"});
  if (!media.data.empty()) {
    out_.key("filename").text(media.name.empty() ? json::Text{"document.pdf"} : media.name).key("file_data");
    data_url(media);
  } else if (!media.url.empty()) {
    out_.key("file_url").text(media.url);
  } else {
    out_.key("file_id").text(media.file_id);
  }
}

void RequestEncoder::data_url(const MediaPart& media) {
  const bool image = media.kind == MediaPart::Kind::image;
  std::string_view type = media.media_type.escaped;
  if (type.empty()) type = image ? "image/png" : "application/pdf";
  out_.text(json::Text{"data:"});
  body_.pop_back();
  body_.append(type).append(";base64,").append(media.data.escaped).append(1, '"');
}

}  // namespace hanse::openai_responses
