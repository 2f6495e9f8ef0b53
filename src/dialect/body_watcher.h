// Whole answers that pass through untouched, for every dialect whose answer is one JSON object. A dialect
// says how an answer of its own is known and where its usage stands:
//
//   class ChatBodyWatcher final : public BodyWatcher {
//     bool judge(json::Value root) override;                  // an answer (or error) of this dialect?
//     std::string_view usage_key() const override { return "usage"; }
//     void read_usage(json::Value usage) override;
//   };
//
// Most bodies come in one piece. Of others the pieces are kept, and looked at once, at their end; of huge
// ones only the last pieces, where the usage stands, so that no answer costs more memory than kHeldBytesMax.
#pragma once

#include <string>

#include "dialect/body_end.h"
#include "dialect/dialect.h"

namespace hanse {

class BodyWatcher : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override;

  static constexpr size_t kHeldBytesMax = 4 * 1024 * 1024;
  static constexpr size_t kTailBytes = 64 * 1024;

 private:
  // Whether the object is what this dialect answers with; sets usage, and `failed` for an error.
  virtual bool judge(json::Value root) = 0;
  // The name of the member that holds the usage, and what it says.
  virtual std::string_view usage_key() const = 0;
  virtual void read_usage(json::Value usage) = 0;

  bool look_at(std::string_view body);
  void read_usage_of_tail();

  BodyEnd end_;
  std::string held_;
  bool first_ = true;
  bool cut_ = false;
  bool judged_ = false;
};

}  // namespace hanse
