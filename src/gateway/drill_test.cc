#include "gateway/drill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hanse::gateway {
namespace {

std::vector<catalog::Provider> providers() {
  std::vector<catalog::Provider> out(2);
  out[0].name = "first";
  out[0].region = "eu-central-1";
  out[0].row.name = "bedrock";
  out[0].row.cloud = "aws";
  out[1].name = "second";
  out[1].row.name = "openai";
  return out;
}

TEST(Drill, AnOrderIsRead) {
  const auto known = providers();
  const Time now{};
  auto order = read_drill_order(R"({"lose":["aws"],"for_ms":2000,"how":"cut","share":0.5})", known, now);
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_TRUE((*order)->means(known[0]));
  EXPECT_FALSE((*order)->means(known[1]));
  EXPECT_TRUE((*order)->is_on(now + milliseconds(1999)));
  EXPECT_FALSE((*order)->is_on(now + milliseconds(2000)));
  EXPECT_EQ((*order)->how, DrillOrder::How::cut);
}

TEST(Drill, AProviderIsMeantByItsNameKindRegionOrCloud) {
  const auto known = providers();
  for (std::string_view name : {"first", "bedrock", "eu-central-1", "aws"}) {
    auto order = read_drill_order(R"({"for_ms":1,"lose":[")" + std::string(name) + "\"]}", known, Time{});
    ASSERT_TRUE(order) << name;
    EXPECT_TRUE((*order)->means(known[0]) && !(*order)->means(known[1])) << name;
  }
  auto mars = read_drill_order(R"({"for_ms":1,"lose":["mars"]})", known, Time{});
  EXPECT_THAT(mars.error().message, testing::HasSubstr("first, bedrock, aws, eu-central-1, second, openai"));
}

TEST(Drill, AShareOfTheAttemptsIsHit) {
  const auto known = providers();
  auto order = *read_drill_order(R"({"lose":["first"],"for_ms":1000,"share":0.25})", known, Time{});
  Random random(7);
  int hit = 0;
  for (int i = 0; i < 10'000; ++i) hit += order->hits(known[0], Time{}, random).has_value();
  EXPECT_NEAR(hit, 2'500, 200);
  EXPECT_FALSE(order->hits(known[1], Time{}, random));
  order->ended = true;
  EXPECT_FALSE(order->hits(known[0], Time{}, random));
}

TEST(Drill, TheReportCountsWhatCameBetween) {
  auto order = *read_drill_order(R"({"lose":["first"],"for_ms":1000})", providers(), Time{});
  observe::Metrics before, after;
  for (observe::Metrics* each : {&before, &after}) {
    for (int i = 0; i < 10; ++i) each->answered("openai-chat", 200);
    each->failed(Code::unreachable);
    each->offer("openai-chat", "first", "m").first_token.add(0.03);
  }
  for (int i = 0; i < 400; ++i) after.answered("openai-chat", 200);
  after.failed(Code::unreachable);
  after.failed(Code::bad_request);  // the client's own
  after.drilled = 7;
  before.spend = 10 * uint64_t{1'000'000'000};  // a tenth of a cent each
  after.spend = before.spend + 400 * uint64_t{1'500'000'000};
  after.offer("openai-chat", "second", "m").first_token.add(1);
  EXPECT_EQ(drill_report(*order, before, after, {"b/m", 12}, milliseconds(1003)),
            R"({"lose":["first"],"how":"refuse","share":1,"took_ms":1003,"requests":400,"failed":1,)"
            R"("answered_percent":99.750,"attempts_hit":7,"carried_on":0,"carried_on_whole":0,)"
            R"("first_token_ms":{"before":{"p50":40,"p99":40},"within":{"p50":1280,"p99":1280}},)"
            R"("cost_usd":0.600000,"added_cost_usd":0.200000,"least_headroom":{"offer":"b/m","percent":12},)"
            R"("slo_percent":99.9,"slo_kept":false})");
}

TEST(Drill, BeginsInItsMinuteOnItsDays) {
  const catalog::Drill drill = [] {
    catalog::Drill out;
    out.at = {"10:00", "22:30"};
    out.days = {"tue", "thu"};
    return out;
  }();
  constexpr int64_t kTuesday = (20'781 * 24 + 10) * 60;  // 2026-11-24 10:00 UTC
  EXPECT_TRUE(begins_at(drill, kTuesday));
  EXPECT_FALSE(begins_at(drill, kTuesday + 1));
  EXPECT_TRUE(begins_at(drill, kTuesday + 12 * 60 + 30));
  EXPECT_FALSE(begins_at(drill, kTuesday + 24 * 60)) << "a Wednesday";
  EXPECT_TRUE(begins_at(drill, kTuesday + 48 * 60));
  EXPECT_FALSE(catalog::minute_of_day("24:00"));
  EXPECT_FALSE(catalog::minute_of_day("1:00"));
  EXPECT_EQ(catalog::minute_of_day("00:00"), 0);
}

}  // namespace
}  // namespace hanse::gateway
