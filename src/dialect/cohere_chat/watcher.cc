// Answers that pass through untouched: each event is told by its name, and only the last one is parsed.
#include "dialect/body_watcher.h"
#include "dialect/cohere_chat/wire.h"
#include "dialect/frame/sse.h"

namespace hanse::cohere_chat {
namespace {

constexpr int kDepthMax = 64;

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    return parser_.feed(bytes, [&](sse::Event event) { return on_event(event); });
  }

 private:
  Result<void> on_event(sse::Event event) {
    if (event.name == "content-delta" || event.name == "tool-plan-delta" || event.name == "tool-call-start") {
      content_seen = true;
    } else if (event.name == "message-end") {
      auto root = json::scratch().parse(event.data, kDepthMax, json::Check::structure);
      if (!root) return fail(Code::malformed_reply, "an event of the provider is not JSON");
      update_usage(usage, (*root)["delta"]["usage"]);
      failed = is_failure((*root)["delta"]["finish_reason"].text().escaped);
      ended = !failed;
    } else if (event.name.empty() && event.data != "[DONE]") {
      failed = true;  // an error that came in place of an event
    }
    return {};
  }
  sse::Parser parser_;
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    read_usage(root["usage"]);
    failed = is_failure(root["finish_reason"].text().escaped);
    return root.is_object();
  }
  std::string_view usage_key() const override { return "usage"; }
  void read_usage(json::Value wire) override { update_usage(usage, wire); }
};

}  // namespace

std::unique_ptr<ReplyWatcher> make_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<WholeWatcher>();
}

}  // namespace hanse::cohere_chat
