// Answers that pass through untouched. What matters of a stream stands in its last event, which has the whole
// response in it; of the events before, only whether one has content is looked for.
#include "base/bytes.h"
#include "dialect/body_watcher.h"
#include "dialect/frame/sse.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {
namespace {

constexpr int kDepthMax = 128;

// Inside a JSON string each quote carries a backslash, so that these are words of the wire.
constexpr std::string_view kDelta = ".delta\"", kItemDone = "item.done\"";
constexpr std::string_view kEnds[] = {"se.completed\"", "e.incomplete\"", "onse.failed\"", "se.cancelled\"",
                                      "\"error\""};

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    if (bytes.empty()) return {};
    if (!is_field(bytes))
      return fail(Code::malformed_reply, "the provider's stream is not server-sent events");
    if (!content_seen)
      content_seen = find_bytes(bytes, kDelta) != kNotFound || find_bytes(bytes, kItemDone) != kNotFound;
    // The last event of what came at once, and the one before it: a server may say [DONE] all the same.
    for (int line = 0; line < kLinesSeen && !bytes.empty();) {
      size_t end = bytes.find_last_of("\r\n");
      std::string_view last = end == bytes.npos ? bytes : bytes.substr(end + 1);
      bytes = bytes.substr(0, end == bytes.npos ? 0 : end);
      if (!last.starts_with("data:")) continue;
      if (is_cut_object(last.substr(5)))
        return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
      look_at(last.substr(5));
      ++line;
    }
    return {};
  }

 private:
  static constexpr int kLinesSeen = 3;

  static bool is_field(std::string_view bytes) {
    size_t at = bytes.find_first_not_of("\r\n\xEF\xBB\xBF");
    if (at == std::string_view::npos) return true;
    for (std::string_view field : {"event:", "data:", "data\n", "data\r", ":", "id:", "retry:"})
      if (bytes.substr(at).starts_with(field)) return true;
    return false;
  }

  void look_at(std::string_view data) {
    for (std::string_view mark : kEnds)
      if (find_bytes(data, mark) != kNotFound) return read(data);
  }

  void read(std::string_view data) {
    auto root = json::scratch().parse(data, kDepthMax, json::Check::structure);
    if (!root || !root->is_object()) {
      failed = true;
      return;
    }
    const std::string_view type = (*root)["type"].text().escaped;
    json::Value response = (*root)["response"];
    if (type == "error" || (type.empty() && (*root)["error"].present())) failed = true;
    if (type == "response.failed" || type == "response.cancelled") failed = true;
    if (type == "response.completed" || type == "response.incomplete") {
      content_seen = content_seen || response["output"].size() > 0;
      ended = true;
    }
    if (ended || failed) update_usage(usage, response["usage"]);
  }
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    json::Value found = root["usage"];
    if (found.is_object()) read_usage(found);
    // One that was asked to go on in the background has no output yet, and is an answer all the same.
    failed = root["error"].present() || !root["output"].is_array();
    return true;
  }
  std::string_view usage_key() const override { return "usage"; }
  void read_usage(json::Value wire) override { update_usage(usage, wire); }
};

}  // namespace

std::unique_ptr<ReplyWatcher> make_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<WholeWatcher>();
}

}  // namespace hanse::openai_responses
