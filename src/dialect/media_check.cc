#include "dialect/media_check.h"

#include "base/base64.h"
#include "base/bytes.h"

namespace hanse {
namespace {

using canon::MediaPart;

bool is_said(std::string_view declared, std::string_view found) {
  declared = declared.substr(0, declared.find(';'));
  if (equal_ignoring_case(declared, "image/jpg")) declared = "image/jpeg";
  return equal_ignoring_case(declared, found);
}

// Some clients break the lines, and some write "\/".
std::string_view digits_of(json::Text data, std::string& kept) {
  if (data.escaped.find('\\') == std::string_view::npos) return data.escaped;
  kept = json::unescape(data);
  std::erase_if(kept, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
  return kept;
}

Result<void> check_one(const MediaPart& media, const std::string& path) {
  if (media.data.empty()) return {};
  std::string kept;
  const std::string_view digits = digits_of(media.data, kept);
  if (!is_base64(digits)) return fail(Code::bad_request, path + ": the data is not base64").at(path);
  if (media.kind != MediaPart::Kind::image || !media.media_type.escaped.starts_with("image/")) return {};
  const std::string_view found = image_type_of(digits);
  if (found.empty() || is_said(media.media_type.escaped, found)) return {};
  std::string what = path + ": it is said to be " + json::unescape(media.media_type).substr(0, 100) +
                     ", but its bytes are of " + std::string(found);
  return fail(Code::bad_request, std::move(what)).at(path);
}

Result<void> refuse_one(const MediaPart& media, const std::string& path, const canon::Losses& losses) {
  if (media.url.empty() && media.file_id.empty()) return {};
  if (std::ranges::find(losses.paths(), path) == losses.paths().end()) return {};
  std::string_view why = media.file_id.empty()
                             ? ": the model that would answer takes no addresses here, and none is fetched; "
                               "send the bytes"
                             : ": a file's id is known where the file is kept only; send the file itself";
  return fail(Code::unsupported, path + std::string(why)).at(path);
}

// `see` with each part that has bytes, and its path.
template <class See>
Result<void> each_media(const canon::Request& request, See&& see) {
  for (size_t turn = 0; turn < request.turns.size(); ++turn) {
    const auto& parts = request.turns[turn].parts;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (const auto* media = parts[i].as<MediaPart>()) TRY_VOID(see(*media, request.path(turn, i)));
      const auto* result = parts[i].as<canon::ToolResultPart>();
      if (!result) continue;
      for (const canon::Part& inside : result->content)
        if (const auto* media = inside.as<MediaPart>()) TRY_VOID(see(*media, request.path(turn, i, inside)));
    }
  }
  return {};
}

}  // namespace

std::string_view image_type_of(std::string_view base64) {
  constexpr size_t kBeginning = 16;  // digits: twelve bytes
  std::string bytes;
  if (!append_from_base64(base64.substr(0, kBeginning), bytes)) return {};
  if (bytes.starts_with("\x89PNG")) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("GIF8")) return "image/gif";
  if (bytes.size() == 12 && bytes.starts_with("RIFF") && bytes.ends_with("WEBP")) return "image/webp";
  return {};
}

Result<void> check_media(const canon::Request& request) { return each_media(request, check_one); }

Result<void> refuse_lost_media(const canon::Request& request, const canon::Losses& losses) {
  if (losses.empty()) return {};
  return each_media(request, [&](const MediaPart& media, const std::string& path) {
    return refuse_one(media, path, losses);
  });
}

}  // namespace hanse
