#include "gateway/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/door.h"

namespace hanse::gateway {
namespace {

TEST(Routes, PathsOfTheVendors) {
  struct Case {
    std::string_view target;
    std::optional<Operation> operation;
    std::string_view dialect;
    std::string_view model = {};
    Service service = Service::none;
  };
  for (const Case& c : {
           Case{"/v1/chat/completions", Operation::chat, "openai-chat"},
           Case{"/openai/v1/chat/completions?x=y", Operation::chat, "openai-chat"},
           Case{"/chat/completions", Operation::chat, "openai-chat"},
           Case{"/openai/deployments/my%2Fgpt/chat/completions?api-version=2024-10-21", Operation::chat,
                "openai-chat", "my%2Fgpt"},
           Case{"/v1/messages?beta=true", Operation::chat, "anthropic-messages"},
           Case{"/anthropic/v1/messages", Operation::chat, "anthropic-messages"},
           Case{"/v1/models", Operation::models, "openai-chat"},
           Case{"/anthropic/v1/models", Operation::models, "anthropic-messages"},
           Case{"/v1/models/org/name:x", Operation::model, "openai-chat", "org/name:x"},
           Case{"/v1beta/models/gemini-3-pro:generateContent", Operation::chat, "google-gemini",
                "gemini-3-pro"},
           Case{"/genai/v1beta/models/openai/gpt-5:streamGenerateContent?alt=sse", Operation::chat,
                "google-gemini", "openai/gpt-5"},
           Case{"/v1/models/gemini-3-pro:countTokens", Operation::count_tokens, "google-gemini",
                "gemini-3-pro"},
           Case{"/v1beta/models/e:batchEmbedContents", Operation::embeddings, "google-gemini", "e"},
           Case{"/v1beta1/projects/p/locations/europe-west4/publishers/google/models/g:streamGenerateContent",
                Operation::chat, "google-gemini", "g"},
           Case{"/v1/publishers/google/models/g:generateContent", Operation::chat, "google-gemini", "g"},
           Case{"/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:rawPredict", Operation::chat,
                "anthropic-vertex", "claude@1"},
           Case{"/anthropic/v1/projects/p/locations/l/publishers/anthropic/models/c:streamRawPredict",
                Operation::chat, "anthropic-vertex", "c"},
           Case{"/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
                Operation::count_tokens, "anthropic-vertex"},
           Case{"/v1beta/models", Operation::models, "google-gemini"},
           Case{"/v1beta/models/g", Operation::model, "google-gemini", "g"},
           Case{"/v1/publishers/google/models/:generateContent", {}, "openai-chat"},
           Case{"/v1/projects//locations/l/publishers/google/models/g:generateContent", {}, "openai-chat"},
           Case{"/model/us.claude-v1%3A0/converse", Operation::chat, "bedrock-converse", "us.claude-v1%3A0"},
           Case{"/bedrock/model/arn:aws:b/c/converse-stream", Operation::chat, "bedrock-converse",
                "arn:aws:b/c"},
           Case{"/model/m/invoke", Operation::chat, "bedrock-invoke", "m"},
           Case{"/bedrock/model/m/invoke-with-response-stream", Operation::chat, "bedrock-invoke", "m"},
           Case{"/model/m/count-tokens", Operation::count_tokens, "bedrock-converse", "m"},
           Case{"/foundation-models", Operation::models, "bedrock-converse"},
           Case{"/inference-profiles", Operation::profiles, "bedrock-converse"},
           Case{"/model//converse", {}, "openai-chat"},
           Case{"/healthz", {}, "openai-chat", {}, Service::healthz},
           Case{"/", {}, "openai-chat", {}, Service::home},
           Case{"/v1/chat/completions/", {}, "openai-chat"},
           Case{"/v1/chat", {}, "openai-chat"},
           Case{"/v1/models/", {}, "openai-chat"},
           Case{"/deployments//chat/completions", {}, "openai-chat"},
           Case{"/openai", {}, "openai-chat"},
           Case{"/openaiv1/chat/completions", {}, "openai-chat"},
           Case{"/openai/healthz", {}, "openai-chat"},
           Case{"", {}, "openai-chat"},
           Case{"*", {}, "openai-chat"},
       }) {
    Route route = find_route(c.target, {});
    EXPECT_EQ(route.operation, c.operation) << c.target;
    EXPECT_EQ(route.service, c.service) << c.target;
    EXPECT_EQ(route.dialect->name(), c.dialect) << c.target;
    EXPECT_EQ(route.model, c.model) << c.target;
  }
}

TEST(Routes, SharedPathsGoByTheClientsHeaders) {
  http::RequestHead head;
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nhost: x\r\nanthropic-version: 2023-06-01\r\n\r\n";
  ASSERT_TRUE(http::parse_request_head(kRequest, {}, head));
  EXPECT_EQ(find_route("/v1/models", head.headers).dialect->name(), "anthropic-messages");
  EXPECT_EQ(find_route("/nowhere", head.headers).dialect->name(), "anthropic-messages");
  EXPECT_EQ(find_route("/v1/chat/completions", head.headers).dialect->name(), "openai-chat");
}

TEST(Routes, VerbsOfGoogleSayWhetherTheyStream) {
  EXPECT_EQ(find_route("/v1beta/models/g:generateContent", {}).stream, false);
  EXPECT_EQ(find_route("/v1beta/models/g:streamGenerateContent", {}).stream, true);
  EXPECT_EQ(find_route("/v1/chat/completions", {}).stream, std::nullopt) << "the body says it";
}

// A row of the catalogue may name each language, and nothing else.
TEST(Routes, EachLanguageHasItsDoor) {
  std::vector<std::string_view> languages;
  for (const Dialect* dialect : all_dialects()) {
    languages.push_back(dialect->name());
    EXPECT_FALSE(dialect->paths().empty()) << dialect->name();
  }
  EXPECT_THAT(catalog::dialect_names(), testing::UnorderedElementsAreArray(languages));
}

TEST(Routes, QueriesStandBehind) {
  EXPECT_EQ(find_route("/v1/messages?beta=true&x", {}).query, "beta=true&x");
  EXPECT_EQ(find_route("/v1/messages", {}).query, "");
}

}  // namespace
}  // namespace hanse::gateway
