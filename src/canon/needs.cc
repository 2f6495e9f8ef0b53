#include "canon/needs.h"

namespace hanse::canon {
namespace {

uint16_t need_of(MediaPart::Kind kind) {
  switch (kind) {
    case MediaPart::Kind::image:
      return kImages;
    case MediaPart::Kind::audio:
      return kAudio;
    case MediaPart::Kind::video:
      return kVideo;
    case MediaPart::Kind::document:
      return kDocuments;
  }
  return 0;
}

uint16_t needs_of(const std::vector<Part>& parts) {
  uint16_t out = 0;
  for (const Part& part : parts) {
    // A document that is plain text goes to others as text.
    if (auto* media = part.as<MediaPart>(); media && media->plain.empty()) out |= need_of(media->kind);
    if (auto* result = part.as<ToolResultPart>()) out |= needs_of(result->content);
  }
  return out;
}

}  // namespace

uint16_t needs_of(const Request& request) {
  uint16_t out = 0;
  if (!request.tools.empty() && request.tool_choice.kind != ToolChoice::Kind::none) out |= kTools;
  if (request.output.kind == OutputFormat::Kind::json_schema) out |= kSchema;
  for (const Turn& turn : request.turns) out |= needs_of(turn.parts);
  return out;
}

}  // namespace hanse::canon
