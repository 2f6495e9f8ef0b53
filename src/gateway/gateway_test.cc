#include "gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gateway/answer.h"
#include "gateway/attempt.h"
#include "gateway/gateway_testing.h"

namespace hanse::gateway {
namespace {

using testing::HasSubstr;

constexpr std::string_view kTwo = R"(
[provider.a]
kind = "openai-compatible"
url = "http://127.0.0.1:1/v1"
models = ["x", "both"]
[provider.b]
kind = "anthropic"
url = "http://127.0.0.1:1"
models = ["y", "both"]
)";
constexpr std::string_view kChat = "/v1/chat/completions", kMessages = "/v1/messages";

// An error in the shape of the dialect, with an id.
void expect_error(const net::FakeExchange& answer, int status, std::string_view message) {
  EXPECT_EQ(answer.status, status);
  EXPECT_THAT(answer.body, HasSubstr(message));
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_FALSE(answer.header("x-request-id").empty());
  EXPECT_TRUE(answer.finished);
}

TEST(Gateway, AnswersWithoutAProvider) {
  Scene scene(kTwo);
  EXPECT_EQ(scene.ask("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(scene.ask("HEAD", "/healthz").status, 200);
  EXPECT_EQ(scene.ask("GET", "/readyz").status, 503);
  scene.cores.ready = true;
  EXPECT_EQ(scene.ask("GET", "/readyz").status, 200);
  std::string home = scene.ask("GET", "/").body;
  for (const char* path : {"POST /v1/chat/completions", "POST /v1/messages", "POST /v2/chat",
                           "POST /v1beta/models/{model}:generateContent", "GET /v1/models"})
    EXPECT_THAT(home, HasSubstr(path));
  auto& options = scene.ask("OPTIONS", "*");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "GET, HEAD, POST, DELETE, OPTIONS");
}

TEST(Gateway, ListsModelsInTheClientsDialect) {
  Scene scene(kTwo);
  auto& openai = scene.ask("GET", "/v1/models");
  EXPECT_EQ(openai.status, 200);
  EXPECT_THAT(openai.body, HasSubstr("\"object\":\"list\""));
  for (std::string_view name : {"\"x\"", "\"both\"", "\"y\""}) EXPECT_THAT(openai.body, HasSubstr(name));
  auto& anthropic = scene.ask("GET", "/v1/models", "", {{"anthropic-version", "2023-06-01"}});
  EXPECT_THAT(anthropic.body, HasSubstr("\"has_more\":false"));
  EXPECT_FALSE(anthropic.header("request-id").empty());
  EXPECT_THAT(scene.ask("GET", "/v1beta/models").body, HasSubstr("\"name\":\"models/both\""));
  EXPECT_THAT(scene.ask("GET", "/v1/models", "", {{"x-goog-api-key", "k"}}).body, HasSubstr("\"models/y\""));
  EXPECT_THAT(scene.ask("GET", "/v1beta/models/both").body, HasSubstr("\"baseModelId\":\"both\""));
  EXPECT_THAT(scene.ask("GET", "/v1/models/both").body, HasSubstr("\"both\""));
  expect_error(scene.ask("GET", "/v1/models/bot"), 404, "near names: both");
}

TEST(Gateway, UnknownPathsAndMethods) {
  Scene scene(kTwo);
  expect_error(scene.ask("POST", "/v1/nothing", "{}"), 404, "no such path: POST /v1/nothing");
  expect_error(scene.ask("POST", "/v1/messages/nothing", "{}"), 404, "\"type\":\"error\"");
  auto& wrong = scene.ask("GET", kChat);
  expect_error(wrong, 405, "/v1/chat/completions takes POST, not GET");
  EXPECT_EQ(wrong.header("allow"), "POST");
  EXPECT_EQ(scene.ask("POST", "/v1/models", "{}").header("allow"), "GET");
}

TEST(Gateway, RefusesWhatItCannotRoute) {
  Scene scene(kTwo);
  struct Case {
    std::string_view body;
    int status;
    std::string_view message;
  };
  for (const Case& c :
       {Case{"", 400, "JSON"}, Case{"{", 400, "JSON"}, Case{"[]", 400, "must be a JSON object, not an array"},
        Case{"{}", 400, "model: wanted the name of a model, not"},
        Case{R"({"model":""})", 400, "not an empty string"}, Case{R"({"model":7})", 400, "not a number"},
        Case{R"({"model":"x","model":"y"})", 400, "model: given more than once"},
        Case{R"({"model":"z","messages":[]})", 404, "the model 'z' is not served here; near names: "},
        Case{R"({"model":"c/x","messages":[]})", 404, "the model 'c/x' is not served here"}}) {
    SCOPED_TRACE(c.body);
    expect_error(scene.ask("POST", kChat, c.body), c.status, c.message);
    expect_error(scene.ask("POST", kMessages, c.body), c.status, c.message);
  }
  std::string deep = R"({"model":"x","messages":)" + std::string(200, '[') + std::string(200, ']') + "}";
  expect_error(scene.ask("POST", kChat, deep), 400, "deep");
}

TEST(Gateway, NamesOfModelsAreShort) {
  Scene scene(kTwo);
  std::string fits = R"({"model":"a/)" + std::string(2046, 'm') + R"(","messages":[]})";
  EXPECT_EQ(scene.ask("POST", kChat, fits).status, 502) << "it was tried";
  std::string longer = R"({"model":"a/)" + std::string(2047, 'm') + R"(","messages":[]})";
  expect_error(scene.ask("POST", kChat, longer), 400, "model: a name of more than 2048 bytes");
  std::string path = "/openai/deployments/" + std::string(3000, 'm') + "/chat/completions";
  expect_error(scene.ask("POST", path, R"({"messages":[]})"), 400, "model: a name of more than 2048 bytes");
}

TEST(Gateway, KeysAreAskedForFirst) {
  ::setenv("TEST_ALICE", "right", 1);
  Scene scene(std::string(kTwo) + "[client.alice]\nkey_env = \"TEST_ALICE\"\nmodels = [\"x\"]\n");
  expect_error(scene.ask("POST", kChat, "{"), 401, "no key: send it as");
  expect_error(scene.ask("POST", kChat, "{", {{"authorization", "Bearer wrong"}}), 401, "not known here");
  expect_error(scene.ask("GET", "/v1/models"), 401, "no key");
  expect_error(scene.ask("POST", kMessages, "{", {{"x-api-key", "right"}}), 400, "JSON");
  expect_error(scene.ask("POST", kChat, R"({"model":"y","messages":[]})", {{"api-key", "right"}}), 403,
               "the key 'alice' may not use the model 'y'");
  auto& models = scene.ask("GET", "/v1/models?key=right");
  EXPECT_THAT(models.body, HasSubstr("\"x\""));
  EXPECT_THAT(models.body, testing::Not(HasSubstr("\"y\"")));
  EXPECT_EQ(scene.ask("GET", "/healthz").status, 200);
}

TEST(Gateway, AtMostSoManyAtOnce) {
  Scene scene("[limits]\nin_flight = 1\n" + std::string(kTwo));
  EXPECT_EQ(scene.ask("POST", kChat, "{").status, 400);
  scene.cores.in_flight = 1;
  auto& refused = scene.ask("POST", kChat, "{");
  expect_error(refused, 503, "limits.in_flight = 1");
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(scene.cores.in_flight, 1) << "it is counted out again";
}

TEST(Gateway, AProviderThatIsNotThere) {
  Scene scene(kTwo);
  auto& chat = scene.ask("POST", kChat, R"({"model":"both","messages":[{"role":"user","content":"hi"}]})");
  expect_error(chat, 502, "127.0.0.1");
  EXPECT_EQ(chat.header("x-hanse-offer"), "b/both") << "the last one tried";
}

TEST(Gateway, RequestIdsOfClientsAreKeptWhenTheyArePlain) {
  Scene scene(kTwo);
  auto id_of = [&](std::string_view sent) {
    return scene.ask("GET", "/healthz", "", {{"x-request-id", sent}}).header("x-request-id");
  };
  EXPECT_EQ(id_of("my-id_7:x"), "my-id_7:x");
  for (const std::string& odd : {std::string(), std::string("a b"), std::string("a\"b"), std::string("a\x7f"),
                                 std::string("caf\xc3\xa9"), std::string(129, 'x')})
    EXPECT_TRUE(id_of(odd).starts_with("req_")) << odd;
}

// What stops before there is an exchange: in the dialect of the path, with an id.
TEST(Gateway, RefusalsOfTheServerSpeakTheDialectOfThePath) {
  net::Reactor reactor;
  Core core(snapshot_of(kTwo), nullptr);
  Cores cores;
  Gateway gateway(core, cores);
  auto openai = gateway.refusal(Error(Code::head_too_large, "the head is over the limit"), "/v1/anything");
  EXPECT_THAT(openai.body, HasSubstr("\"param\""));
  auto anthropic = gateway.refusal(Error(Code::overloaded, "no room"), "/v1/messages");
  EXPECT_THAT(anthropic.body, HasSubstr("\"type\":\"error\""));
  EXPECT_THAT(anthropic.headers, testing::Contains(testing::Pair("retry-after", "1")));
  EXPECT_THAT(anthropic.headers, testing::Contains(testing::Key("x-request-id")));
  EXPECT_THAT(core.metrics.render(), HasSubstr("hanse_errors_total{error_type=\"head_too_large\"} 1"));
}

TEST(Answer, RetryAfterIsWholeSecondsAndAtLeastOne) {
  for (auto [ms, text] : {std::pair(0, "1"), std::pair(1, "1"), std::pair(1000, "1"), std::pair(1001, "2"),
                          std::pair(59'999, "60"), std::pair(-5, "1")})
    EXPECT_EQ(retry_after_seconds(milliseconds(ms)), text);
}

}  // namespace
}  // namespace hanse::gateway
