// Names of formats: the vendor's words, and media types as all others have them.
#include "base/bytes.h"
#include "dialect/bedrock_converse/wire.h"
#include "dialect/media_check.h"

namespace hanse::bedrock_converse {
namespace {

using Kind = canon::MediaPart::Kind;

// Of several rows with the same format or type the first is what is written.
struct Row {
  Kind kind;
  std::string_view format, media_type;
};
constexpr Row kRows[] = {
    {Kind::image, "png", "image/png"},
    {Kind::image, "jpeg", "image/jpeg"},
    {Kind::image, "jpeg", "image/jpg"},
    {Kind::image, "gif", "image/gif"},
    {Kind::image, "webp", "image/webp"},
    {Kind::document, "pdf", "application/pdf"},
    {Kind::document, "csv", "text/csv"},
    {Kind::document, "doc", "application/msword"},
    {Kind::document, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {Kind::document, "xls", "application/vnd.ms-excel"},
    {Kind::document, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {Kind::document, "html", "text/html"},
    {Kind::document, "txt", "text/plain"},
    {Kind::document, "md", "text/markdown"},
    {Kind::video, "mp4", "video/mp4"},
    {Kind::video, "mkv", "video/x-matroska"},
    {Kind::video, "mov", "video/quicktime"},
    {Kind::video, "webm", "video/webm"},
    {Kind::video, "flv", "video/x-flv"},
    {Kind::video, "mpeg", "video/mpeg"},
    {Kind::video, "mpg", "video/mpeg"},
    {Kind::video, "wmv", "video/x-ms-wmv"},
    {Kind::video, "three_gp", "video/3gpp"},
    {Kind::audio, "mp3", "audio/mpeg"},
    {Kind::audio, "mp3", "audio/mp3"},
    {Kind::audio, "wav", "audio/wav"},
    {Kind::audio, "wav", "audio/x-wav"},
    {Kind::audio, "wav", "audio/wave"},
    {Kind::audio, "opus", "audio/opus"},
    {Kind::audio, "aac", "audio/aac"},
    {Kind::audio, "x-aac", "audio/x-aac"},
    {Kind::audio, "flac", "audio/flac"},
    {Kind::audio, "mp4", "audio/mp4"},
    {Kind::audio, "m4a", "audio/x-m4a"},
    {Kind::audio, "m4a", "audio/m4a"},
    {Kind::audio, "ogg", "audio/ogg"},
    {Kind::audio, "mkv", "audio/x-matroska"},
    {Kind::audio, "mka", "audio/x-matroska"},
    {Kind::audio, "mpeg", "audio/mpeg"},
    {Kind::audio, "mpga", "audio/mpeg"},
    {Kind::audio, "pcm", "audio/pcm"},
    {Kind::audio, "webm", "audio/webm"},
};

}  // namespace

std::string_view media_type_of(Kind kind, std::string_view format) {
  for (const Row& row : kRows)
    if (row.kind == kind && row.format == format) return row.media_type;
  return {};
}

std::string_view format_of(Kind kind, std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));  // charset and the like
  for (const Row& row : kRows)
    if (row.kind == kind && equal_ignoring_case(row.media_type, media_type)) return row.format;
  return {};
}

std::string formats_of(Kind kind) {
  std::string out;
  std::string_view last;
  for (const Row& row : kRows) {
    if (row.kind != kind || row.format == last) continue;
    out.append(out.empty() ? "" : ", ").append(last = row.format);
  }
  return out;
}

std::string_view block_name(Kind kind) {
  constexpr std::string_view kNames[] = {"image", "audio", "document", "video"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view format_of_image(std::string_view base64) {
  return format_of(Kind::image, image_type_of(base64));
}

}  // namespace hanse::bedrock_converse
