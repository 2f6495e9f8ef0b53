#include "base/crc32.h"

#include <array>

namespace hanse {
namespace {

constexpr size_t kStep = 16;
using Table = std::array<uint32_t, 256>;

// tables[k][b]: what the byte b does to the sum when k more bytes follow it.
constexpr std::array<Table, kStep> make_tables() {
  std::array<Table, kStep> out{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0u);
    out[0][byte] = sum;
  }
  for (size_t k = 1; k < kStep; ++k)
    for (size_t byte = 0; byte < 256; ++byte)
      out[k][byte] = out[k - 1][byte] >> 8 ^ out[0][out[k - 1][byte] & 0xFF];
  return out;
}
constexpr std::array<Table, kStep> kTables = make_tables();

// Four bytes, the least first; one load where the machine has them in this order.
uint32_t word(const char* at) {
  auto byte = [&](int i) { return uint32_t{static_cast<unsigned char>(at[i])}; };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

uint32_t four(uint32_t bytes, size_t behind) {
  return kTables[behind + 3][bytes & 0xFF] ^ kTables[behind + 2][bytes >> 8 & 0xFF] ^
         kTables[behind + 1][bytes >> 16 & 0xFF] ^ kTables[behind][bytes >> 24];
}

}  // namespace

uint32_t crc32(std::string_view bytes, uint32_t before) {
  uint32_t sum = ~before;
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  for (; end - at >= static_cast<std::ptrdiff_t>(kStep); at += kStep)
    sum = four(word(at) ^ sum, 12) ^ four(word(at + 4), 8) ^ four(word(at + 8), 4) ^ four(word(at + 12), 0);
  for (; at != end; ++at) sum = kTables[0][(sum ^ static_cast<unsigned char>(*at)) & 0xFF] ^ sum >> 8;
  return ~sum;
}

}  // namespace hanse
