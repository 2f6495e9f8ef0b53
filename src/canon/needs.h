// What a request asks of a model beyond text, so that one that can't do it need not be asked.
//
//   Needs needs = canon::needs_of(request);
//   if (needs.what & row.lacks) ...
#pragma once

#include <cstdint>
#include <string_view>

#include "canon/request.h"

namespace hanse::canon {

// Bits, named as the catalogue's abilities are.
enum Need : uint16_t { kTools = 1, kImages = 2, kAudio = 4, kVideo = 8, kDocuments = 16, kSchema = 32 };

struct NeedName {
  Need need;
  std::string_view name;
};
inline constexpr NeedName kNeeds[] = {{kTools, "tools"}, {kImages, "images"},       {kAudio, "audio"},
                                      {kVideo, "video"}, {kDocuments, "documents"}, {kSchema, "schema"}};

// The bits of all that `request` needs.
uint16_t needs_of(const Request& request);

}  // namespace hanse::canon
