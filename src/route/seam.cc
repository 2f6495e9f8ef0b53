#include "route/seam.h"

#include <algorithm>

namespace hanse::route {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

// The longest end of `told` that `text` begins with, if it is no accident.
size_t overlap(std::string_view told, std::string_view text) {
  for (size_t size = std::min({told.size(), text.size(), Seam::kHeldMax}); size >= Seam::kRepeats; --size)
    if (told.ends_with(text.substr(0, size))) return size;
  return 0;
}

}  // namespace

std::string_view Seam::last_word(std::string_view text) {
  constexpr size_t kWordMax = 80;
  const size_t end = text.find_last_not_of(kBlank);
  if (end == std::string_view::npos) return {};
  const size_t blank = text.find_last_of(kBlank, end);
  const std::string_view word = blank == std::string_view::npos ? text : text.substr(blank + 1);
  return word.size() > kWordMax ? std::string_view() : word;
}

Result<std::string> Seam::feed(std::string_view text) {
  if (decided_) return std::string(text);
  held_ += text;
  return decide(false);
}

Result<std::string> Seam::finish() {
  if (decided_) return std::string();
  return decide(true);
}

Result<std::string> Seam::decide(bool ended) {
  const size_t common = common_prefix(told_, held_);
  if (common == told_.size()) {
    decided_ = true;
    return held_.substr(common);
  }
  const bool diverged = common < held_.size();
  if (asked_ == Asked::again && (diverged || ended))
    return fail(Code::malformed_reply, "another model tells it otherwise from the beginning");
  if (common >= kBeginsAgain && (diverged || ended))
    return fail(Code::malformed_reply, "another model begins again with other words");
  const bool enough = held_.size() >= kHeldMax || (diverged && held_.size() >= kRepeats * 4);
  const bool may_repeat = told_.find(held_) != std::string::npos;  // perhaps more of it comes
  if (!ended && (!diverged || !enough || (may_repeat && held_.size() < kHeldMax))) return std::string();
  decided_ = true;
  return join();
}

// It goes on from the end.
std::string Seam::join() {
  std::string_view text = held_;
  if (size_t repeated = overlap(told_, text)) return std::string(text.substr(repeated));
  const size_t solid = std::min(told_.find_last_not_of(kBlank) + 1, told_.size());
  const size_t first = std::min(text.find_first_not_of(kBlank), text.size());
  // White space stood at the end already.
  if (solid < told_.size()) {
    if (asked_ == Asked::by_word) {
      std::string_view word = last_word(told_);
      word = word.substr(0, word.find_last_not_of(kBlank) + 1);
      if (!word.empty() && text.substr(first).starts_with(word)) {
        text.remove_prefix(first + word.size());
        return std::string(text.substr(std::min(text.find_first_not_of(kBlank), text.size())));
      }
    }
    return std::string(text.substr(first));
  }
  if (asked_ != Asked::by_word) return std::string(text);
  const std::string_view word = last_word(told_);
  if (!word.empty() && text.substr(first).starts_with(word))
    return std::string(text.substr(first + word.size()));
  // It didn't repeat the word, and chat models begin without white space: a new word stands apart.
  const bool apart = first == 0 && !text.empty() && is_word(text[0]) && !told_.empty();
  return (apart ? " " : "") + std::string(text);
}

}  // namespace hanse::route
