#include "policy/identity.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace hanse::policy {
namespace {

std::shared_ptr<const catalog::Snapshot> snapshot_of(std::string_view text) {
  static const catalog::Catalog rows = *catalog::Catalog::load();
  auto config = catalog::parse_config(text, "test", rows);
  EXPECT_TRUE(config) << config.error().message;
  return catalog::Snapshot::build(*config);
}

std::shared_ptr<const catalog::Snapshot> two_clients() {
  ::setenv("TEST_ALICE", "alice-key", 1);
  ::setenv("TEST_BOB", "b&b=%", 1);
  return snapshot_of(R"(
[client.alice]
key_env = "TEST_ALICE"
[client.bob]
key_env = "TEST_BOB"
models = ["fast"]
)");
}

// The client's name, or the message.
std::string who(const PresentedKeys& keys) {
  static const auto snapshot = two_clients();
  static KnownKeys known;
  auto client = identify(keys, *snapshot, known);
  if (!client) EXPECT_EQ(client.error().http_status(), 401);
  return client ? (*client)->name : client.error().message;
}

TEST(Identity, WithoutClientsEverybodyMayAsk) {
  auto open = snapshot_of("");
  KnownKeys known;
  auto nobody = identify({}, *open, known);
  ASSERT_TRUE(nobody);
  EXPECT_EQ(*nobody, nullptr);
  EXPECT_EQ(*identify({.x_api_key = "whatever"}, *open, known), nullptr);
}

TEST(Identity, EachVendorsPlaceIsGood) {
  EXPECT_EQ(who({.authorization = "Bearer alice-key"}), "alice");
  EXPECT_EQ(who({.authorization = "bEARER   alice-key"}), "alice");
  EXPECT_EQ(who({.x_api_key = "alice-key"}), "alice");
  EXPECT_EQ(who({.api_key = "alice-key"}), "alice");
  EXPECT_EQ(who({.x_goog_api_key = "alice-key"}), "alice");
  EXPECT_EQ(who({.query = "alt=sse&key=alice-key"}), "alice");
  EXPECT_EQ(who({.query = "key=b%26b%3D%25"}), "bob");
}

TEST(Identity, OnePlaceThatIsRightIsEnough) {
  EXPECT_EQ(who({.authorization = "Bearer of-the-sdk", .x_api_key = "alice-key"}), "alice");
  EXPECT_EQ(who({.authorization = "Bearer alice-key", .query = "key=b%26b%3D%25"}), "alice");
}

TEST(Identity, AKeyThatWasFoundOnceIsFoundAgainAndNoOther) {
  const auto snapshot = two_clients();
  KnownKeys known;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(known.find("alice-key", *snapshot)->name, "alice");
    EXPECT_EQ(known.find("b&b=%", *snapshot)->name, "bob");
    for (int n = 0; n < 300; ++n)  // some in the same place
      EXPECT_EQ(known.find("alice-ke" + std::to_string(n), *snapshot), nullptr);
    EXPECT_EQ(known.find("", *snapshot), nullptr);
  }
}

TEST(Identity, WhatIsNoKeyIsSaidSo) {
  constexpr std::string_view kUnknown = "the key is not known here";
  for (std::string_view wrong : {"alice-ke", "alice-key ", "alice-keyy", "ALICE-KEY", "alice"})
    EXPECT_EQ(who({.x_api_key = wrong}), kUnknown) << wrong;
  EXPECT_EQ(who({.query = "key=alice-key%"}), who({})) << "an escape that is none is no key";
  constexpr std::string_view kNone =
      "no key: send it as 'Authorization: Bearer KEY', or in x-api-key, api-key or x-goog-api-key";
  EXPECT_EQ(who({}), kNone);
  for (std::string_view no_key : {"Bearer", "Bearer ", "Bearer    ", "Basic YWxpY2U6YQ==", "alice-key"})
    EXPECT_EQ(who({.authorization = no_key}), kNone) << no_key;
  for (std::string_view no_key : {"key=", "key", "monkey=alice-key", "&&", "KEY=alice-key"})
    EXPECT_EQ(who({.query = no_key}), kNone) << no_key;
}

TEST(Identity, AKeyMayBeForSomeModelsOnly) {
  auto snapshot = two_clients();
  const auto* alice = snapshot->find_client("alice-key");
  const auto* bob = snapshot->find_client("b&b=%");
  EXPECT_TRUE(may_use(nullptr, "any"));
  EXPECT_TRUE(may_use(alice, "any"));
  EXPECT_TRUE(may_use(bob, "fast"));
  auto refused = may_use(bob, "slow");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().field, "model");
  EXPECT_EQ(refused.error().message, "the key 'bob' may not use the model 'slow'");
}

}  // namespace
}  // namespace hanse::policy
