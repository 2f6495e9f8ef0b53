#include "catalog/snapshot.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace hanse::catalog {
namespace {

std::shared_ptr<const Snapshot> snapshot_of(std::string_view text) {
  static const Catalog rows = *Catalog::load();
  auto config = parse_config(text, "test", rows);
  EXPECT_TRUE(config) << config.error().message;
  return config ? Snapshot::build(*config) : nullptr;
}

// "a/x b/y": who is asked, in order; or the message.
std::string offers(const Snapshot& snapshot, std::string_view model) {
  auto found = snapshot.offers_for(model);
  if (!found) return found.error().message;
  std::string out;
  for (const Offer& offer : *found)
    out += (out.empty() ? "" : " ") + snapshot.providers[offer.provider].name + "/" + offer.model;
  return out;
}

std::string listed(const Snapshot& snapshot) {
  std::string out;
  for (const auto& model : snapshot.model_names())
    out += (out.empty() ? "" : " ") + model.id + ":" + model.owner;
  return out;
}

constexpr std::string_view kTwo = R"(
[provider.a]
kind = "openai-compatible"
url = "http://127.0.0.1:1"
models = ["x", "both"]
[provider.b]
kind = "openai-compatible"
url = "http://127.0.0.1:2"
)";

TEST(Snapshot, ModelTablesNameWhatIsServed) {
  auto snapshot = snapshot_of(std::string(kTwo) + R"(
[model.fast]
offers = ["b/gpt-5-mini", "a/org/smollm2"]
[model."a/x"]
offers = ["b/y"]
)");
  EXPECT_EQ(offers(*snapshot, "fast"), "b/gpt-5-mini a/org/smollm2");
  EXPECT_EQ(offers(*snapshot, "a/anything"), "a/anything");
  EXPECT_EQ(offers(*snapshot, "a/org/deep"), "a/org/deep");
  EXPECT_EQ(offers(*snapshot, "a/x"), "b/y") << "a table's name is what the user has said";
  EXPECT_EQ(listed(*snapshot), "fast:b a/x:b");
  EXPECT_EQ(offers(*snapshot, "x"), "the model 'x' is not served here; near names: a/x, fast");
  EXPECT_EQ(offers(*snapshot, "fasd"), "the model 'fasd' is not served here; near names: fast, a/x");
  EXPECT_EQ(snapshot->offers_for("fasd").error().field, "model");
  EXPECT_EQ(snapshot->offers_for("fasd").error().code, Code::not_found);
  for (const char* odd : {"", "/", "a", "a/", "/x", "c/x"}) EXPECT_FALSE(snapshot->offers_for(odd)) << odd;
}

TEST(Snapshot, WithoutModelTablesEveryModelIsServedUnderItsName) {
  auto snapshot = snapshot_of(kTwo);
  EXPECT_EQ(offers(*snapshot, "new"), "b/new") << "nobody knows what b has";
  EXPECT_FALSE(snapshot->offers_for(""));
  snapshot = snapshot->with_discovered("b", {"both", "y"});
  EXPECT_FALSE(snapshot->offers_for("new"));
  EXPECT_EQ(offers(*snapshot, "both"), "a/both b/both");
  EXPECT_EQ(offers(*snapshot, "y"), "b/y");
  EXPECT_EQ(offers(*snapshot, "b/new"), "b/new");
  EXPECT_EQ(listed(*snapshot), "x:a both:a y:b");
}

TEST(Snapshot, WhatAProviderSaysReplacesWhatItSaidBefore) {
  auto first = snapshot_of(kTwo);
  EXPECT_TRUE(first->providers[1].wants_discovery());
  auto second = first->with_discovered("b", {"old"});
  EXPECT_FALSE(second->providers[1].wants_discovery());
  auto third = second->with_discovered("b", {"new"});
  EXPECT_EQ(listed(*third), "x:a both:a new:b");
  EXPECT_EQ(listed(*second), "x:a both:a old:b") << "the old one is as it was";
  EXPECT_EQ(listed(*third->with_discovered("a", {"z"})), listed(*third)) << "the config names a's models";
  EXPECT_EQ(listed(*third->with_discovered("nobody", {"z"})), listed(*third));
}

