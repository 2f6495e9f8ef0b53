#include "gateway/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace hanse::gateway {
namespace {

using std::chrono::seconds;

constexpr seconds kPauseAfterFailure{1};
constexpr milliseconds kLookPause{50};  // while a token is due and somebody renews it

}  // namespace

Held HeldToken::of(cloud::Grant grant, Time now) {
  constexpr seconds kEarlyMax{300}, kLastMax{10};
  constexpr int64_t kLifeMax = 30 * 86'400;
  const seconds life{std::min(grant.life_s, kLifeMax)};
  auto out = std::make_shared<HeldToken>();
  out->fetched_at = now;
  out->renew_at = now + life - std::min<Duration>(kEarlyMax, Duration(life) / 2);
  out->ends_at = now + life - std::min<Duration>(kLastMax, Duration(life) / 10);
  if (!grant.token.empty())
    out->header = Secret(fmt::format("authorization: Bearer {}\r\n", grant.token.reveal()));
  if (!grant.user_project.empty())
    out->header =
        Secret(fmt::format("{}x-goog-user-project: {}\r\n", out->header.reveal(), grant.user_project));
  out->grant = std::move(grant);
  return out;
}

SharedToken::Look SharedToken::look(Time now) {
  std::lock_guard lock(mutex_);
  Look out;
  if (held_ && now < held_->ends_at) out.held = held_;
  const bool due = !held_ || now >= held_->renew_at;
  if (due && !fetching_ && now >= retry_at_) fetching_ = out.must_fetch = true;
  if (out.held) return out;
  if (!fetching_) {
    out.failure = failure_;
    return out;
  }
  out.waiter = std::make_shared<Waiter>();
  out.waiter->reactor = &net::Reactor::current();
  waiters_.push_back(out.waiter);
  return out;
}

// A waiter that is gone from the list is never told: its core may have ended.
void SharedToken::leave(const std::shared_ptr<Waiter>& waiter) {
  std::lock_guard lock(mutex_);
  std::erase(waiters_, waiter);
}

void SharedToken::finish(Result<cloud::Grant> grant, Time now) {
  std::lock_guard lock(mutex_);
  fetching_ = false;
  if (grant) {
    held_ = HeldToken::of(std::move(*grant), now);
    said_.clear();
  } else {
    failure_ = told(grant.error());
    retry_at_ = now + kPauseAfterFailure;
  }
  for (const auto& waiter : waiters_) {
    if (grant)
      waiter->held = held_;
    else
      waiter->failure = failure_;
    waiter->done = true;
    waiter->reactor->post([waiter] { waiter->wait.wake(net::Wake::ready); });
  }
  waiters_.clear();
}

// For the client: without the names of files, which are for the log.
Error SharedToken::told(const Error& error) {
  const bool known = error.code == Code::unreachable || error.code == Code::timed_out ||
                     error.code == Code::malformed_reply || error.code == Code::cancelled;
  Error out(known ? error.code : Code::provider_failed, "no token for the provider: " + error.message);
  if (said_ != error.message && error.code != Code::cancelled)
    std::fprintf(stderr, "hanse: no token of %s: %s\n", credential_->source.c_str(), error.message.c_str());
  said_ = error.message;
  return out;
}

void SharedToken::drop(const Held& held, Time now) {
  held->refused.store(true, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  if (held_ != held) return;  // there is a newer one
  held_ = nullptr;
  if (now >= held->fetched_at + kPauseAfterFailure) return;
  retry_at_ = held->fetched_at + kPauseAfterFailure;
  failure_ = Error(Code::provider_failed, "the provider refused the token that it was given");
}

std::shared_ptr<SharedToken> TokenStore::of(const std::shared_ptr<const catalog::Credential>& credential) {
  std::lock_guard lock(mutex_);
  std::erase_if(known_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : known_)
    if (auto shared = weak.lock(); shared && shared->credential().identity == credential->identity)
      return shared;
  auto fresh = std::make_shared<SharedToken>(credential);
  known_.push_back(fresh);
  return fresh;
}

void CoreToken::keep(const Held& held, Time now) {
  held_ = held;
  look_at_ = std::min(std::max(held->renew_at, now + kLookPause), held->ends_at);
}

net::Task<Result<Held>> CoreToken::get(net::Bounds bounds) {
  const Time now = net::Reactor::current().now();
  SharedToken::Look look = shared_->look(now);
  if (look.must_fetch) {  // outlives who asked; where nobody has to wait for it, it is no reason to go on
    net::Reactor& reactor = net::Reactor::current();
    reactor.spawn(fetch(shared_from_this(), look.held ? &reactor.stopping() : nullptr));
  }
  if (look.failure) co_return fail(std::move(*look.failure));
  if (look.held) {
    keep(look.held, now);
    co_return look.held;
  }
  auto waited = co_await wait_for(look.waiter, bounds);
  co_return waited;
}

net::Task<Result<Held>> CoreToken::wait_for(std::shared_ptr<SharedToken::Waiter> waiter, net::Bounds bounds) {
  const net::Wake why = co_await net::suspend(waiter->wait, bounds);
  shared_->leave(waiter);
  if (why == net::Wake::cancelled) co_return fail(Code::cancelled, "the client left");
  if (!waiter->done) co_return fail(Code::timed_out, "no token for the provider came in time");
  if (waiter->failure) co_return fail(std::move(*waiter->failure));
  keep(waiter->held, net::Reactor::current().now());
  co_return waiter->held;
}

void CoreToken::refused(const Held& held) {
  shared_->drop(held, net::Reactor::current().now());
  if (held_ == held) held_ = nullptr;
}

}  // namespace hanse::gateway
