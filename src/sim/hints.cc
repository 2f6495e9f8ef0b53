#include "sim/instance.h"

namespace hanse::sim {
namespace {

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// The value that begins at `at`: up to the closing quote, the matching bracket, or the next white space.
std::string read_value(std::string_view text, size_t at) {
  char first = text[at];
  if (first == '"' || first == '\'') {
    size_t close = text.find(first, at + 1);
    if (close != std::string_view::npos) return std::string(text.substr(at + 1, close - at - 1));
  }
  if (first == '[' || first == '{') {
    size_t close = text.find(first == '[' ? ']' : '}', at);
    if (close != std::string_view::npos) return std::string(text.substr(at, close - at + 1));
  }
  std::string_view value = text.substr(at, text.find_first_of(" \t\r\n", at) - at);
  while (!value.empty() && std::string_view(",;.:!?)").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  return std::string(value);
}

}  // namespace

Hints read_hints(std::string_view text) {
  Hints hints;
  for (size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    size_t begin = at;
    while (begin > 0 && name_char(text[begin - 1])) --begin;
    if (begin == at || at + 1 >= text.size() ||
        std::string_view(" \t\r\n=").find(text[at + 1]) != std::string_view::npos)
      continue;
    hints.emplace_back(std::string(text.substr(begin, at - begin)), read_value(text, at + 1));
  }
  return hints;
}

}  // namespace hanse::sim
