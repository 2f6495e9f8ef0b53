#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "catalog/config.h"

namespace hanse::catalog {
namespace {

TEST(Reference, CheckSaysWhatWouldBeServedAndNoKey) {
  ::setenv("TEST_OPENAI_KEY", "sk-secret", 1);
  ::unsetenv("ANTHROPIC_API_KEY");
  constexpr std::string_view kText = R"(
[server]
listen = ["127.0.0.1:8080", "[::1]:8080"]
[provider.openai]
key_env = "TEST_OPENAI_KEY"
[provider.anthropic]
[provider.local]
kind = "openai-compatible"
url = "http://127.0.0.1:8000/v1"
models = ["a", "b"]
[model.fast]
offers = ["openai/gpt-5-mini", "local/a"]
[model."gpt-4.1"]
offers = ["openai/gpt-4.1"]
[client.me]
key_env = "TEST_OPENAI_KEY"
[client.other]
key_sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
models = ["fast"]
)";
  auto config = parse_config(kText, "hanse.toml", *Catalog::load());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(describe_config(*config), R"(hanse.toml: good

listens on
  http://127.0.0.1:8080
  http://[::1]:8080

providers
  openai     openai-chat, openai-responses  https://api.openai.com/v1  key from TEST_OPENAI_KEY
  anthropic  anthropic-messages             https://api.anthropic.com  KEY MISSING (ANTHROPIC_API_KEY is not set)
  local      openai-chat                    http://127.0.0.1:8000/v1   no key                                      a, b

models
  fast     openai/gpt-5-mini (0.25 / 2), then local/a
  gpt-4.1  openai/gpt-4.1 (2 / 8)
  and any model of a provider as provider/model; prices are dollars for a million tokens, input / output

clients
  me     may ask for all models
  other  may ask for fast

warning: provider 'anthropic' has no key: the environment variable ANTHROPIC_API_KEY is not set
)");
}

TEST(Reference, HelpNamesEveryTableWithItsDefaults) {
  std::string help = config_help();
  for (const char* line : {"[server]", "listen = [\"127.0.0.1:8080\"]", "[provider.NAME]", "[limits]",
                           "body_bytes = \"64MiB\"", "first_byte = \"5m\"", "access = \"stderr\""})
    EXPECT_NE(help.find(line), std::string::npos) << line;
}

TEST(Reference, TheSchemaIsJsonAndItsDefaultsAreWithinTheirBounds) {
  json::Document document;
  std::string text = config_json_schema();
  auto root = document.parse(text, 64);
  ASSERT_TRUE(root) << root.error().message;
  auto limits = (*root)["properties"]["limits"]["properties"];
  EXPECT_EQ(limits["body_bytes"]["default"].string(), "64MiB");
  EXPECT_EQ(limits["connections"]["default"].integer(), 20'000);
  EXPECT_EQ((*root)["properties"]["server"]["properties"]["listen"]["default"].size(), 1u);
  std::string all = "[limits]\n";
  for (auto option : limits)
    all += json::unescape(option.key()) + " = " + std::string(option["default"].raw().json) + "\n";
  EXPECT_TRUE(parse_config(all, "defaults.toml", *Catalog::load())) << all;
}

// The pages in docs/reference are these texts; HANSE_GOLDEN=write writes them.
TEST(Reference, PagesAreUpToDate) {
  std::pair<const char*, std::string> pages[] = {{"config.md", config_reference_markdown()},
                                                 {"config.schema.json", config_json_schema()},
                                                 {"providers.md", providers_reference_markdown()}};
  for (const auto& [name, text] : pages) {
    std::string path = fmt::format("{}/docs/reference/{}", HANSE_SOURCE_DIR, name);
    const char* golden = std::getenv("HANSE_GOLDEN");
    if (golden && std::string_view(golden) == "write") std::ofstream(path) << text;
    std::ifstream stream(path);
    std::stringstream now;
    now << stream.rdbuf();
    EXPECT_EQ(now.str(), text) << name << " is stale: run ./dev docs";
  }
}

}  // namespace
}  // namespace hanse::catalog
