#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace hanse {
namespace {

TEST(Bytes, FindsNeedlesAtEveryPlace) {
  for (std::string_view needle : {"ab", "\n\n", "\"usage\":{", "0123456789abcdef"})
    for (size_t at = 0; at < 70; ++at)
      for (size_t behind : {size_t{0}, size_t{1}, size_t{40}}) {
        std::string hay = std::string(at, '.') + std::string(needle) + std::string(behind, '.');
        EXPECT_EQ(find_bytes(hay, needle), at) << needle;
        EXPECT_EQ(find_bytes(hay, needle, at + 1), kNotFound) << needle;
      }
}

TEST(Bytes, ANeedleWhoseEndsMatchIsNotFoundByItsEndsAlone) {
  std::string hay(50, 'a');
  EXPECT_EQ(find_bytes(hay, "aba"), kNotFound);
  hay[37] = 'b';
  EXPECT_EQ(find_bytes(hay, "aba"), 36u);
}

TEST(Bytes, FindsAByteAtEveryPlace) {
  for (size_t at = 0; at < 50; ++at) {
    std::string hay(50, '.');
    hay[at] = 'x';
    EXPECT_EQ(find_byte(hay, 'x', 0), at);
    EXPECT_EQ(find_byte(hay, 'x', at + 1), kNotFound);
  }
}

TEST(Bytes, ComparesAndGuesses) {
  EXPECT_TRUE(equal_ignoring_case("Content-Length", "content-lengtH"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secre"));
  std::array<std::string_view, 3> known{"offers", "url", "kind"};
  EXPECT_EQ(nearest("ofers", known), "offers");
  EXPECT_EQ(nearest("completely-else", known), "");
}

}  // namespace
}  // namespace hanse
