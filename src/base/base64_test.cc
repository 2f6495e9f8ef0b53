#include "base/base64.h"

#include <gtest/gtest.h>

namespace hanse {
namespace {

std::string to(std::string_view bytes) {
  std::string out = ">";
  append_base64(bytes, out);
  return out;
}

TEST(Base64, OfTheStandard) {  // RFC 4648 section 10
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xFE", "+//+"}};
  for (auto [bytes, text] : rows) {
    EXPECT_EQ(to(bytes), ">" + std::string(text));
    std::string back = "<";
    EXPECT_TRUE(append_from_base64(text, back)) << text;
    EXPECT_EQ(back, "<" + std::string(bytes));
    EXPECT_TRUE(is_base64(text));
  }
}

TEST(Base64, ThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    bytes += static_cast<char>(i * 89 + 7);
    std::string text, back;
    append_base64(bytes, text);
    ASSERT_TRUE(append_from_base64(text, back));
    ASSERT_EQ(back, bytes);
    ASSERT_TRUE(append_from_base64(text.substr(0, text.find('=')), back)) << "without padding";
    ASSERT_EQ(back, bytes + bytes);
  }
}

TEST(Base64, ThatIsNone) {
  for (std::string_view text : {"Z", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm9vY", "Zh==", "Zm9=", "Zm 8", "Zm8\n",
                                "Zm-v", "Zm_v", "Z\xC3\xA9v", "Zg==Zg=="}) {
    std::string out = "kept";
    EXPECT_FALSE(append_from_base64(text, out)) << text;
    EXPECT_EQ(out, "kept") << text;
    EXPECT_FALSE(is_base64(text)) << text;
  }
}

}  // namespace
}  // namespace hanse
