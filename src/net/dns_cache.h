// What DNS said, until its TTL ends; failures for a second. Bounded. Pure: the time is passed in. Private to
// dns.cc.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "net/dns.h"

namespace hanse::net {

class DnsCache {
 public:
  using Answer = Result<std::vector<Address>>;
  static constexpr size_t kNamesMax = 1024;
  static constexpr std::chrono::seconds kTtlMin{1}, kTtlMax{3600}, kFailureTtl{1};

  const Answer* find(const std::string& host, Time now) {
    auto found = entries_.find(host);
    if (found == entries_.end()) return nullptr;
    if (found->second.until > now) return &found->second.answer;
    entries_.erase(found);
    return nullptr;
  }
  void keep(const std::string& host, Answer answer, std::chrono::seconds ttl, Time now) {
    if (entries_.size() >= kNamesMax && !entries_.contains(host)) make_room(now);
    Time until = now + (answer ? std::clamp(ttl, kTtlMin, kTtlMax) : kFailureTtl);
    entries_.insert_or_assign(host, Entry{std::move(answer), until});
  }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Answer answer;
    Time until;
  };
  // Out with all that has expired; with the one that would be next, when none has.
  void make_room(Time now) {
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.until <= now; });
    if (entries_.size() < kNamesMax) return;
    auto next = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return a.second.until < b.second.until;
    });
    entries_.erase(next);
  }
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace hanse::net
