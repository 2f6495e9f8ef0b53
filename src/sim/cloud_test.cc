#include "sim/cloud.h"

#include <gtest/gtest.h>

#include "net/exchange_testing.h"

namespace hanse::sim {
namespace {

using net::FakeExchange;

constexpr std::string_view kHello =
    R"({"model":"sim-x","max_tokens":50,"messages":[{"role":"user","content":"echo hello there, you"}])";

std::string ask(std::string_view content, std::string_view more = "") {
  std::string out = R"({"model":"sim-x","max_tokens":50,"messages":[{"role":"user","content":)";
  json::Writer(out).string(content);
  return out.append("}]").append(more).append("}");
}

struct Site {
  const Vendor& vendor;
  Cloud cloud;
  explicit Site(const Vendor& v, CloudOptions options = {}) : vendor(v), cloud(v, std::move(options)) {}

  FakeExchange& send(FakeExchange& exchange) {
    exchange.with("anthropic-version", "2023-06-01");
    run(cloud, exchange);
    return exchange;
  }
};

class BothClouds : public testing::TestWithParam<const Vendor*> {
 protected:
  const Vendor& vendor() const { return *GetParam(); }
  bool is_openai() const { return &vendor() == &openai(); }
  FakeExchange post(std::string_view body) const { return FakeExchange("POST", vendor().chat_path(), body); }
};
INSTANTIATE_TEST_SUITE_P(Cloud, BothClouds, testing::Values(&openai(), &anthropic()),
                         [](const auto& cloud) { return cloud.param == &openai() ? "openai" : "anthropic"; });

TEST_P(BothClouds, AnswersWhole) {
  Site site(vendor());
  auto exchange = FakeExchange("POST", vendor().chat_path(), std::string(kHello) + "}");
  site.send(exchange);
  EXPECT_EQ(exchange.status, 200) << exchange.body;
  EXPECT_EQ(exchange.header("content-type"), "application/json");
  EXPECT_FALSE(exchange.header(is_openai() ? "x-request-id" : "request-id").empty());
  json::Document d;
  auto root = d.parse(exchange.body, 64);
  ASSERT_TRUE(root) << exchange.body;
  auto text = is_openai() ? (*(*root)["choices"].begin())["message"]["content"]
                          : (*(*root)["content"].begin())["text"];
  EXPECT_EQ(text.string(), "hello there, you");
  EXPECT_EQ((*root)["model"].string(), "sim-x");
  EXPECT_EQ((*root)["usage"][is_openai() ? "completion_tokens" : "output_tokens"].integer(), 3);
}

TEST_P(BothClouds, StreamsAllAtOnce) {
  Site site(vendor());
  FakeExchange exchange("POST", vendor().chat_path(), std::string(kHello) + R"(,"stream":true})");
  site.send(exchange);
  EXPECT_EQ(exchange.status, 200) << exchange.body;
  EXPECT_TRUE(exchange.finished);
  EXPECT_EQ(exchange.writes.size(), 1u);
  if (is_openai()) {
    EXPECT_TRUE(exchange.body.ends_with("data: [DONE]\n\n")) << exchange.body;
  } else {
    size_t ping = exchange.body.find("event: ping");
    EXPECT_LT(exchange.body.find("event: message_start"), ping);
    EXPECT_LT(ping, exchange.body.find("event: content_block_start"));
    EXPECT_TRUE(exchange.body.find("event: message_stop") != std::string::npos) << exchange.body;
  }
}

TEST_P(BothClouds, StreamsAtItsPace) {
  CloudOptions options;
  options.ttft = milliseconds(30);
  options.tokens_per_second = 20;
  Site site(vendor(), options);
  FakeExchange exchange("POST", vendor().chat_path(), std::string(kHello) + R"(,"stream":true})");
  Time begun = Clock::now();
  site.send(exchange);
  EXPECT_GE(Clock::now() - begun, milliseconds(120));
  EXPECT_EQ(exchange.writes.size(), 3u);
}

TEST_P(BothClouds, FailsAsAsked) {
  Site site(vendor());
  for (int status : {400, 401, 403, 404, 429, 500, 503, 529}) {
    FakeExchange exchange("POST", vendor().chat_path(), ask(fmt::format("fail {}", status)));
    site.send(exchange);
    EXPECT_EQ(exchange.status, status);
    EXPECT_EQ(exchange.header("retry-after"), status == 429 || status == 503 ? "1" : "");
    json::Document d;
    auto root = d.parse(exchange.body, 64);
    ASSERT_TRUE(root);
    EXPECT_FALSE((*root)["error"]["message"].string().empty());
    EXPECT_FALSE((*root)["error"]["type"].string().empty());
  }
  FakeExchange page("POST", vendor().chat_path(), ask("fail html"));
  site.send(page);
  EXPECT_EQ(page.header("content-type"), "text/html");
  FakeExchange garbage("POST", vendor().chat_path(), ask("fail garbage"));
  site.send(garbage);
  json::Document d;
  EXPECT_FALSE(d.parse(garbage.body, 64));
}

TEST_P(BothClouds, BreaksOffStreams) {
  Site site(vendor());
  std::string_view whole = is_openai() ? "[DONE]" : "message_stop";
  FakeExchange cut("POST", vendor().chat_path(), ask("fail cut", R"(,"stream":true)"));
  site.send(cut);
  EXPECT_TRUE(cut.aborted && !cut.finished && cut.body.size() > 100);
  FakeExchange error("POST", vendor().chat_path(), ask("fail stream", R"(,"stream":true)"));
  site.send(error);
  EXPECT_TRUE(error.finished);
  EXPECT_NE(error.body.find(is_openai() ? "data: {\"error\":" : "event: error\n"), std::string::npos)
      << error.body;
  EXPECT_EQ(error.body.find(whole), std::string::npos);
  FakeExchange half("POST", vendor().chat_path(), ask("fail cut"));
  site.send(half);
  EXPECT_TRUE(half.aborted && !half.finished && !half.body.empty());
  FakeExchange reset("POST", vendor().chat_path(), ask("fail reset"));
  site.send(reset);
  EXPECT_TRUE(reset.aborted && reset.body.empty());
}

TEST_P(BothClouds, StallsUntilTheClientLeaves) {
  Site site(vendor());
  FakeExchange exchange("POST", vendor().chat_path(), ask("fail stall", R"(,"stream":true)"));
  exchange.with("anthropic-version", "2023-06-01");
  net::Reactor reactor;
  bool over = false;
  auto stall = [](Cloud& cloud, FakeExchange& e, bool& done) -> net::Task<void> {
    co_await cloud.handle(e);
    done = true;
  };
  auto leave = [](FakeExchange& e, bool& done) -> net::Task<void> {
    net::Bounds soon{net::Reactor::current().now() + milliseconds(50), nullptr};
    (void)co_await net::sleep(soon);
    EXPECT_FALSE(done);
    e.client.fire();
    net::Reactor::current().stop();
  };
  reactor.spawn(stall(site.cloud, exchange, over));
  reactor.spawn(leave(exchange, over));
  reactor.run();
  EXPECT_TRUE(over && exchange.aborted && !exchange.finished);
}

TEST_P(BothClouds, FailsByChanceTheSameWayEachTime) {
  CloudOptions options;
  options.fail_rate = 0.3;
  options.fail = {Fault::Kind::status, 503};
  options.seed = 5;
  std::string seen[2];
  for (auto& outcome : seen) {
    Site site(vendor(), options);
    for (int i = 0; i < 40; ++i) {
      FakeExchange exchange("POST", vendor().chat_path(), ask("hello"));
      outcome += site.send(exchange).status == 503 ? 'x' : '.';
    }
  }
  EXPECT_EQ(seen[0], seen[1]);
  auto failed = std::count(seen[0].begin(), seen[0].end(), 'x');
  EXPECT_GT(failed, 4);
  EXPECT_LT(failed, 24);
}

TEST_P(BothClouds, ChecksTheKey) {
  CloudOptions options;
  options.key = "sk-good";
  Site site(vendor(), options);
  FakeExchange none("POST", vendor().chat_path(), ask("hi"));
  EXPECT_EQ(site.send(none).status, 401);
  FakeExchange wrong("POST", vendor().chat_path(), ask("hi"));
  wrong.with("authorization", "Bearer sk-wrong-key-here");
  EXPECT_EQ(site.send(wrong).status, 401);
  EXPECT_EQ(wrong.body.find("sk-wrong-key-here"), std::string::npos);
  FakeExchange bearer("POST", vendor().chat_path(), ask("hi"));
  bearer.with("authorization", "Bearer sk-good");
  EXPECT_EQ(site.send(bearer).status, 200);
  FakeExchange plain("POST", vendor().chat_path(), ask("hi"));
  plain.with("x-api-key", "sk-good");
  EXPECT_EQ(site.send(plain).status, is_openai() ? 401 : 200);
}

TEST_P(BothClouds, ListsItsModels) {
  Site site(vendor());
  FakeExchange list("GET", "/v1/models");
  site.send(list);
  json::Document d;
  auto root = d.parse(list.body, 64);
  ASSERT_TRUE(root);
  EXPECT_EQ((*(*root)["data"].begin())["id"].string(), is_openai() ? "sim-gpt" : "sim-claude");
  FakeExchange one("GET", "/v1/models/sim-mine?beta=true");
  EXPECT_EQ(site.send(one).status, 200);
  FakeExchange other("GET", "/v1/models/gpt-5");
  EXPECT_EQ(site.send(other).status, 404);
  FakeExchange unknown("POST", vendor().chat_path(),
                       R"({"model":"gpt-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(site.send(unknown).status, 404);
  FakeExchange method("PUT", "/v1/models");
  EXPECT_EQ(site.send(method).status, 405);
  FakeExchange path("GET", "/nowhere");
  EXPECT_EQ(site.send(path).status, 404);
}

TEST_P(BothClouds, CountsCachedTokens) {
  Site site(vendor());
  std::string words;
  for (int i = 0; i < 1200; ++i) words += "salt ";
  FakeExchange first("POST", vendor().chat_path(), ask(words)),
      second("POST", vendor().chat_path(), ask(words));
  site.send(first), site.send(second);
  json::Document d;
  auto usage = (*d.parse(second.body, 64))["usage"];
  auto cached =
      is_openai() ? usage["prompt_tokens_details"]["cached_tokens"] : usage["cache_read_input_tokens"];
  EXPECT_GE(cached.integer().value_or(0), 1024) << second.body;
}

TEST(AnthropicCloud, CountsTokens) {
  Site site(anthropic());
  FakeExchange exchange("POST", "/v1/messages/count_tokens?beta=true",
                        R"({"model":"sim-x","messages":[{"role":"user","content":"one two"}]})");
  EXPECT_EQ(site.send(exchange).status, 200) << exchange.body;
  EXPECT_TRUE(exchange.body.starts_with(R"({"input_tokens":)")) << exchange.body;
}

TEST(AnthropicCloud, WantsAVersion) {
  Cloud cloud(anthropic(), {});
  FakeExchange exchange("POST", "/v1/messages", ask("hi"));
  run(cloud, exchange);
  EXPECT_EQ(exchange.status, 400);
  EXPECT_NE(exchange.body.find("anthropic-version: header is required"), std::string::npos);
}

// A conversation with the Responses cloud: the status and the body of its answer.
std::pair<int, std::string> respond(std::string_view body) {
  Cloud cloud(openai_responses(), {});
  FakeExchange exchange("POST", "/v1/responses", body);
  run(cloud, exchange);
  return {exchange.status, exchange.body};
}

TEST(ResponsesCloud, AnswersInItsLanguageAndRepeatsWhatWasAsked) {
  auto [status, body] = respond(R"({"model":"sim-x","input":"echo hello","instructions":"be brief"})");
  EXPECT_EQ(status, 200) << body;
  json::Document d;
  auto root = d.parse(body, 64);
  ASSERT_TRUE(root) << body;
  json::Value item = *(*root)["output"].begin();
  EXPECT_EQ((*item["content"].begin())["text"].string(), "hello");
  EXPECT_EQ((*root)["instructions"].string(), "be brief");
  EXPECT_EQ((*root)["status"].string(), "completed");
}

TEST(ResponsesCloud, TakesWhatCodexAdds) {
  auto [status, body] = respond(R"({"model":"sim-x","input":"hi","client_metadata":{"session":"1"}})");
  EXPECT_EQ(status, 200) << body;
}

TEST(ResponsesCloud, RefusesInOpenAisWords) {
  struct Wrong {
    std::string_view more, param, code;
  };
  constexpr std::string_view kOutput =
      R"("input":[{"type":"function_call_output","call_id":"1","output":""}])";
  for (auto [more, param, code] : {
           Wrong{R"("input":"x","previous_response_id":"resp_1")", "previous_response_id",
                 "previous_response_not_found"},
           Wrong{R"("input":"x","messages":[])", "messages", "unknown_parameter"},
           Wrong{R"("input":"x","max_output_tokens":15)", "max_output_tokens", "integer_below_min_value"},
           Wrong{R"("input":[{"role":"user","content":[{"type":"text","text":"a"}]}])", "input[0].content[0]",
                 "invalid_value"},
           Wrong{R"("input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"}])",
                 "input", "invalid_encrypted_content"},
           Wrong{kOutput, "input", ""},
       }) {
    auto [status, body] = respond(fmt::format(R"({{"model":"sim-x",{}}})", more));
    EXPECT_EQ(status, 400) << more << body;
    json::Document d;
    auto root = d.parse(body, 64);
    ASSERT_TRUE(root) << body;
    EXPECT_EQ((*root)["error"]["param"].string(), param) << body;
    EXPECT_EQ((*root)["error"]["code"].string(), code) << body;
  }
}

}  // namespace
}  // namespace hanse::sim
