#include "route/retry.h"

#include <gtest/gtest.h>

namespace hanse::route {
namespace {

Error of_status(int status, std::string message = "said the provider") {
  Error error(code_of_status(status), std::move(message));
  error.status = status;
  return error;
}

TEST(Cause, OfStatus) {
  for (auto [status, cause] :
       {std::pair(400, Cause::request), std::pair(401, Cause::credential), std::pair(402, Cause::credential),
        std::pair(403, Cause::credential), std::pair(404, Cause::missing), std::pair(408, Cause::transient),
        std::pair(409, Cause::transient), std::pair(413, Cause::request), std::pair(415, Cause::request),
        std::pair(422, Cause::request), std::pair(429, Cause::limited), std::pair(500, Cause::transient),
        std::pair(502, Cause::transient), std::pair(503, Cause::transient), std::pair(504, Cause::transient),
        std::pair(529, Cause::transient)})
    EXPECT_EQ(cause_of(of_status(status)), cause) << status;
}

TEST(Cause, OfCode) {
  for (auto [code, cause] :
       {std::pair(Code::unreachable, Cause::transient), std::pair(Code::timed_out, Cause::silent),
        std::pair(Code::malformed_reply, Cause::transient), std::pair(Code::overloaded, Cause::transient),
        std::pair(Code::provider_failed, Cause::transient), std::pair(Code::unsupported, Cause::unable),
        std::pair(Code::bad_request, Cause::request), std::pair(Code::cancelled, Cause::cancelled),
        std::pair(Code::internal, Cause::request), std::pair(Code::too_large, Cause::request)})
    EXPECT_EQ(cause_of(Error(code, "")), cause) << facts(code).name;
}

TEST(Cause, TooManyTokensInEachVendorsWords) {
  Error with_code = of_status(400);
  with_code.provider_type = "context_length_exceeded";
  EXPECT_EQ(cause_of(with_code), Cause::too_long);
  for (const char* words :
       {"prompt is too long: 215000 tokens > 200000 maximum",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "Input is too long for requested model.",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9631 "
        "tokens."})
    EXPECT_EQ(cause_of(of_status(400, words)), Cause::too_long) << words;
  EXPECT_EQ(cause_of(of_status(429, "too many tokens a minute")), Cause::limited);
}

struct Case {
  Error error;
  Tried tried;
  Step::Kind kind;
};

TEST(AfterFailure, TheTable) {
  using enum Step::Kind;
  const catalog::Retry rules;
  const Case cases[] = {
      {of_status(500), {1, 1, true}, again},
      {of_status(500), {2, 2, true}, next},
      {of_status(500), {2, 2, false}, give_up},
      {of_status(500), {1, 3, false}, again},
      {of_status(500), {1, 1, false, true}, give_up},
      {of_status(503), {1, 6, true}, next},
      {of_status(429), {1, 1, true}, again},
      {of_status(429), {2, 2, true}, next},
      {of_status(401), {1, 1, true}, next},
      {of_status(404), {1, 1, false}, give_up},
      {of_status(400), {1, 1, true}, give_up},
      {of_status(400, "prompt is too long"), {1, 1, true}, next},
      {Error(Code::unreachable, ""), {1, 1, true}, again},
      {Error(Code::timed_out, ""), {1, 1, true}, next},
      {Error(Code::timed_out, ""), {1, 1, false}, give_up},
      {Error(Code::cancelled, ""), {1, 1, true}, give_up},
  };
  for (const Case& each : cases)
    EXPECT_EQ(after_failure(each.error, each.tried, rules, 0.5).kind, each.kind)
        << each.error.status << " " << facts(each.error.code).name << " here " << each.tried.here;
}

TEST(AfterFailure, AShortRetryAfterIsWaitedOutAndALongOneIsNot) {
  const catalog::Retry rules;
  Error error = of_status(429);
  error.retry_after = milliseconds(2000);
  Step step = after_failure(error, {1, 1, true}, rules, 0.0);
  EXPECT_EQ(step.kind, Step::Kind::again);
  EXPECT_EQ(step.pause, milliseconds(2000));
  EXPECT_GT(after_failure(error, {1, 1, true}, rules, 0.9).pause, milliseconds(2000));
  error.retry_after = rules.patience + milliseconds(1);
  EXPECT_EQ(after_failure(error, {1, 1, true}, rules, 0.0).kind, Step::Kind::next);
}

TEST(AfterFailure, PausesGrowAndAreSpread) {
  catalog::Retry rules;
  rules.again = 3;
  auto pause = [&](size_t here, double chance) {
    return after_failure(of_status(500), {here, here, true}, rules, chance).pause;
  };
  EXPECT_EQ(pause(1, 0.0), rules.pause / 2);
  EXPECT_EQ(pause(1, 0.5), rules.pause);
  EXPECT_EQ(pause(2, 0.5), rules.pause * 2);
  EXPECT_EQ(pause(3, 0.5), rules.pause * 4);
}

TEST(RetryBudget, IsAShareOfTheRequests) {
  catalog::Retry rules;
  rules.share = 20;
  RetryBudget budget;
  while (budget.take()) continue;
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.request(rules);
    taken += budget.take();
  }
  EXPECT_GE(taken, 199);
  EXPECT_LE(taken, 200);
}

TEST(SpendBudget, HoldsOverAnyHour) {
  constexpr int64_t kCent = 10'000'000'000;  // picodollars
  constexpr int64_t kDollar = 1'000'000;     // millionths
  SpendBudget budget;
  const Time begin(std::chrono::hours(5));
  int64_t spent = 0;
  for (int minute = 0; minute < 600; ++minute)
    for (int i = 0; i < 10; ++i)
      if (budget.take(kCent, kDollar, begin + std::chrono::minutes(minute))) spent += 1;
  EXPECT_NEAR(static_cast<double>(spent), 100 + 10 * 100, 5) << "what was saved up, and ten hours of it";
}

TEST(SpendBudget, WithoutOneOrAPriceAnythingGoes) {
  SpendBudget budget;
  const Time now(std::chrono::hours(5));
  EXPECT_TRUE(budget.take(INT64_MAX, {}, now));
  EXPECT_TRUE(budget.take(0, 0, now));
  EXPECT_FALSE(budget.take(1, 0, now));
  EXPECT_FALSE(budget.take(INT64_MAX, 1, now));
}

}  // namespace
}  // namespace hanse::route
