#include "gateway/drill_rehearsal.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "catalog/catalog.h"

namespace hanse::gateway {
namespace {

std::shared_ptr<const catalog::Snapshot> two_clouds() {
  const auto rows = catalog::Catalog::load();
  EXPECT_TRUE(rows);
  const auto config = catalog::parse_config(R"(
[provider.here]
kind = "openai-compatible"
url = "http://127.0.0.1:1/v1"
[provider.there]
kind = "openai-compatible"
url = "http://127.0.0.1:2/v1"
concurrency = 50
[model.fast]
offers = ["here/m", "there/m"]
)",
                                            "test", *rows);
  EXPECT_TRUE(config) << config.error().message;
  return catalog::Snapshot::build(*config);
}

TEST(RecordedLoad, IsWhatTheAccessLogSays) {
  const std::string began = R"({"time":"2026-11-23T10:00:0)";
  std::string log = began + R"(5.500Z","model":"fast","offer":"here/m","stream":true,"input_tokens":100,)" +
                    R"("output_tokens":40,"ttft_us":500000,"duration_us":1500000})" + "\n";
  log += began + R"(4.000Z","model":"fast","input_tokens":7,"output_tokens":2,"duration_us":1000000})" + "\n";
  log += began + R"(4.000Z","model":"other","input_tokens":7,"output_tokens":2})" + "\n";
  log += began + R"(4.000Z","path":"/metrics"})" + "\nnot a line of it\n";
  const auto load = recorded_load(log, "fast");
  ASSERT_TRUE(load) << load.error().message;
  ASSERT_EQ(load->requests.size(), 2u);
  EXPECT_EQ(load->lines_skipped, 3u);
  EXPECT_EQ(load->requests[0].input_tokens, 7) << "it came a second before it ended";
  EXPECT_EQ(load->requests[1].at, milliseconds(1'000));
  const RecordedLoad::Seen& seen = load->offers.at("here/m");
  EXPECT_EQ(seen.streams, 1u);
  EXPECT_DOUBLE_EQ(seen.first_token_s, 0.5);
  EXPECT_DOUBLE_EQ(seen.tokens / seen.speaking_s, 40);
  EXPECT_FALSE(recorded_load("{}\n", "fast"));
}

TEST(RehearsedDrill, TellsWhatWouldBecomeOfIt) {
  RecordedLoad load;
  load.requests = route::played_load(milliseconds(600'000), 5, 3);
  const auto snapshot = two_clouds();
  const auto order = read_drill_order(R"({"lose":["here"],"for_ms":120000})", snapshot->providers, Time());
  ASSERT_TRUE(order);
  const auto report = rehearse_drill(*snapshot, "fast", **order, milliseconds(200'000), load);
  ASSERT_TRUE(report) << report.error().message;
  json::Document document;
  const auto root = document.parse(*report, 16);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["requests"].integer(), static_cast<int64_t>(load.requests.size()));
  EXPECT_EQ((*root)["failed"].integer(), 0);
  EXPECT_EQ((*root)["slo_kept"].boolean(), true);
  EXPECT_FALSE((*root)["cost_usd"].present()) << "nobody knows their prices";
  std::vector<json::Value> offers;
  for (json::Value offer : (*root)["offers"]) offers.push_back(offer);
  ASSERT_EQ(offers.size(), 2u);
  EXPECT_EQ(offers[0]["lost"].boolean(), true);
  EXPECT_EQ(offers[1]["answers_without"].integer(), 0) << "the first of the list answers all";
  EXPECT_NEAR(static_cast<double>(*offers[1]["answers"].integer()), 600, 150);
  EXPECT_GT(*offers[1]["headroom"].integer(), 0);
}

TEST(RehearsedDrill, OverCapacityItSaysWhatHadNoRoom) {
  RecordedLoad load;
  load.requests = route::played_load(milliseconds(300'000), 40, 3);
  const auto snapshot = two_clouds();
  const auto order = read_drill_order(R"({"lose":["here"],"for_ms":60000})", snapshot->providers, Time());
  ASSERT_TRUE(order);
  const auto report = rehearse_drill(*snapshot, "fast", **order, milliseconds(100'000), load);
  ASSERT_TRUE(report);
  json::Document document;
  const json::Value root = *document.parse(*report, 16);
  EXPECT_GT(*root["shed"].integer(), 500);
  EXPECT_EQ(root["slo_kept"].boolean(), false);
}

}  // namespace
}  // namespace hanse::gateway
