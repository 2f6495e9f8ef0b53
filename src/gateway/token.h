// Short-lived tokens of the providers that want them: fetched when first needed, renewed before they end,
// once for the whole process however many requests on however many cores want one.
//
//   access.token = std::make_shared<CoreToken>(store.of(provider.credential));     // a core
//   auto held = access.token->at_hand(now);                                        // a look, no lock
//   if (!held) CO_TRY(held, co_await access.token->get(bounds));                   // waits for the fetch
//   head += held->header.reveal();
//
// A token that is due is renewed beside the requests, which go on with the old one while it lasts. A fetch
// that fails is not tried again for a second; who needs a token then fails at once, with its reason.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "cloud/auth/granter.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace hanse::gateway {

struct HeldToken;
using Held = std::shared_ptr<const HeldToken>;

// A grant in force. Immutable but for `refused`; requests keep the one they began with.
struct HeldToken {
  cloud::Grant grant;
  Secret header;  // "authorization: Bearer ...\r\n"; empty where the grant signs
  Time fetched_at, renew_at, ends_at;
  mutable std::atomic<bool> refused{false};  // by a provider: no core uses it again

  // Renewed at half of its life, or five minutes before the end; not used in its last seconds.
  static Held of(cloud::Grant grant, Time now);
};

// One credential and its token, for all cores.
class SharedToken {
 public:
  explicit SharedToken(std::shared_ptr<const catalog::Credential> credential)
      : credential_(std::move(credential)) {}

  // Somebody who waits for a fetch. Written under the lock before its core is told; read by its core then.
  struct Waiter {
    net::Reactor* reactor = nullptr;
    net::Wait wait;
    Held held;
    std::optional<Error> failure;
    bool done = false;
  };
  struct Look {
    Held held;                // good for now
    bool must_fetch = false;  // the caller does it, for all
    std::shared_ptr<Waiter> waiter;
    std::optional<Error> failure;
  };
  Look look(Time now);
  void leave(const std::shared_ptr<Waiter>& waiter);
  void finish(Result<cloud::Grant> grant, Time now);
  // A provider would not have it.
  void drop(const Held& held, Time now);

  const catalog::Credential& credential() const { return *credential_; }

 private:
  Error told(const Error& error);

  const std::shared_ptr<const catalog::Credential> credential_;
  std::mutex mutex_;  // of all below; taken when a core's own copy is due, not by each request
  Held held_;
  bool fetching_ = false;
  Time retry_at_{};
  Error failure_;
  std::string said_;  // the last failure that was logged
  std::vector<std::shared_ptr<Waiter>> waiters_;
};

// Of a process: equal credentials of several providers, and of a config that was read again, share a token.
class TokenStore {
 public:
  std::shared_ptr<SharedToken> of(const std::shared_ptr<const catalog::Credential>& credential);

 private:
  std::mutex mutex_;  // taken when a config is read
  std::vector<std::weak_ptr<SharedToken>> known_;
};

// One core's copy.
class CoreToken : public std::enable_shared_from_this<CoreToken> {
 public:
  explicit CoreToken(std::shared_ptr<SharedToken> shared) : shared_(std::move(shared)) {}

  // nullptr: get() it.
  Held at_hand(Time now) const {
    const bool good = held_ && now < look_at_ && !held_->refused.load(std::memory_order_relaxed);
    return good ? held_ : nullptr;
  }
  // Errors are the provider's: unreachable, timed_out, provider_failed, malformed_reply, cancelled.
  net::Task<Result<Held>> get(net::Bounds bounds);
  // The provider answered 401: the next request has another token.
  void refused(const Held& held);

 private:
  net::Task<Result<Held>> wait_for(std::shared_ptr<SharedToken::Waiter> waiter, net::Bounds bounds);
  void keep(const Held& held, Time now);
  static net::Task<void> fetch(std::shared_ptr<CoreToken> self, net::Cancel* cancel);
  net::Task<Result<cloud::Grant>> fetch_grant(net::Bounds bounds);
  net::Task<Result<std::string>> send(const cloud::WebRequest& request, int& status, net::Bounds bounds);

  std::shared_ptr<SharedToken> shared_;
  std::shared_ptr<net::TlsClientContext> tls_;  // the system's roots, once they are needed
  Held held_;
  Time look_at_{};  // until then `held_` is good without another look
};

}  // namespace hanse::gateway
