// SHA-256 and its HMAC as AWS's signatures need them: no allocation after a thread's first call.
//
//   Digest hash = sha256({"the ", "body"});           // of the pieces, one after the other
//   Digest mac = hmac_sha256(key, {"message"});
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace hanse::cloud {

using Digest = std::array<unsigned char, 32>;
using Pieces = std::span<const std::string_view>;

Digest sha256(Pieces pieces);
Digest hmac_sha256(std::string_view key, Pieces pieces);
inline Digest sha256(std::string_view text) { return sha256(Pieces(&text, 1)); }
inline Digest hmac_sha256(std::string_view key, std::string_view text) {
  return hmac_sha256(key, Pieces(&text, 1));
}

inline std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
void append_hex(const Digest& digest, std::string& out);
std::string hex_of(const Digest& digest);

}  // namespace hanse::cloud
