#include "sim/tokens.h"

namespace hanse::sim {
namespace {

constexpr size_t kWordBytes = 8;

bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

size_t next_token(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && blank(text[at]) && at < kWordBytes) ++at;
  size_t word_end = at + kWordBytes;
  while (at < text.size() && !blank(text[at]) && at < word_end) {
    ++at;
    while (at < text.size() && inside_character(text[at])) ++at;
  }
  return at;
}

int64_t count_tokens(std::string_view text) {
  int64_t count = 0;
  while (size_t size = next_token(text)) {
    text.remove_prefix(size);
    ++count;
  }
  return count;
}

}  // namespace hanse::sim
