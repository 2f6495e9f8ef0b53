#include "base/crc32.h"

#include <gtest/gtest.h>

#include <string>

namespace hanse {
namespace {

// The definition, a bit at a time.
uint32_t slow(std::string_view bytes) {
  uint32_t sum = 0xFFFFFFFFu;
  for (unsigned char c : bytes) {
    sum ^= c;
    for (int bit = 0; bit < 8; ++bit) sum = sum & 1 ? sum >> 1 ^ 0xEDB88320u : sum >> 1;
  }
  return ~sum;
}

TEST(Crc32, OfTheCheckString) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);  // of every catalogue of CRCs
  EXPECT_EQ(crc32(""), 0u);
}

TEST(Crc32, OfEveryLengthAndCut) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += static_cast<char>(i * 37 + 11);
  for (size_t size = 0; size <= bytes.size(); ++size) {
    const std::string_view part(bytes.data() + 1, size ? size - 1 : 0);  // not aligned either
    EXPECT_EQ(crc32(part), slow(part)) << size;
    EXPECT_EQ(crc32(part.substr(part.size() / 3), crc32(part.substr(0, part.size() / 3))), slow(part));
  }
}

}  // namespace
}  // namespace hanse
