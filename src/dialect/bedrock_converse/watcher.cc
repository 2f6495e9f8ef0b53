// Answers that pass through untouched: each frame is checked and told by its headers, and only the two that
// end an answer are parsed.
#include "dialect/bedrock_converse/wire.h"
#include "dialect/body_watcher.h"
#include "dialect/frame/event_stream.h"
#include "dialect/frame/sse.h"

namespace hanse::bedrock_converse {
namespace {

constexpr int kDepthMax = 128;

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    TRY_VOID(parser_.feed(bytes, [this](const event_stream::Message& message) { return on_frame(message); }));
    ended = stopped_ && parser_.between_frames();
    return {};
  }

 private:
  Result<void> on_frame(const event_stream::Message& message) {
    std::string_view event = message.text(":event-type"), kind = message.text(":message-type");
    if (kind == "exception" || kind == "error") {
      failed = true;
    } else if (!kind.empty() && kind != "event") {
      ++unknown_events;
    } else if (event == "contentBlockDelta" || event == "contentBlockStart") {
      if (is_cut_object(message.payload))
        return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
      content_seen = true;
    } else if (event == "messageStop" || event == "metadata") {
      auto root = json::scratch().parse(message.payload, kDepthMax, json::Check::structure);
      if (!root || !root->is_object())
        return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
      stopped_ = stopped_ || !(*root)["stopReason"].text().empty();
      update_usage(usage, (*root)["usage"]);
    } else if (event != "messageStart" && event != "contentBlockStop") {
      ++unknown_events;
    }
    return {};
  }

  event_stream::Parser parser_;
  bool stopped_ = false;
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    read_usage(root["usage"]);
    failed = !root["output"]["message"]["content"].is_array();
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

}  // namespace hanse::bedrock_converse
