// The last TLS session with each host, for resumption; bounded. One core's. Private to tls.cc.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <unordered_map>

#include "net/tls.h"

namespace hanse::net {

struct TlsSession::Sessions {
  static constexpr size_t kHostsMax = 256;

  Sessions() = default;
  Sessions(const Sessions&) = delete;
  ~Sessions() {
    for (auto& [host, entry] : entries_) SSL_SESSION_free(entry.session);
  }

  // Takes `session`.
  void keep(const std::string& host, SSL_SESSION* session) {
    auto found = entries_.find(host);
    if (found == entries_.end()) {
      if (entries_.size() >= kHostsMax) drop_oldest();
      found = entries_.emplace(host, Entry{}).first;
    }
    if (found->second.session) SSL_SESSION_free(found->second.session);
    found->second = {session, ++uses_};
  }
  // Stays ours.
  SSL_SESSION* find(const std::string& host) {
    auto found = entries_.find(host);
    if (found == entries_.end()) return nullptr;
    found->second.used = ++uses_;
    return SSL_SESSION_is_resumable(found->second.session) ? found->second.session : nullptr;
  }

 private:
  struct Entry {
    SSL_SESSION* session = nullptr;
    uint64_t used = 0;
  };
  void drop_oldest() {
    auto oldest = entries_.begin();
    for (auto it = entries_.begin(); it != entries_.end(); ++it)
      if (it->second.used < oldest->second.used) oldest = it;
    SSL_SESSION_free(oldest->second.session);
    entries_.erase(oldest);
  }
  std::unordered_map<std::string, Entry> entries_;
  uint64_t uses_ = 0;
};

}  // namespace hanse::net
