// Where a text that broke off goes on in what another model says of it: nothing repeated, nothing lost.
//
//   Seam seam(told, Seam::Asked::to_go_on);
//   TRY(std::string fresh, seam.feed("gateway earns trust ..."));     // what is new to the reader; may be
//   empty TRY(std::string rest, seam.finish());
//
// A model that begins again with the same words has them skipped. One that begins again with others can't be
// spliced: an error (malformed_reply), and nothing of it is shown. Plain UTF-8; no I/O.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hanse::route {

class Seam {
 public:
  // What the model was asked for.
  enum class Asked : unsigned char {
    again,     // the same request: only the same words are a continuation
    to_go_on,  // the text so far stands as its own turn, and ends there
    by_word,   // it was told to begin with the last word so far
  };

  Seam(std::string told, Asked asked) : told_(std::move(told)), asked_(asked) {}

  Result<std::string> feed(std::string_view text);
  // The text has ended: what was held back.
  Result<std::string> finish();

  // The last word of a text with the white space behind it, as `by_word` expects it; at most some 80 bytes.
  static std::string_view last_word(std::string_view text);

  // So many bytes in common with the beginning are no accident: the model has begun again.
  static constexpr size_t kBeginsAgain = 16;
  // So many bytes in common with the end are no accident: the model repeats them.
  static constexpr size_t kRepeats = 12;
  static constexpr size_t kHeldMax = 400;

 private:
  Result<std::string> decide(bool ended);
  std::string join();

  std::string told_;
  Asked asked_;
  std::string held_;
  bool decided_ = false;
};

}  // namespace hanse::route
