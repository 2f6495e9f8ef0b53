// The config's [concentration] rules in the gateway: whether an offer has had its share, and what each
// attempt adds to it.
#pragma once

#include "gateway/call_state.h"
#include "route/order.h"

namespace hanse::gateway {

route::Share share_of(const CallState& call, const catalog::Offer& offer, Time now);

// One attempt's part of all shares; taken back when nothing comes of it.
class SharePart {
 public:
  SharePart(const CallState& call, const catalog::Offer& offer, Time now);
  ~SharePart();
  SharePart(const SharePart&) = delete;
  void keep() { kept_ = true; }

 private:
  void add(int sign) const;
  const CallState& call_;
  const catalog::Offer& offer_;
  Time now_;
  bool kept_ = false;
};

// For GET /status, behind other members, and for /metrics: how much of each share is taken.
std::string shares_json(const View& view, Time now);
std::string shares_metrics(const View& view, Time now);

}  // namespace hanse::gateway