TEST(Snapshot, ANameWithASlashMeansThatProviderWhereItHasTheModel) {
  auto snapshot = snapshot_of(R"(
[provider.reseller]
kind = "openai-compatible"
url = "http://127.0.0.1:1"
models = ["a/x", "a/rare", "c/y"]
[provider.a]
kind = "openai-compatible"
url = "http://127.0.0.1:2"
models = ["x"]
)");
  EXPECT_EQ(offers(*snapshot, "a/x"), "a/x");
  EXPECT_EQ(offers(*snapshot, "a/rare"), "reseller/a/rare") << "a doesn't have it";
  EXPECT_EQ(offers(*snapshot, "c/y"), "reseller/c/y");
  EXPECT_EQ(offers(*snapshot, "reseller/a/x"), "reseller/a/x");
  EXPECT_EQ(listed(*snapshot), "a/x:a a/rare:reseller c/y:reseller x:a");
}

TEST(Snapshot, NearNamesAreFewAndTheAskedOneIsCut) {
  std::string text = "[provider.a]\nkind = \"openai-compatible\"\nurl = \"http://x\"\nmodels = [";
  for (int i = 0; i < 50; ++i) text += "\"model-" + std::to_string(i) + "\", ";
  auto snapshot = snapshot_of(text + "]");
  EXPECT_EQ(
      offers(*snapshot, "mode-7"),
      "the model 'mode-7' is not served here; near names: model-7, model-0, model-1, model-17, model-2, "
      "... (GET /v1/models lists all)");
  EXPECT_LT(offers(*snapshot, std::string(100'000, 'x')).size(), 400u);
}

TEST(Snapshot, KnowsClientsByTheirKeys) {
  ::setenv("TEST_CLIENT_KEY", "right", 1);
  auto snapshot = snapshot_of("[client.a]\nkey_env = \"TEST_CLIENT_KEY\"\nmodels = [\"m\"]");
  ASSERT_NE(snapshot->find_client("right"), nullptr);
  EXPECT_EQ(snapshot->find_client("right")->name, "a");
  for (const char* wrong : {"", "wrong", "righ", "right "}) EXPECT_EQ(snapshot->find_client(wrong), nullptr);
}

TEST(Snapshot, DigestsAreSha256) {
  std::string digest = sha256("abc");
  constexpr unsigned char kStart[] = {0xba, 0x78, 0x16, 0xbf};
  ASSERT_EQ(digest.size(), 32u);
  EXPECT_EQ(digest.substr(0, 4), std::string(reinterpret_cast<const char*>(kStart), 4));
}

constexpr std::string_view kClouds = R"(
[provider.openai]
models = ["gpt-4o-2024-11-20", "gpt-4o-2024-08-06", "gpt-5"]
[provider.azure]
kind = "azure-openai"
resource = "r"
models = ["gpt-4o"]
[provider.local]
kind = "openai-compatible"
url = "http://127.0.0.1:2"
models = ["gpt-4o"]
)";

TEST(Snapshot, TheSameModelUnderOtherNamesIsAskedByItsMakersName) {
  auto snapshot = snapshot_of(kClouds);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(offers(*snapshot, "gpt-4o"), "openai/gpt-4o-2024-11-20 azure/gpt-4o local/gpt-4o");
  EXPECT_EQ(offers(*snapshot, "gpt-4o-2024-08-06"), "openai/gpt-4o-2024-08-06");
  EXPECT_EQ(listed(*snapshot), "gpt-4o-2024-11-20:openai gpt-4o-2024-08-06:openai gpt-5:openai gpt-4o:azure");
}

TEST(Snapshot, OffersKnowTheirModelAndItsTerms) {
  auto snapshot = snapshot_of(kClouds);
  ASSERT_TRUE(snapshot);
  auto found = snapshot->offers_for("openai/gpt-5");
  ASSERT_TRUE(found);
  ASSERT_TRUE(found->front().known);
  EXPECT_EQ(found->front().known->name, "gpt-5");
  EXPECT_EQ(found->front().terms->input, 1'250'000) << "millionths of a dollar for a million tokens";
  auto local = snapshot->offers_for("local/gpt-4o");
  ASSERT_TRUE(local);
  EXPECT_FALSE(local->front().known) << "a compatible server may call anything so";
}

}  // namespace
}  // namespace hanse::catalog
