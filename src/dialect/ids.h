// Ids of tool calls that a target accepts: legal ones stay as they are, others are cleaned and get a hash of
// the whole, so that a call and its result are renamed alike without a table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hanse {

struct IdRule {
  size_t size_max;
  std::string_view more;  // characters allowed beside letters, digits, '_' and '-'
};

inline bool is_legal(char c, IdRule rule) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         rule.more.find(c) != std::string_view::npos;
}

inline bool is_legal(std::string_view id, IdRule rule) {
  if (id.empty() || id.size() > rule.size_max) return false;
  for (char c : id)
    if (!is_legal(c, rule)) return false;
  return true;
}

inline std::string legal_id(std::string_view id, IdRule rule) {
  if (is_legal(id, rule)) return std::string(id);
  uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a: stable across runs and machines
  for (char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  std::string out;
  for (char c : id.substr(0, rule.size_max - 17)) out += is_legal(c, rule) ? c : '_';
  out += '-';
  for (int i = 0; i < 16; ++i) out += "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
  return out;
}

}  // namespace hanse
