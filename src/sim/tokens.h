// How the simulated model counts: a token is the white space before a word and up to eight bytes of the word,
// never cutting a character. Also the hash that makes answers depend on nothing but the prompt and the seed.
//
//   while (size_t size = next_token(text)) { use(text.substr(0, size)); text.remove_prefix(size); }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hanse::sim {

// Size of the first token of `text`; 0 when there is none.
size_t next_token(std::string_view text);
int64_t count_tokens(std::string_view text);

// FNV-1a, continued from `from`; mixed() spreads it over all bits.
inline constexpr uint64_t kHashStart = 0xcbf29ce484222325u;
inline uint64_t hash_bytes(std::string_view bytes, uint64_t from = kHashStart) {
  for (unsigned char c : bytes) from = (from ^ c) * 0x100000001b3u;
  return from;
}
inline uint64_t mixed(uint64_t h) {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}

}  // namespace hanse::sim
