#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/url.h"
#include "catalog/config.h"

namespace hanse::catalog {
namespace {

std::string chat_target(const Provider& provider) {
  return provider.doors.front().target(provider.url.path, {}, false);
}

// A folder of rows, removed at the end.
class Folder {
 public:
  Folder() : path_(::testing::TempDir() + "/hanse_catalog_test") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void put(const std::string& name, std::string_view text) { std::ofstream(path_ + "/" + name) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Catalog, BuiltInRowsAreGood) {
  auto catalog = Catalog::load();
  ASSERT_TRUE(catalog) << catalog.error().message;
  for (const char* name : {"openai", "anthropic", "openai-compatible", "anthropic-compatible"})
    EXPECT_NE(catalog->find(name), nullptr) << name;
  for (const auto& [name, row] : catalog->rows()) {
    EXPECT_FALSE(row.title.empty()) << name;
    // What has no list must say that the config is to name its models.
    EXPECT_TRUE(!row.models_path.empty() || row.note.find("`models`") != std::string::npos) << name;
    if (row.url.empty()) continue;
    EXPECT_FALSE(row.key_env.empty()) << name;
    auto url = parse_url(*fill(row.url, {{"resource", "r"}, {"region", "eu-north-1"}, {"location", "l"}}));
    ASSERT_TRUE(url) << name;
    EXPECT_TRUE(url->tls || row.key_optional) << name << ": a cloud without TLS";
  }
  EXPECT_EQ(catalog->find("anthropic")->path, "/v1/messages");
  EXPECT_EQ(catalog->find("nobody"), nullptr);
}

TEST(Catalog, AFolderAddsAndReplacesRows) {
  Folder folder;
  folder.put("towncrier.toml", "dialect = \"openai-chat\"\nurl = \"https://api.towncrier.example/v1\"\n");
  folder.put("openai.toml",
             "dialect = \"openai-chat\"\nurl = \"https://proxy.example\"\nauth = \"header:api-key\"");
  folder.put("notes.txt", "no row");
  auto catalog = Catalog::load(folder.path());
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(catalog->find("towncrier")->path, "/chat/completions");
  EXPECT_EQ(catalog->find("openai")->url, "https://proxy.example");
  EXPECT_NE(catalog->find("anthropic"), nullptr);
  auto config = parse_config("[provider.towncrier]", "hanse.toml", *catalog);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(chat_target(config->providers[0]), "/v1/chat/completions");
  EXPECT_EQ(config->warnings.front(), "provider 'towncrier' has no key: name its variable with key_env");
}

TEST(Catalog, WrongRowsAreToldAllAtOnce) {
  Folder folder;
  folder.put("a.toml",
             "dialect = \"openai-chatt\"\nurl = \"api.example\"\nauth = \"header:a b\"\npath = \"chat\"\n"
             "headers = { host = \"x\" }\nbogus = 1\n");
  folder.put("b b.toml", "dialect = \"openai-chat\"");
  folder.put("c.toml", "x =");
  folder.put("d.toml", "");
  auto catalog = Catalog::load(folder.path());
  ASSERT_FALSE(catalog);
  std::string said = catalog.error().message, at = folder.path() + "/";
  for (size_t i = 0; (i = said.find(at, i)) != std::string::npos;) said.erase(i, at.size());
  EXPECT_EQ(said,
            "a.toml: unknown dialect 'openai-chatt' in line 1; did you mean 'openai-chat'?\n"
            "a.toml: unknown key 'bogus' in line 6; known are title, dialect, cloud, url, urls, path, stream_path, "
            "also, api_version, models_path, auth, key_env, token, token_scope, "
            "key_optional, official, prefill, output_tokens_max, headers, note\n"
            "a.toml: 'auth' in line 3: wanted bearer, none, header:NAME, or sigv4:SERVICE\n"
            "a.toml: 'url' in line 2: 'api.example': a URL starts with http:// or https://\n"
            "a.toml: 'path' in line 4: wanted a path such as \"/models\"\n"
            "a.toml: 'headers' in line 5: 'host' is written by Hanse itself\n"
            "b b.toml: a provider's name has letters, digits, '-', '_' and '.' only\n"
            "c.toml: line 1: not valid TOML: Error while parsing key-value pair: encountered end-of-file\n"
            "d.toml: 'dialect' is missing: the language it speaks, such as openai-chat");
  EXPECT_EQ(Catalog::load("/nowhere").error().message, "--catalog /nowhere: No such file or directory");
}

}  // namespace
}  // namespace hanse::catalog
