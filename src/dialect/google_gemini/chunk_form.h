// The chunks of one stream differ in their piece of text and in their counts only. So a chunk that was parsed
// serves as a form: the next one that has the same bytes around its text and its numbers needs no parse. The
// text is checked as the parser would; what is not plain goes the long way.
//
//   if (auto piece = form.match(data, usage)) ...
//   ... parse ...
//   form.learn(data, root);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "canon/event.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {

class ChunkForm {
 public:
  struct Piece {
    json::Text text;
    bool thought;
    bool counted;  // and usage is up to date
  };
  // `root` is what `data` is in JSON. Chunks that say more than one piece of text and counts are no form.
  void learn(std::string_view data, json::Value root);
  std::optional<Piece> match(std::string_view data, canon::Usage& usage) const;

 private:
  struct Number {
    size_t literal_size;  // of the bytes before it, from the text or the number before
    int count;            // its place in Counts; -1: none
  };
  bool find_text(json::Value root, json::Text& text);
  bool find_numbers(json::Value usage, bool counts, std::string_view behind, size_t& at);

  std::string before_;  // empty: nothing learnt
  std::string behind_;  // the bytes behind the text, without the numbers
  std::vector<Number> numbers_;
  bool thought_ = false;
};

}  // namespace hanse::google_gemini
