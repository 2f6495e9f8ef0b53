#include "catalog/door.h"

#include <gtest/gtest.h>

namespace hanse::catalog {
namespace {

TEST(Door, NamesTheModelWhereItsPathDoes) {
  Door chat = standard_door("openai-chat");
  EXPECT_FALSE(chat.names_model());
  EXPECT_EQ(chat.target("/v1", "gpt", true), "/v1/chat/completions");
  Door named{"x", "/model/{model}/converse", "/model/{model}/converse-stream?a=b"};
  EXPECT_TRUE(named.names_model());
  EXPECT_EQ(named.target("", "us.x-v1:0", false), "/model/us.x-v1%3A0/converse");
  EXPECT_EQ(named.target("/b", "arn/é@1", true), "/b/model/arn%2F%C3%A9@1/converse-stream?a=b");
}

TEST(Door, NoModelLeavesItsPlaceInThePath) {
  Door named{"x", "/model/{model}/converse", ""};
  for (const char* model : {"../../admin", "a?b=c", "a#b", "a b", "a\r\nHost: x", "a%2e", "\\"}) {
    std::string target = named.target("", model, false);
    std::string_view inner(target);
    inner.remove_prefix(7);
    inner.remove_suffix(9);
    EXPECT_EQ(inner.find_first_of("/?# \r\n\\"), std::string_view::npos) << target;
  }
}

TEST(Door, OtherOperationsStandBesideTheChat) {
  EXPECT_EQ(standard_door("openai-chat").sibling("embeddings"), "/embeddings");
  Door dated{"openai-chat", "/openai/deployments/{model}/chat/completions?api-version=1", ""};
  EXPECT_EQ(dated.sibling("embeddings"), "/openai/deployments/{model}/embeddings?api-version=1");
  EXPECT_EQ(standard_door("anthropic-messages").sibling("embeddings"), "");
  EXPECT_EQ(standard_door("anthropic-messages").sibling("count_tokens"), "/v1/messages/count_tokens");
  EXPECT_EQ(standard_door("cohere-chat").sibling("embed"), "/v2/embed");
  EXPECT_EQ(standard_door("bedrock-converse").sibling("invoke"), "/model/{model}/invoke");
  EXPECT_EQ(standard_door("anthropic-messages").sibling("embed"), "");
  EXPECT_EQ(standard_door("openai-chat").sibling("invoke"), "");
  EXPECT_EQ(standard_door("openai-chat").sibling("count_tokens"), "");
  EXPECT_EQ(standard_door("openai-responses").sibling("count_tokens"), "/responses/input_tokens");
  Door google{"google-gemini", "/models/{model}:generateContent",
              "/models/{model}:streamGenerateContent?alt=sse"};
  EXPECT_EQ(standard_door("anthropic-vertex").sibling("count_tokens"),
            "/publishers/anthropic/models/count-tokens:rawPredict");
  EXPECT_EQ(google.sibling("countTokens"), "/models/{model}:countTokens");
}

TEST(Fill, ReplacesWhatIsKnownAndMissesWhatIsEmpty) {
  Settings settings{{"region", "eu-west-1"}, {"project", ""}};
  auto filled = fill("https://bedrock.{region}.example/{model}", settings);
  ASSERT_TRUE(filled);
  EXPECT_EQ(*filled, "https://bedrock.eu-west-1.example/{model}");
  auto missing = fill("/p/{project}", settings);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("'project' is missing"), std::string::npos);
  EXPECT_EQ(*fill("{open", settings), "{open");
}

}  // namespace
}  // namespace hanse::catalog
