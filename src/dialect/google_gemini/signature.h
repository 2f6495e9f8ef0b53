// Signed thoughts on their way through this dialect. Google signs a part (a call, a text) and wants the
// signature back on it, and no thought; the canonical form has the signature of a thought, which stands
// before its call or behind its text, as "google-gemini:call:EpID...".
//
// What other makers sign goes to this dialect's clients as the signature of a thought, in base64, because
// their SDKs take signatures for bytes: "hanse:" and one letter in front tell it from Google's own.
#pragma once

#include <string_view>

namespace hanse::google_gemini {

inline constexpr std::string_view kOnCall = "google-gemini:call:";
inline constexpr std::string_view kOnText = "google-gemini:text:";
inline constexpr std::string_view kOnThought = "google-gemini:thought:";

inline constexpr std::string_view kForeign = "hanse:s";           // and the signature
inline constexpr std::string_view kForeignRedacted = "hanse:r";   // and the redacted thought
inline constexpr std::string_view kForeignInBase64 = "aGFuc2U6";  // how both begin

}  // namespace hanse::google_gemini
