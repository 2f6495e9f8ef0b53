#include "gateway/provider_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gateway/gateway_testing.h"
#include "gateway/relay.h"

namespace hanse::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kConfig = R"(
[provider.a]
kind = "openai-compatible"
url = "http://127.0.0.1:1/base/v1"
key_env = "TEST_PROVIDER_KEY"
[provider.b]
kind = "anthropic"
url = "http://127.0.0.1:1"
[provider.c]
kind = "gemini"
url = "http://127.0.0.1:1/v1beta"
key_env = "TEST_PROVIDER_KEY"
)";

struct Built {
  std::string head, body;
  canon::Losses losses;
  std::optional<Error> error;
};

// What goes to `provider` for a client's body in `dialect`.
class Building {
 public:
  Building() { ::setenv("TEST_PROVIDER_KEY", "sk-secret", 1); }

  Built build(std::string_view dialect, std::string_view provider, std::string_view body,
              std::string_view model, Scene::Headers headers = {}) {
    net::Reactor reactor;
    Core core(snapshot_of(kConfig), nullptr);
    net::FakeExchange exchange("POST", "/", body);
    for (auto [name, value] : headers) exchange.with(name, value);
    CallState call(exchange, core);
    call.dialect = find_dialect(dialect);
    call.body = body;
    call.path_model = path_model;
    call.model = path_model;
    call.strict = strict;
    call.stream = stream;
    call.query = query;
    if (path_model.empty()) {
      json::Value named = (*json::scratch().parse(body, 16))["model"];
      call.model_token = named.raw().json;
      call.model = named.string();
    }
    const ProviderAccess& access = core.view->providers[static_cast<size_t>(provider[0] - 'a')];
    auto built =
        ProviderRequest::build(call, access, access.door_for(*call.dialect), {0, std::string(model)});
    if (!built) return {{}, {}, {}, built.error()};
    std::string all;
    for (const iovec& part : built->parts()) all.append(static_cast<char*>(part.iov_base), part.iov_len);
    size_t end = all.find("\r\n\r\n") + 4;
    EXPECT_EQ(built->body_size(), all.size() - end);
    return {all.substr(0, end), all.substr(end), built->losses(), {}};
  }

  std::string path_model, query;
  bool strict = false, stream = false;
};

TEST(ProviderRequest, TheSameDialectGetsTheClientsBytes) {
  Building building;
  auto built = building.build(
      "openai-chat", "a", "{ \"new\" : 1e400, \"model\"\t:\"fast\",\"messages\":[\"\\ud800\"] }", "org/m\"1");
  EXPECT_EQ(built.body, "{ \"new\" : 1e400, \"model\"\t:\"org/m\\\"1\",\"messages\":[\"\\ud800\"] }");
  EXPECT_TRUE(built.head.starts_with("POST /base/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"))
      << built.head;
  EXPECT_THAT(built.head, HasSubstr("\r\ncontent-length: " + std::to_string(built.body.size()) + "\r\n\r\n"));
  EXPECT_THAT(built.head, HasSubstr("\r\nauthorization: Bearer sk-secret\r\n"));
}

TEST(ProviderRequest, ANameInThePathGoesInFront) {
  Building building;
  building.path_model = "fast";
  EXPECT_EQ(building.build("openai-chat", "a", " {\"messages\":[]}", "m").body,
            " {\"model\":\"m\",\"messages\":[]}");
  EXPECT_EQ(building.build("openai-chat", "a", "{ }", "m").body, "{\"model\":\"m\" }");
}

TEST(ProviderRequest, OfTheClientsHeadersOnlyTheVendorsSwitchesGoOn) {
  Building building;
  auto built = building.build("openai-chat", "a", R"({"model":"x"})", "m",
                              {{"Authorization", "Bearer of-the-client"},
                               {"x-api-key", "of-the-client"},
                               {"Cookie", "a=b"},
                               {"X-Forwarded-For", "10.0.0.1"},
                               {"X-Stainless-Lang", "python"},
                               {"Connection", "keep-alive"},
                               {"OpenAI-Organization", "org-1"},
                               {"Idempotency-Key", "once"}});
  for (std::string_view gone : {"of-the-client", "ookie", "orwarded", "tainless", "onnection"})
    EXPECT_THAT(built.head, Not(HasSubstr(gone)));
  EXPECT_THAT(built.head, HasSubstr("\r\nOpenAI-Organization: org-1\r\n"));
  EXPECT_THAT(built.head, HasSubstr("\r\nIdempotency-Key: once\r\n"));
}

