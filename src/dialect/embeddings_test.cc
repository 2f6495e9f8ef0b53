#include "dialect/embeddings.h"

#include <gtest/gtest.h>

#include "dialect/dialect.h"

namespace hanse {
namespace {

std::string asked(std::string_view from, std::string_view to, std::string_view body, canon::Losses& losses) {
  json::Document document;
  auto root = document.parse(body, 16);
  auto request = find_dialect(from)->embeddings()->decode_request(*root);
  if (!request) return request.error().message;
  auto out = find_dialect(to)->embeddings()->encode_request(**request, "e", losses);
  return out ? *out : out.error().message;
}

TEST(Embeddings, AreAskedForInEachLanguage) {
  canon::Losses losses;
  const std::string_view openai = R"({"model":"m","input":"a\nb","dimensions":8,"encoding_format":"base64"})";
  EXPECT_EQ(asked("openai-chat", "openai-chat", openai, losses),
            R"({"model":"e","input":"a\nb","dimensions":8,"encoding_format":"float"})");
  EXPECT_EQ(
      asked("openai-chat", "google-gemini", openai, losses),
      R"({"requests":[{"model":"models/e","content":{"parts":[{"text":"a\nb"}]},"outputDimensionality":8}]})");
  EXPECT_EQ(asked("openai-chat", "cohere-chat", openai, losses),
            R"({"model":"e","texts":["a\nb"],"input_type":"search_document","embedding_types":["float"],)"
            R"("output_dimension":8})");
  EXPECT_EQ(asked("openai-chat", "bedrock-converse", openai, losses),
            R"({"inputText":"a\nb","dimensions":8})");
  EXPECT_TRUE(losses.empty());
}

TEST(Embeddings, ThePurposeIsKeptOrNamed) {
  canon::Losses losses;
  const std::string_view gemini =
      R"({"content":{"parts":[{"text":"a"},{"text":"b"}]},"taskType":"RETRIEVAL_QUERY"})";
  EXPECT_EQ(asked("google-gemini", "cohere-chat", gemini, losses),
            R"({"model":"e","texts":["ab"],"input_type":"search_query","embedding_types":["float"]})");
  EXPECT_TRUE(losses.empty());
  EXPECT_EQ(asked("google-gemini", "openai-chat", gemini, losses),
            R"({"model":"e","input":"ab","encoding_format":"float"})");
  EXPECT_EQ(losses.paths(), std::vector<std::string>{"taskType"});
}

TEST(Embeddings, ABatchOfDifferentWishesIsRefused) {
  canon::Losses losses;
  const std::string said =
      asked("google-gemini", "openai-chat",
            R"({"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"},)"
            R"({"content":{"parts":[{"text":"b"}]}}]})",
            losses);
  EXPECT_NE(said.find("requests[1]"), std::string::npos) << said;
}

TEST(Embeddings, Base64HoldsFloatsOf32Bits) {
  EXPECT_EQ(vector_base64({"[1,-0.5,1e-3]"}), "AACAPwAAAL9vEoM6");
  EXPECT_EQ(vector_base64({"[]"}), "");
}

}  // namespace
}  // namespace hanse
