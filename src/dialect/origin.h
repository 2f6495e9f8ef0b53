// Whose a signature or a redacted thought is. It is valid where it was made only, but clients of any dialect
// carry it there and back. Claude's go as they are, on whichever cloud; those of other makers carry the name
// of the dialect that they came in, so that each encoder knows its own and leaves out the rest.
//
//   origin_of({"google-gemini:call:EpIDCo8D"})      // "google-gemini"
//   origin_of({"EpIDCo8D"})                         // "": Claude's
#pragma once

#include <string_view>

#include "base/json.h"

namespace hanse {

inline std::string_view origin_of(json::Text opaque) {
  constexpr size_t kNameMax = 32;  // of a dialect; what is opaque is base64 and has no ':' at all
  size_t end = opaque.escaped.substr(0, kNameMax).find(':');
  return opaque.escaped.substr(0, end == std::string_view::npos ? 0 : end);
}

}  // namespace hanse
