#include "catalog/credential.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/config.h"
#include "catalog/pem.h"
#include "catalog/rsa_testing.h"

namespace hanse::catalog {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string account(std::string_view more = "") {
  return fmt::format(
      R"({{"type":"service_account","client_email":"a@b","private_key_id":"k","project_id":"p","private_key":"{}"{}}})",
      TestKey::get().pem(), more);
}

TEST(Credential, AServiceAccountIsRead) {
  auto read = read_google_file(account());
  ASSERT_TRUE(read) << read.error().message;
  const auto& of = std::get<GoogleServiceAccount>(read->of);
  EXPECT_EQ(of.email, "a@b");
  EXPECT_EQ(of.token_uri.text, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(of.private_key.reveal(), TestKey::get().der());
  EXPECT_EQ(read->project(), "p");
}

TEST(Credential, AFederatedWorkloadIsRead) {
  auto read = read_google_file(
      R"({"type":"external_account","audience":"//a","subject_token_type":"urn:jwt","credential_source":{"file":"/t"},
          "service_account_impersonation_url":"https://iamcredentials.googleapis.com/x:generateAccessToken",
          "service_account_impersonation":{"token_lifetime_seconds":600}})");
  ASSERT_TRUE(read) << read.error().message;
  const auto& of = std::get<GoogleExternal>(read->of);
  EXPECT_EQ(of.token_url.text, "https://sts.googleapis.com/v1/token");
  EXPECT_EQ(of.impersonation_url.path, "/x:generateAccessToken");
  EXPECT_EQ(of.impersonation_life, "600s");
  EXPECT_EQ(of.subject_field, "");
}

TEST(Credential, WhatAFileLacksIsNamedAndNothingIsShown) {
  auto said = [](std::string_view text) {
    auto read = read_google_file(text);
    EXPECT_FALSE(read);
    return read ? "" : read.error().message;
  };
  EXPECT_EQ(said("[1]"), "it is not a JSON object");
  EXPECT_EQ(said("{"), "it is not a JSON object");
  EXPECT_THAT(said("{}"), HasSubstr("its 'type' is missing"));
  EXPECT_THAT(said(R"({"type":"secret-x"})"), Not(HasSubstr("secret-x")));
  EXPECT_EQ(said(R"({"type":"service_account","client_email":"a"})"), "'private_key' is missing");
  EXPECT_EQ(said(R"({"type":"service_account","client_email":"a","private_key":"k3y"})"),
            "it holds no PEM PRIVATE KEY");
  EXPECT_EQ(said(R"({"type":"authorized_user","client_id":"c","client_secret":"s"})"),
            "'refresh_token' is missing");
  EXPECT_THAT(said(account(R"(,"token_uri":"http://example.com/t")")), HasSubstr("'token_uri' has no TLS"));
  EXPECT_THAT(said(account(R"(,"token_uri":"ftp://x")")), HasSubstr("'token_uri': "));
  EXPECT_THAT(said(R"({"type":"external_account","audience":"a","subject_token_type":"t",
                       "credential_source":{"executable":{"command":"rm"}}})"),
              HasSubstr("names no 'file'"));
}

TEST(Pem, BlocksAndKeys) {
  const std::string pem = TestKey::get().pem("\r\n");
  EXPECT_EQ(pem_block("x\n" + pem, "PRIVATE KEY")->reveal(), TestKey::get().der());
  EXPECT_FALSE(pem_block(pem, "CERTIFICATE"));
  EXPECT_EQ(pem_block(pem + "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n", "CERTIFICATE")
                ->reveal(),
            std::string_view("\0\1\2", 3));
  for (std::string_view bad :
       {"", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n*\n-----END "})
    EXPECT_FALSE(pem_block(bad, "PRIVATE KEY")) << bad;
  EXPECT_FALSE(private_key_of("-----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n"));
  EXPECT_TRUE(private_key_of(pem));
}

// Nothing that a config or a file says may leave its place in an address.
TEST(Credential, SettingsThatWouldLeaveTheirPlaceAreRefused) {
  const Catalog rows = *Catalog::load();
  for (std::string_view bad : {"p/../q", "p?x", "..", "p\\r\\nx: y", "p q"}) {
    auto read =
        parse_config(fmt::format("[provider.vertex]\nlocation = \"l\"\nproject = \"{}\"\n", bad), "t", rows);
    ASSERT_FALSE(read) << bad;
    EXPECT_THAT(read.error().message, HasSubstr("'project' in [provider.vertex], line 3: wanted letters"));
  }
}

TEST(Credential, LocationsHaveTheirOwnHosts) {
  const Catalog rows = *Catalog::load();
  for (auto [location, host] : {std::pair("europe-west4", "europe-west4-aiplatform.googleapis.com"),
                                std::pair("global", "aiplatform.googleapis.com"),
                                std::pair("eu", "aiplatform.eu.rep.googleapis.com")}) {
    auto read = parse_config(fmt::format("[provider.vertex]\nlocation = \"{}\"\nproject = \"p\"\n", location),
                             "t", rows);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->providers[0].url.host, host);
    EXPECT_EQ(
        read->providers[0].doors[0].target("", "m", true),
        fmt::format("/v1/projects/p/locations/{}/publishers/google/models/m:streamGenerateContent?alt=sse",
                    location));
  }
}

}  // namespace
}  // namespace hanse::catalog
