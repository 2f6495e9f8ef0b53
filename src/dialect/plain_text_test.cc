#include "dialect/plain_text.h"

#include <gtest/gtest.h>

#include <string>

namespace hanse {
namespace {

TEST(PlainText, StopsBeforeEveryByteThatIsNotPlain) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool plain = byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
    for (size_t size : {8u, 16u, 31u})
      for (size_t place = 0; place < size; ++place) {
        std::string text(size, 'a');
        text[place] = c;
        size_t end = skip_plain(text, 0);
        if (plain)
          EXPECT_EQ(end, size / 8 * 8) << byte << " at " << place;
        else
          EXPECT_EQ(end, std::min(place, size) / 8 * 8) << byte << " at " << place;
      }
  }
  EXPECT_EQ(skip_plain("", 0), 0u);
  EXPECT_EQ(skip_plain("aaaaaaaaaa", 2), 10u);
  EXPECT_EQ(skip_plain("aaaaaaaaaa", 5), 5u);
}

}  // namespace
}  // namespace hanse
