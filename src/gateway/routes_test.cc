#include "gateway/routes.h"

#include <gtest/gtest.h>

namespace hanse::gateway {
namespace {

TEST(Routes, PathsOfTheVendors) {
  struct Case {
    std::string_view target;
    Operation operation;
    std::string_view dialect;
    std::string_view model = {};
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
           Case{"/healthz", Operation::healthz, "openai-chat"},
           Case{"/", Operation::home, "openai-chat"},
           Case{"/v1/chat/completions/", Operation::unknown, "openai-chat"},
           Case{"/v1/chat", Operation::unknown, "openai-chat"},
           Case{"/v1/models/", Operation::unknown, "openai-chat"},
           Case{"/deployments//chat/completions", Operation::unknown, "openai-chat"},
           Case{"/openai", Operation::unknown, "openai-chat"},
           Case{"/openaiv1/chat/completions", Operation::unknown, "openai-chat"},
           Case{"/openai/healthz", Operation::unknown, "openai-chat"},
           Case{"", Operation::unknown, "openai-chat"},
           Case{"*", Operation::unknown, "openai-chat"},
       }) {
    Route route = find_route(c.target, {});
    EXPECT_EQ(route.operation, c.operation) << c.target;
    EXPECT_EQ(route.dialect->name(), c.dialect) << c.target;
    EXPECT_EQ(route.model, c.model) << c.target;
  }
}

TEST(Routes, SharedPathsGoByTheClientsHeaders) {
  EXPECT_EQ(find_route("/v1/models", {.anthropic = true}).dialect->name(), "anthropic-messages");
  EXPECT_EQ(find_route("/nowhere", {.anthropic = true}).dialect->name(), "anthropic-messages");
  EXPECT_EQ(find_route("/v1/chat/completions", {.anthropic = true}).dialect->name(), "openai-chat");
}

TEST(Routes, QueriesStandBehind) {
  EXPECT_EQ(find_route("/v1/messages?beta=true&x", {}).query, "beta=true&x");
  EXPECT_EQ(find_route("/v1/messages", {}).query, "");
}

}  // namespace
}  // namespace hanse::gateway
