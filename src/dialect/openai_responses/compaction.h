// A conversation that was summed up. Another vendor can't read what one vendor sealed, so Hanse asks the
// model for a summary in plain words and puts it where this language has sealed ones:
//
//   {"type":"compaction","id":"cmp_...","encrypted_content":"hanse-summary:U2Fs..."}      base64 of the words
//
// Whoever goes on from it gets those words as a text of the user's.
#pragma once

#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/json.h"

namespace hanse::openai_responses {

inline constexpr std::string_view kSummaryMark = "hanse-summary:";
inline constexpr std::string_view kSummaryHead = "Summary of the conversation until here:\n\n";
inline constexpr std::string_view kCompactionOrder =
    "Sum up this conversation so that another assistant can go on from your summary alone. Keep what was "
    "asked "
    "and decided, every fact, name, number, path and identifier that may still be needed, results of tools, "
    "and what is still to be done. Answer with the summary only.";

inline bool is_own_compaction(json::Value item) {
  return item["encrypted_content"].text().escaped.starts_with(kSummaryMark);
}

// The words, or nothing when they are not Hanse's, or broken.
inline std::string read_summary(json::Value item) {
  std::string_view sealed = item["encrypted_content"].text().escaped;
  std::string out;
  if (!sealed.starts_with(kSummaryMark)) return out;
  if (!append_from_base64(sealed.substr(kSummaryMark.size()), out)) out.clear();
  return out;
}

inline std::string write_summary(std::string_view words) {
  std::string out(kSummaryMark);
  append_base64(words, out);
  return out;
}

}  // namespace hanse::openai_responses
