// Every recorded request to the real services: read, written again for each language, and read back.
#include <iostream>
#include <map>

#include "base/json_testing.h"
#include "base/oracles_testing.h"
#include "dialect/openai_responses/test_support.h"

namespace hanse::openai_responses {
namespace {

namespace fs = std::filesystem;

constexpr int kDepthMax = 200;

// "name: body" of each request to .../responses.
std::vector<std::pair<std::string, std::string>> recorded_requests(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> out;
  json::Document document;
  for (const char* family : {"openllmetry", "pydantic-ai", "ruby_llm"})
    for (const auto& file : fs::directory_iterator(folder / family)) {
      if (file.path().extension() != ".json") continue;
      std::string text = read_whole(file.path());
      auto root = document.parse(text, kDepthMax);
      EXPECT_TRUE(root) << file.path();
      for (json::Value one : (*root)["interactions"]) {
        std::string url = one["request"]["url"].string();
        json::Value body = one["request"]["body"];
        if (!url.substr(0, url.find('?')).ends_with("/responses") || !body.present()) continue;
        out.emplace_back(file.path().filename().string(),
                         body.is_string() ? body.string() : json::compact(body));
      }
    }
  for (const auto& folder_of_case : fs::directory_iterator(folder / "lingua"))
    for (const char* turn : {"request.json", "followup-request.json"}) {
      fs::path file = folder_of_case.path() / "responses" / turn;
      if (fs::exists(file)) out.emplace_back(file.string(), read_whole(file));
    }
  return out;
}

TEST(OpenAiResponsesRecorded, RequestsAreReadAndWrittenForEveryLanguage) {
  HANSE_ORACLES_OR_SKIP(folder, "recordings");
  size_t read = 0;
  std::map<std::string, size_t> refused;
  for (const auto& [name, body] : recorded_requests(folder)) {
    json::Document document;
    auto root = document.parse(body, kDepthMax);
    if (!root) continue;
    auto request = dialect().decode_request(*root);
    if (!request) {
      ++refused[request.error().field];
      continue;
    }
    ++read;
    for (const Dialect* target : all_dialects()) {
      canon::Losses losses;
      auto said = target->encode_request(**request, {.model = "served"}, losses);
      // Files by an address, which some have no word for, and those that the vendor keeps.
      const bool remote = body.find("_url") != std::string::npos || body.find("file_id") != std::string::npos;
      if (!said && said.error().code == Code::unsupported && remote) continue;
      ASSERT_TRUE(said) << name << ": " << said.error().message;
      json::Document again;
      auto reread = again.parse(*said, kDepthMax);
      ASSERT_TRUE(reread) << name << ": " << reread.error().message;
      auto known = target->decode_request(*reread);
      EXPECT_TRUE(known) << name << " for " << target->name() << ": " << known.error().message;
    }
  }
  std::cout << "counted: " << read << " requests read\n";
  EXPECT_GE(read, 289u);
  // What one provider keeps, and work in the background.
  EXPECT_EQ(refused,
            (std::map<std::string, size_t>{{"background", 3}, {"conversation", 2}, {"input[6]", 1}}));
}

}  // namespace
}  // namespace hanse::openai_responses
