// When a token is due, who fetches it, and what waiting requests are told; the time is passed in.
#include "gateway/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hanse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

cloud::Grant grant_of(std::string_view token, int64_t life_s) {
  cloud::Grant out;
  out.token = Secret(token);
  out.life_s = life_s;
  return out;
}

std::shared_ptr<const catalog::Credential> credential(std::string identity = "i") {
  auto out = std::make_shared<catalog::Credential>();
  out->of = catalog::GoogleMetadata{};
  out->source = "a test";
  out->identity = std::move(identity);
  return out;
}

const Time kStart{1000h};

TEST(Token, IsRenewedEarlyAndNotUsedInItsLastSeconds) {
  auto held = HeldToken::of(grant_of("t", 3600), kStart);
  EXPECT_EQ(held->renew_at, kStart + 3300s);
  EXPECT_EQ(held->ends_at, kStart + 3590s);
  EXPECT_EQ(held->header.reveal(), "authorization: Bearer t\r\n");
  held = HeldToken::of(grant_of("t", 100), kStart);
  EXPECT_EQ(held->renew_at, kStart + 50s);
  EXPECT_EQ(held->ends_at, kStart + 90s);
  held = HeldToken::of(grant_of("t", 1), kStart);
  EXPECT_LT(held->renew_at, held->ends_at);
  held = HeldToken::of(grant_of("t", INT64_MAX), kStart);
  EXPECT_LT(held->renew_at, held->ends_at);
}

TEST(Token, TheQuotaOfAnotherProjectIsNamed) {
  cloud::Grant grant = grant_of("t", 100);
  grant.user_project = "p";
  EXPECT_EQ(HeldToken::of(std::move(grant), kStart)->header.reveal(),
            "authorization: Bearer t\r\nx-goog-user-project: p\r\n");
}

TEST(Token, OneFetchesAndTheOthersWait) {
  net::Reactor reactor;
  SharedToken shared(credential());
  auto first = shared.look(kStart), second = shared.look(kStart);
  EXPECT_TRUE(first.must_fetch);
  EXPECT_FALSE(second.must_fetch);
  ASSERT_TRUE(first.waiter && second.waiter);
  auto gone = shared.look(kStart);
  shared.leave(gone.waiter);
  shared.finish(grant_of("t", 1000), kStart);
  EXPECT_EQ(first.waiter->held->grant.token.reveal(), "t");
  EXPECT_TRUE(second.waiter->done);
  EXPECT_FALSE(gone.waiter->done);
  auto later = shared.look(kStart + 1s);
  EXPECT_TRUE(later.held && !later.must_fetch && !later.waiter);
}

TEST(Token, ADueOneIsUsedWhileOneRenewsIt) {
  net::Reactor reactor;
  SharedToken shared(credential());
  (void)shared.look(kStart);
  shared.finish(grant_of("old", 1000), kStart);
  auto due = shared.look(kStart + 700s);
  EXPECT_TRUE(due.must_fetch && due.held);
  auto beside = shared.look(kStart + 701s);
  EXPECT_FALSE(beside.must_fetch);
  EXPECT_TRUE(beside.held);
  shared.finish(fail(Code::unreachable, "gone"), kStart + 702s);
  EXPECT_FALSE(shared.look(kStart + 702s).must_fetch) << "a pause of a second";
  auto again = shared.look(kStart + 703s);
  EXPECT_TRUE(again.must_fetch && again.held);
  auto ended = shared.look(kStart + 990s);
  EXPECT_TRUE(ended.waiter && !ended.held);
}

TEST(Token, AFailureIsToldAtOnceUntilItIsTriedAgain) {
  net::Reactor reactor;
  SharedToken shared(credential());
  auto waiting = shared.look(kStart);
  shared.finish(fail(Code::bad_request, "/a/file: gone"), kStart);
  ASSERT_TRUE(waiting.waiter->failure);
  EXPECT_EQ(waiting.waiter->failure->code, Code::provider_failed);
  EXPECT_TRUE(waiting.waiter->failure->retryable()) << "the next offer is tried";
  auto at_once = shared.look(kStart + 500ms);
  ASSERT_TRUE(at_once.failure);
  EXPECT_THAT(at_once.failure->message, HasSubstr("no token for the provider"));
  EXPECT_FALSE(at_once.must_fetch || at_once.waiter);
  EXPECT_TRUE(shared.look(kStart + 1s).must_fetch);
}

TEST(Token, ARefusedOneIsReplacedButNotWithoutPause) {
  net::Reactor reactor;
  SharedToken shared(credential());
  (void)shared.look(kStart);
  shared.finish(grant_of("t", 1000), kStart);
  const Held held = shared.look(kStart).held;
  EXPECT_FALSE(held->refused);
  shared.drop(held, kStart + 100ms);
  EXPECT_TRUE(held->refused) << "the copies of other cores see it";
  auto soon = shared.look(kStart + 200ms);
  EXPECT_TRUE(soon.failure && !soon.must_fetch);
  EXPECT_TRUE(shared.look(kStart + 1s).must_fetch);
  shared.finish(grant_of("u", 1000), kStart + 2s);
  shared.drop(held, kStart + 3s);
  EXPECT_EQ(shared.look(kStart + 3s).held->grant.token.reveal(), "u") << "the old one was refused, not this";
}

TEST(Token, EqualCredentialsShareOne) {
  net::Reactor reactor;
  TokenStore store;
  auto one = store.of(credential());
  EXPECT_EQ(store.of(credential()), one);
  EXPECT_NE(store.of(credential("other")), one);
  one.reset();
  EXPECT_TRUE(store.of(credential())->look(kStart).must_fetch) << "nobody used it any more";
}

}  // namespace
}  // namespace hanse::gateway
