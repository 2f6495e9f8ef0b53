// What became of each offer of one request, in the order of events, for the answer's header x-hanse-explain:
//
//   [{"offer":"a/m","skipped":"takes no images"},{"offer":"b/m","left":"broken: transient","for_ms":700},
//    {"offer":"c/m","at_ms":0,"tried":"timed_out"},{"offer":"d/m","at_ms":1204,"expected_usd":0.0012,"tried":"ok"}]
//
// ASCII, at most kBytesMax; of more there is a last {"more":true}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "route/health.h"

namespace hanse::gateway {

class Explanation {
 public:
  static constexpr size_t kBytesMax = 4096;

  void skipped(std::string_view offer, std::string_view why);
  // It isn't well, and others are asked first.
  void left(std::string_view offer, const route::Health::Look& look);
  // It said that it takes no more for so long.
  void at_limit(std::string_view offer, milliseconds wait);
  // More than its share would go there; and it is asked all the same, for nobody else is left.
  void above_share(std::string_view offer);
  void bends(std::string_view offer);
  // An attempt began, so long after the request, at a price in picodollars (-1: not known).
  void tries(std::string_view offer, milliseconds at, int64_t price);
  // It failed.
  void failed(std::string_view offer, std::string_view code);

  // With that of the attempts under way as the one that answers.
  std::string header(std::string_view offer, milliseconds now) const;

 private:
  void add(std::string entry);
  struct Trying {
    std::string offer, entry;  // the beginning of it
  };
  std::string entries_;
  std::vector<Trying> trying_;  // one; two of a request that is hedged
  bool more_ = false;
};

}  // namespace hanse::gateway
