#include "catalog/model_row.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "canon/needs.h"
#include "catalog/catalog.h"

namespace hanse::catalog {
namespace {

// A folder whose models/ holds one file, removed at the end.
class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_ + "/models"); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Result<ModelRows> with(std::string_view text) const {
    std::ofstream(path_ + "/models/mine.toml") << text;
    return ModelRows::load(path_);
  }

 private:
  std::string path_ = ::testing::TempDir() + "/hanse_model_row_test";
};

TEST(ModelRows, BuiltInRowsAreGoodAndNameKindsThatThereAre) {
  auto catalog = Catalog::load();
  ASSERT_TRUE(catalog) << catalog.error().message;
  const auto& rows = catalog->models()->rows();
  EXPECT_GT(rows.size(), 40u);
  for (const auto& [name, row] : rows) {
    EXPECT_FALSE(row.title.empty()) << name;
    EXPECT_FALSE(row.maker.empty()) << name;
    EXPECT_FALSE(row.abilities.empty()) << name;
    for (const ModelAt& at : row.at) {
      EXPECT_TRUE(at.input) << name << " at " << at.name;
      EXPECT_FALSE(row.prices_from.empty()) << name;
      for (const std::string& kind : at.kinds) EXPECT_TRUE(catalog->find(kind)) << name << " at " << kind;
    }
  }
}

TEST(ModelRows, NoNameMeansTwoModelsAtOneKind) {
  auto models = ModelRows::load();
  ASSERT_TRUE(models);
  for (const auto& [name, row] : models->rows())
    for (const ModelAt& at : row.at)
      for (const std::string& kind : at.kinds)
        for (const std::string& sold : at.names) EXPECT_EQ(models->find(kind, sold).row, &row) << sold;
}

TEST(ModelRows, AModelIsFoundByEachNameAndSentByTheCloudsOwn) {
  Folder folder;
  auto models = folder.with(R"(
title = "Mine"
maker = "Me"
abilities = ["tools"]
[at.one]
names = ["mine-2026", "mine-latest"]
input = 2.5
output = 0.000001
[at.two]
kinds = ["two", "three"]
names = ["me.mine-v1:0"]
)");
  ASSERT_TRUE(models) << models.error().message;
  EXPECT_EQ(models->find("one", "mine").name, "mine-2026");
  EXPECT_EQ(models->find("one", "mine-latest").name, "mine-latest");
  EXPECT_EQ(models->find("three", "mine").name, "me.mine-v1:0");
  constexpr std::string_view kArn = "arn:aws:bedrock:eu-west-1:1:inference-profile/me.mine-v1:0";
  EXPECT_EQ(models->find("two", kArn).name, kArn);
  EXPECT_EQ(models->find("two", "mine-2026").row, nullptr) << "a name of another cloud";
  const auto sold = models->find("one", "mine");
  EXPECT_EQ(sold.at->input, 2'500'000);
  EXPECT_EQ(sold.at->output, 1);
  EXPECT_FALSE(sold.at->cache_read);
  EXPECT_EQ(sold.row->lacks,
            canon::kImages | canon::kAudio | canon::kVideo | canon::kDocuments | canon::kSchema);
}

TEST(ModelRows, WhatIsWrongIsNamed) {
  Folder folder;
  auto wrong = [&](std::string_view text) {
    auto models = folder.with(text);
    if (models) return std::string("good");
    const std::string& what = models.error().message;
    return what.substr(what.find("mine.toml"));
  };
  EXPECT_EQ(wrong("title = \"M\"\n"), "mine.toml: no [at.KIND]: nobody sells it");
  EXPECT_EQ(wrong("[at.one]\ninput = 1\n"),
            "mine.toml: [at.one], line 1: 'names' is missing: what this model is called there");
  EXPECT_EQ(wrong("[at.one]\nnames = [\"a\"]\ninput = \"1\"\n"),
            "mine.toml: 'input' in [at.one], line 3: wanted a price in dollars, such as 2.5");
  EXPECT_EQ(wrong("[at.one]\nnames = [\"a\"]\nabove_input = 3\n"),
            "mine.toml: [at.one], line 1: 'above_tokens' is missing: from where on the other prices hold");
  EXPECT_EQ(wrong("abilitis = [\"tools\"]\n[at.one]\nnames = [\"a\"]\n"),
            "mine.toml: unknown key 'abilitis' in line 1; did you mean 'abilities'?");
  EXPECT_NE(wrong("abilities = [\"smell\"]\n[at.one]\nnames = [\"a\"]\n").find("'smell' is none of tools"),
            std::string::npos);
}

TEST(ModelRows, DollarsAreShownAsPeopleWriteThem) {
  EXPECT_EQ(dollars_text(2'500'000), "2.5");
  EXPECT_EQ(dollars_text(0), "0");
  EXPECT_EQ(dollars_text(3'625), "0.003625");
  EXPECT_EQ(dollars_text(30'000'000), "30");
}

}  // namespace
}  // namespace hanse::catalog