TEST(ProviderRequest, AnotherDialectIsTranslated) {
  Building building;
  auto built = building.build("openai-chat", "b",
                              R"({"model":"x","seed":7,"messages":[{"role":"user","content":"hi"}]})",
                              "claude", {{"OpenAI-Organization", "org-1"}});
  EXPECT_TRUE(built.head.starts_with("POST /v1/messages HTTP/1.1\r\n")) << built.head;
  EXPECT_THAT(built.head, HasSubstr("\r\nanthropic-version: "));
  EXPECT_THAT(built.head, Not(HasSubstr("org-1")));
  EXPECT_THAT(built.body, HasSubstr("\"model\":\"claude\""));
  ASSERT_EQ(built.losses.paths().size(), 1u);
  EXPECT_EQ(built.losses.paths().front(), "seed");
  building.strict = true;
  auto refused = building.build(
      "openai-chat", "b", R"({"model":"x","seed":7,"messages":[{"role":"user","content":"hi"}]})", "claude");
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Code::unsupported);
  EXPECT_EQ(refused.error->field, "seed");
}

TEST(ProviderRequest, AnAnthropicClientKeepsItsVersion) {
  Building building;
  auto built = building.build("anthropic-messages", "b", R"({"model":"x"})", "m",
                              {{"anthropic-version", "2024-01-01"}, {"anthropic-beta", "files"}});
  EXPECT_THAT(built.head, HasSubstr("\r\nanthropic-version: 2024-01-01\r\n"));
  EXPECT_THAT(built.head, HasSubstr("\r\nanthropic-beta: files\r\n"));
  EXPECT_EQ(built.head.find("anthropic-version"), built.head.rfind("anthropic-version"));
}

TEST(ProviderRequest, AGoogleClientsFrameIsAskedFor) {
  Building building;
  building.path_model = "models/g";
  const std::string_view body = R"({"contents":[{"parts":[{"text":"q"}]}]})";
  auto whole = building.build("google-gemini", "c", body, "gemini-3/x");
  EXPECT_TRUE(whole.head.starts_with("POST /v1beta/models/gemini-3%2Fx:generateContent HTTP/1.1\r\n"))
      << whole.head;
  EXPECT_THAT(whole.head, HasSubstr("\r\nx-goog-api-key: sk-secret\r\n"));
  EXPECT_EQ(whole.body, body);
  building.stream = true;
  auto array = building.build("google-gemini", "c", body, "g");
  EXPECT_TRUE(array.head.starts_with("POST /v1beta/models/g:streamGenerateContent HTTP/1.1\r\n"))
      << array.head;
  building.query = "key=k&alt=sse";
  auto events = building.build("google-gemini", "c", body, "g");
  EXPECT_TRUE(events.head.starts_with("POST /v1beta/models/g:streamGenerateContent?alt=sse HTTP/1.1\r\n"))
      << events.head;
  building.query.clear();
  auto translated =
      building.build("openai-chat", "c", R"({"model":"x","messages":[{"role":"user","content":"q"}]})", "g");
  EXPECT_FALSE(translated.error) << translated.error->message;
  EXPECT_TRUE(translated.head.starts_with("POST /v1beta/models/g:streamGenerateContent?alt=sse HTTP/1.1\r\n"))
      << translated.head;
}

TEST(Relay, HeadersThatClientsOfTheSameDialectGet) {
  for (std::string_view name :
       {"anthropic-ratelimit-requests-remaining", "OpenAI-Processing-Ms", "Retry-After", "retry-after-ms",
        "X-RateLimit-Limit-Tokens", "x-should-retry"})
    EXPECT_TRUE(is_passed_on(name)) << name;
  for (std::string_view name :
       {"", "set-cookie", "connection", "transfer-encoding", "content-length", "server", "x-request-id",
        "x-amzn-trace-id", "x-ratelimit", "anthropic", "retry"})
    EXPECT_FALSE(is_passed_on(name)) << name;
}

}  // namespace
}  // namespace hanse::gateway
