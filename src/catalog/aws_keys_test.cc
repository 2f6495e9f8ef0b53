#include "catalog/aws_keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "catalog/config.h"

namespace hanse::catalog {
namespace {

constexpr std::string_view kCredentials =
    "# comment\r\n[default]\r\naws_access_key_id = AKIDDEFAULT\r\naws_secret_access_key=s1\r\n\n"
    "[ work ]\naws_access_key_id=AKIDWORK\naws_secret_access_key = a/b+c=\naws_session_token = t==\n"
    "s3 =\n  aws_access_key_id = NESTED\n[half]\naws_access_key_id = AKIDHALF\n";

Result<AwsKeys> keys_in(std::string_view text, std::string_view profile, bool config) {
  return keys_of_profile(read_aws_profile(text, profile, config), fmt::format("the profile '{}'", profile));
}

TEST(AwsKeys, AProfileIsRead) {
  auto keys = keys_in(kCredentials, "default", false);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->access_key_id, "AKIDDEFAULT");
  EXPECT_EQ(keys->secret.reveal(), "s1");
  keys = keys_in(kCredentials, "work", false);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->access_key_id, "AKIDWORK");
  EXPECT_EQ(keys->secret.reveal(), "a/b+c=");
  EXPECT_EQ(keys->session_token.reveal(), "t==");
}

TEST(AwsKeys, TheConfigFileMarksItsProfiles) {
  constexpr std::string_view kText =
      "[work]\naws_access_key_id = A\naws_secret_access_key = wrong\n[profile work]\naws_access_key_id = B\n"
      "aws_secret_access_key = right\n[default]\naws_access_key_id = C\naws_secret_access_key = default\n";
  EXPECT_EQ(keys_in(kText, "work", true)->access_key_id, "B");
  EXPECT_EQ(keys_in(kText, "default", true)->access_key_id, "C");
  EXPECT_FALSE(keys_in(kText, "other", true)->present());
}

TEST(AwsKeys, HalfACredentialAndOneThatEndsAHeaderAreRefusedWithoutBeingShown) {
  auto half = keys_in(kCredentials, "half", false);
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().message,
            "the profile 'half' has one of access key id and secret access key, and not the other");
  auto blank = keys_in("[default]\naws_access_key_id=A B\naws_secret_access_key=hush\n", "default", false);
  ASSERT_FALSE(blank);
  EXPECT_EQ(blank.error().message.find("hush"), std::string::npos);
}

TEST(AwsKeys, AScopeWordEndsNoHeaderAndNoHost) {
  EXPECT_TRUE(is_scope_word("eu-central-1"));
  for (const char* bad : {"", "a b", "a\r\nb", "a/b", "a.example", "a@b", "a#"})
    EXPECT_FALSE(is_scope_word(bad)) << bad;
}

TEST(AwsKeys, ARegionThatWouldLeaveItsPlaceIsRefused) {
  auto rows = Catalog::load();
  ASSERT_TRUE(rows);
  auto config = parse_config("[provider.bedrock]\nregion = \"x.evil.example/\"\n", "hanse.toml", *rows);
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find(
                "'region' in [provider.bedrock], line 2: wanted letters, digits and '-' only"),
            std::string::npos)
      << config.error().message;
}

}  // namespace
}  // namespace hanse::catalog
